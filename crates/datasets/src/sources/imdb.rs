//! The Large Movie Review Dataset: 25,000 training and 25,000 test reviews of films, half of them
//! positive, as token ids.
//!
//! Maas, Daly, Pham, Huang, Ng and Potts, "Learning Word Vectors for Sentiment Analysis" (2011).
//! Texts are split into words as by Keras's `Tokenizer`, and words are numbered as by `imdb.load_data`:
//! by their frequency in the training split. Words of equal frequency are sorted by their bytes, so
//! that the ids are the same everywhere.

mod archive;
mod folder;
mod gathering;
mod texts;

use std::io::Read;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use spec::{DataSpec, Fraction, Problem};

use self::texts::{ARCHIVE, Texts, load_through};
use crate::dataset::Dataset;
use crate::error::DataError;
use crate::preprocessing::Preprocessing;
use crate::progress::Progress;
use crate::published::server;
use crate::settings::{SequenceLength, VocabularySize};
use crate::source::{Location, Places, Published, Source, Validation, Verified};
use crate::text::encoded::EncodedTexts;
use crate::text::encoding::Encoding;
use crate::{cache, described, settings};

/// Film reviews, positive or negative: 25,000 for training, 25,000 for the test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Imdb {
    /// The number of token ids: padding, start, unknown, one unused, then the most frequent words.
    #[serde(default = "settings::vocabulary_size")]
    pub vocabulary_size: VocabularySize,
    /// Tokens per review: longer reviews keep their last tokens, shorter ones are padded at the front.
    #[serde(default = "settings::sequence_length")]
    pub sequence_length: SequenceLength,
    /// The fraction of the training set, from its end, to hold out for validation.
    #[serde(default = "settings::validation_fraction")]
    pub validation_fraction: Fraction,
    /// Whether to validate on the test set. If validation is then used to choose among models or
    /// epochs, the test score is biased.
    #[serde(default)]
    pub validate_on_test: bool,
}

impl Imdb {
    fn encoding(&self) -> Encoding {
        settings::encoding(self.vocabulary_size, self.sequence_length)
    }
}

impl Source for Imdb {
    fn check(&self) -> Result<(), Problem> {
        settings::one_validation(self.validation_fraction, self.validate_on_test)
    }

    fn spec(&self) -> Option<DataSpec> {
        Some(described::reviews(self.encoding()))
    }

    fn validation(&self) -> Validation {
        settings::validation(self.validation_fraction, self.validate_on_test)
    }

    fn load(
        &self,
        places: &Places,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Dataset, DataError> {
        let mut reviews = load(places.published, &self.encoding(), on_progress)?;
        let validation = reviews
            .train
            .hold_out_last(self.validation_fraction.get())?;
        Ok(Dataset {
            name: "imdb".to_owned(),
            spec: described::reviews(self.encoding()),
            train: reviews.train,
            validation,
            test: reviews.test,
            preprocessing: Preprocessing::Vocabulary(reviews.vocabulary),
            noticed: None,
            splits: None,
        })
    }

    fn published() -> Option<&'static dyn Published> {
        Some(&Files)
    }
}

/// The authors' server. `HEARTH_IMDB_URL` overrides it.
const SERVER: &str = "https://ai.stanford.edu/~amaas/data/sentiment";

/// Loads the reviews. Reviews that were encoded before, in the same way and from the same files, come
/// from the cache.
fn load(
    location: &Location,
    encoding: &Encoding,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<EncodedTexts, DataError> {
    let (texts, sha256) = match location {
        Location::Folder(_) | Location::Offline => {
            let texts = Texts::at(location)?;
            let sha256 = texts.sha256()?;
            (texts, sha256)
        }
        // Fetching has verified the published checksum.
        Location::Cache => {
            let archive = Files.fetch(on_progress)?.join(ARCHIVE.name);
            (Texts::Archive(archive), ARCHIVE.sha256.to_owned())
        }
    };
    // The cache only saves time: without one, the reviews are still read.
    let encoded = cache::folder()
        .ok()
        .map(|folder| folder.join("imdb/encoded"));
    load_through(encoded.as_deref(), &texts, &sha256, encoding)
}

struct Files;

impl Published for Files {
    fn fetch(&self, on_progress: &mut dyn FnMut(Progress)) -> Result<PathBuf, DataError> {
        let folder = cache::folder()?.join("imdb");
        let server = server("HEARTH_IMDB_URL", SERVER);
        ARCHIVE.fetch(&folder, &server, on_progress)?;
        Ok(folder)
    }

    fn verify(&self, location: &Location) -> Result<Vec<Verified>, DataError> {
        let texts = Texts::at(location)?;
        let (corpus, sha256) = texts.read()?;
        Ok(vec![Verified {
            examples: corpus.examples(),
            original: ARCHIVE.is(&sha256),
            sha256,
            path: texts.path().to_owned(),
        }])
    }
}

/// Reads and encodes the reviews of an archive, without a cache. `path` is the archive's name in
/// errors.
///
/// # Errors
///
/// If the content is not such an archive, is damaged or too large.
pub fn read_archive(
    file: impl Read,
    path: &Path,
    encoding: &Encoding,
) -> Result<EncodedTexts, DataError> {
    Ok(archive::read_from(file, path)?.encode(encoding))
}

#[cfg(test)]
mod tests {
    use super::archive::tests::{MEMBERS, packed};
    use super::texts::tests::data_folder;
    use super::*;
    use crate::checksum::sha256_of;

    #[test]
    fn verifies_archives_and_folders() {
        let folder = data_folder(&packed(&MEMBERS));
        let location = Location::Folder(folder.path().to_owned());
        let verified = Files.verify(&location).unwrap();
        assert_eq!(
            verified[0].path,
            folder.path().join("imdb/aclImdb_v1.tar.gz")
        );
        assert_eq!((verified[0].examples, verified[0].original), (8, false));
        assert_eq!(verified[0].sha256, sha256_of(&verified[0].path).unwrap());
    }
}
