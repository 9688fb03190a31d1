//! The statistics behind a comparison: pure functions of numbers, with distributions from `statrs`.
//! A difference between two groups is the group's value minus the baseline's.

mod deviation_interval;
mod effect;
mod fisher;
mod holm;
mod interval;
mod looks;
mod mcnemar;
mod moments;
mod permutation;
mod sample_size;
mod selection;
mod shapley;
mod t_test;
mod two_way;
mod verdict;

pub use deviation_interval::deviation_interval;
pub use effect::{cohen_d_z, hedges_g, superiority};
pub use fisher::{Failed, fisher};
pub use holm::holm;
pub use interval::Interval;
pub use looks::{level_of_looks, planned_looks};
pub use mcnemar::Discordant;
pub use moments::{MeanAndDeviation, Pairs, deviation, mean, rounding};
pub use permutation::{MOST_FLIPPED, MOST_LABELLINGS, Permutation, relabelling, sign_flips};
pub use sample_size::{Chances, MOST_SEEDS, POWER, Spread};
pub use selection::{Candidate, Optimism, optimism};
pub use shapley::shapley;
pub use t_test::TTest;
pub use two_way::{Rows, TwoWay};
pub use verdict::{ALPHA, Evidence, Verdict};
