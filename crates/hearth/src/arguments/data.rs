use clap::{Args, Subcommand, ValueEnum};

use super::DataDirArgument;

#[derive(Debug, Args)]
pub struct DataArguments {
    #[command(subcommand)]
    pub command: DataCommand,
}

#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// Download what the cache lacks, each file verified by its checksum
    #[command(after_help = "Example: hearth data fetch mnist")]
    Fetch(SetsArgument),
    /// Read the files and compare their checksums with the published ones
    #[command(after_help = "Example: hearth data verify imdb --data-dir data")]
    Verify {
        #[command(flatten)]
        sets: SetsArgument,
        #[command(flatten)]
        folder: DataDirArgument,
    },
}

#[derive(Debug, Args)]
pub struct SetsArgument {
    /// Data sets [default: all]
    #[arg(value_name = "SET")]
    sets: Vec<DataSet>,
}

impl SetsArgument {
    pub fn sets(&self) -> &[DataSet] {
        match self.sets.is_empty() {
            true => &DataSet::ALL,
            false => &self.sets,
        }
    }
}

/// The data sets that come from elsewhere.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum DataSet {
    Mnist,
    Imdb,
}

impl DataSet {
    pub const ALL: [Self; 2] = [Self::Mnist, Self::Imdb];
}
