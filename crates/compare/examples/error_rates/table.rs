//! Error rates, as a table.

use compare::statistics::{ALPHA, Failed, Verdict};
use compare::{Sample, verdicts};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rayon::prelude::*;

pub const DRAWS: u32 = 20_000;
pub const MARGIN: f64 = 0.002;

pub const DIFFERENT: [Verdict; 2] = [Verdict::Better, Verdict::Worse];

/// The groups of a family, each pair with its failed runs.
pub type Family = Vec<[(Sample, Failed); 2]>;

/// The mean of a figure over draws.
pub fn mean(draws: u32, seed: u64, figure: impl Fn(&mut StdRng) -> f64 + Sync) -> f64 {
    let figures = (0..draws)
        .into_par_iter()
        .map(|draw| figure(&mut StdRng::seed_from_u64(seed << 32 | u64::from(draw))));
    figures.sum::<f64>() / f64::from(draws)
}

/// The share of draws of a family in which a verdict is one of the `wanted` ones.
pub fn rate(draws: u32, wanted: &[Verdict], family: impl Fn(&mut StdRng) -> Family + Sync) -> f64 {
    mean(draws, 0, |random| {
        let found = verdicts(&family(random), MARGIN, ALPHA);
        f64::from(u8::from(
            found.iter().any(|verdict| wanted.contains(verdict)),
        ))
    })
}

/// Prints the rate of wrong verdicts in a family; see [`entry_of`].
pub fn entry(wrong: &[Verdict], family: impl Fn(&mut StdRng) -> Family + Sync) -> usize {
    entry_of(|random| {
        let found = verdicts(&family(random), MARGIN, ALPHA);
        found.iter().any(|verdict| wrong.contains(verdict))
    })
}

/// Prints the rate of wrong draws, marked if it is above 5 %. Returns 1 if it is, else 0.
pub fn entry_of(is_wrong: impl Fn(&mut StdRng) -> bool + Sync) -> usize {
    let is_above = |rate: f64, draws: u32| rate > 0.05 + 2.0 * (0.0475 / f64::from(draws)).sqrt();
    let rate =
        |draws: u32, seed: u64| mean(draws, seed, |random| f64::from(u8::from(is_wrong(random))));
    let mut found = rate(DRAWS, 0);
    let mut above = is_above(found, DRAWS);
    if above {
        found = rate(16 * DRAWS, 1);
        above = is_above(found, 16 * DRAWS);
    }
    print!("{:7.2}{}", 100.0 * found, if above { "*" } else { " " });
    usize::from(above)
}

/// Prints the title and the names of the columns.
pub fn heading(title: &str, columns: impl IntoIterator<Item = String>) {
    println!("\n{title}, %");
    print!("{:48}", "");
    for column in columns {
        print!("{column:>7} ");
    }
    println!();
}

/// Prints the name of a row.
pub fn row(name: String) {
    print!("{name:48}");
}
