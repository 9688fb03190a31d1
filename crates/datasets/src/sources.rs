//! The list of data sets that configs can name, with a module for each.

pub mod images;
pub mod imdb;
pub mod mnist;
pub mod synthetic_digits;
pub mod synthetic_reviews;
pub mod table;
pub mod texts;

use crate::source::{Published, Source};

/// Defines [`Data`] for a list of sources.
macro_rules! sources {
    ($($module:ident::$Config:ident,)+) => {
        spec::registry! {
            /// The data set and its split.
            pub enum Data: Source, "a data set", r#""mnist" or { "table": { "path": "penguins.csv", "label": "species" } }"# {
                $($module::$Config,)+ }
        }

        impl Data {
            /// The data sets that can be downloaded, with their names in configs.
            pub fn published() -> Vec<(&'static str, &'static dyn Published)> {
                let all = [
                    $((stringify!($module), <$module::$Config as Source>::published()),)+
                ];
                let published = all.into_iter();
                published.filter_map(|(name, files)| Some((name, files?))).collect()
            }
        }
    };
}

sources! {
    mnist::Mnist,
    synthetic_digits::SyntheticDigits,
    imdb::Imdb,
    synthetic_reviews::SyntheticReviews,
    images::Images,
    table::Table,
    texts::Texts,
}
