//! The Large Movie Review Dataset: 25,000 training and 25,000 test reviews of films, half of them
//! positive, as numbers of words.
//!
//! Maas, Daly, Pham, Huang, Ng and Potts, "Learning Word Vectors for Sentiment Analysis" (2011).
//! Words are found and numbered as Keras's `Tokenizer` and `imdb.load_data` do: by how often the
//! training split has them. Words that it has equally often are in the order of their bytes, so
//! that the ranks are the same everywhere.

mod archive;
mod folder;
mod gathering;

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::checksum::sha256_of;
use crate::corpus::Corpus;
use crate::published::{Published, server};
use crate::{DataError, Encoding, Location, Progress, Reviews, Verified, cache, encoded};

/// The authors' server; `HEARTH_IMDB_URL` names another.
const SERVER: &str = "https://ai.stanford.edu/~amaas/data/sentiment";

const ARCHIVE: Published = Published {
    name: "aclImdb_v1.tar.gz",
    bytes: 84_125_825,
    sha256: "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
    sha256_unpacked: "50a9087d48c12f91ad5166f66d4d8ad035dc1a3074c08929412dc95cb2a9e610",
};

/// As it stands in results.
const NAME: &str = "imdb";

/// Reads the data set; from the cache's location it is downloaded first where it is missing or
/// damaged. What was encoded before, the same way and from the same files, comes from the cache.
///
/// # Errors
///
/// When it is missing, damaged, of another format, or cannot be downloaded.
pub fn load(
    location: &Location,
    encoding: &Encoding,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<Reviews, DataError> {
    let (source, sha256) = match location {
        Location::Folder(folder) => {
            let source = Source::within(folder)?;
            let sha256 = source.sha256()?;
            (source, sha256)
        }
        // What was fetched is known to have the published checksum.
        Location::Cache => {
            let folder = fetch(on_progress)?;
            (
                Source::Archive(folder.join(ARCHIVE.name)),
                ARCHIVE.sha256.to_owned(),
            )
        }
    };
    // The cache only saves time: reviews that a person has are read without one, too.
    let encoded = cache::folder()
        .ok()
        .map(|folder| folder.join("imdb/encoded"));
    load_through(encoded.as_deref(), &source, &sha256, encoding)
}

/// Downloads the archive where the cache lacks it, and gives the cache's folder.
///
/// # Errors
///
/// When the download fails; what was there stays.
pub fn fetch(on_progress: &mut dyn FnMut(Progress)) -> Result<PathBuf, DataError> {
    let folder = cache::folder()?.join("imdb");
    let server = server("HEARTH_IMDB_URL", SERVER);
    ARCHIVE.fetch(&folder, &server, on_progress)?;
    Ok(folder)
}

/// Reads all reviews, downloads nothing.
///
/// # Errors
///
/// As for [`load`]; a cache that was never filled counts as missing.
pub fn verify(location: &Location) -> Result<Vec<Verified>, DataError> {
    let source = match location {
        Location::Folder(folder) => Source::within(folder)?,
        Location::Cache => Source::within(&cache::folder()?)?,
    };
    let sha256 = source.sha256()?;
    Ok(vec![Verified {
        examples: source.read()?.examples(),
        original: ARCHIVE.is(&sha256),
        sha256,
        path: source.path().to_owned(),
    }])
}

/// The encoded reviews of the archive that is called `path`; what [`load`] does without a cache.
///
/// # Errors
///
/// When it is no such archive, damaged or too large.
pub fn read_archive(
    file: impl Read,
    path: &Path,
    encoding: &Encoding,
) -> Result<Reviews, DataError> {
    Ok(archive::read_from(file, path)?.encode(NAME, encoding))
}

/// Encoded reviews from the folder of such, or from the source, and then put there for next time.
fn load_through(
    encoded: Option<&Path>,
    source: &Source,
    sha256: &str,
    encoding: &Encoding,
) -> Result<Reviews, DataError> {
    let path = encoded.map(|folder| encoded::path(folder, sha256, encoding));
    let before = path.as_deref();
    if let Some(reviews) = before.and_then(|path| encoded::read(path, NAME, encoding)) {
        return Ok(reviews);
    }
    let reviews = source.read()?.encode(NAME, encoding);
    if let Some(path) = path {
        // Next time it takes as long again, no more.
        let _ = encoded::write(&path, &reviews);
    }
    Ok(reviews)
}

/// Where the texts are.
enum Source {
    Archive(PathBuf),
    Folder(PathBuf),
}

impl Source {
    /// The archive, or what was unpacked from it, in a data folder.
    fn within(folder: &Path) -> Result<Self, DataError> {
        let archive = folder.join("imdb").join(ARCHIVE.name);
        let unpacked = [folder.join("imdb/aclImdb"), folder.join("aclImdb")];
        match archive.is_file() {
            true => Ok(Self::Archive(archive)),
            false => match unpacked.into_iter().find(|folder| folder.is_dir()) {
                Some(unpacked) => Ok(Self::Folder(unpacked)),
                None => Err(DataError::Missing {
                    path: archive,
                    remedy: "put the archive of reviews there, or its folder aclImdb beside it",
                }),
            },
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Archive(path) | Self::Folder(path) => path,
        }
    }

    fn sha256(&self) -> Result<String, DataError> {
        match self {
            Self::Archive(path) => sha256_of(path),
            Self::Folder(path) => folder::sha256_of(path),
        }
    }

    fn read(&self) -> Result<Corpus, DataError> {
        match self {
            Self::Archive(path) => archive::read(path),
            Self::Folder(path) => folder::read(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::Instant;

    use flate2::read::MultiGzDecoder;
    use tar::Archive;

    use super::archive::tests::{MEMBERS, packed};
    use super::folder::tests::unpack;
    use super::gathering::{GROUPS, Place};
    use super::*;

    const ENCODING: Encoding = Encoding {
        vocabulary_size: 9,
        sequence_length: 4,
    };

    /// A data folder with the archive.
    fn data_folder(archive: &[u8]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("imdb")).unwrap();
        std::fs::write(folder.path().join("imdb").join(ARCHIVE.name), archive).unwrap();
        folder
    }

    /// Loads what is in the data folder through a cache.
    fn load_from(data: &Path, encoded: Option<&Path>) -> Result<Reviews, String> {
        let source = Source::within(data).map_err(|error| error.to_string())?;
        let sha256 = source.sha256().map_err(|error| error.to_string())?;
        load_through(encoded, &source, &sha256, &ENCODING).map_err(|error| error.to_string())
    }

    /// The one file in a folder.
    fn only_file(folder: &Path) -> PathBuf {
        let files: Vec<_> = std::fs::read_dir(folder).unwrap().collect();
        assert_eq!(files.len(), 1, "{files:?}");
        files[0].as_ref().unwrap().path()
    }

    #[test]
    fn reads_the_archive() {
        let folder = data_folder(&packed(&MEMBERS));
        let Reviews { sets, vocabulary } = load_from(folder.path(), None).unwrap();
        // "a", "film" and then "good" are there most often; of the words that are there twice "br"
        // and "dull" come first.
        let words = "<pad>\n<start>\n<unknown>\n<unused>\na\nfilm\nbr\ndull\ngood\n";
        assert_eq!(vocabulary.to_text(), words);
        assert_eq!(sets.name, "imdb");
        assert_eq!(sets.train.labels(), [0, 1, 0, 1]);
        let train = [[4, 7, 7, 5], [2, 4, 8, 5], [0, 1, 2, 8], [6, 6, 2, 2]];
        assert_eq!(sets.train.tokens(), train.as_flattened());
        let test = [[1, 7, 2, 2], [0, 0, 1, 8], [0, 0, 0, 1], [0, 1, 2, 8]];
        assert_eq!(sets.test.tokens(), test.as_flattened());
        assert_eq!(sets.test.labels(), [0, 1, 0, 1]);
    }

    #[test]
    fn neither_the_archives_order_nor_unpacking_it_changes_anything() {
        let folder = data_folder(&packed(&MEMBERS));
        let expected = load_from(folder.path(), None).unwrap();
        let mut members = MEMBERS;
        members.reverse();
        let reversed = data_folder(&packed(&members));
        assert_eq!(load_from(reversed.path(), None).unwrap(), expected);

        let unpacked = tempfile::tempdir().unwrap();
        unpack(unpacked.path());
        assert_eq!(load_from(unpacked.path(), None).unwrap(), expected);
        unpack(&unpacked.path().join("imdb"));
        let source = Source::within(unpacked.path()).unwrap();
        assert!(source.path().ends_with("imdb/aclImdb"));
        assert_eq!(load_from(unpacked.path(), None).unwrap(), expected);
    }

    #[test]
    fn a_folder_without_reviews_is_told_where_they_go() {
        let folder = tempfile::tempdir().unwrap();
        let error = load_from(folder.path(), None).unwrap_err();
        assert!(
            error.contains("imdb/aclImdb_v1.tar.gz: not there; put"),
            "{error}"
        );
        assert!(error.contains("--data-dir"), "{error}");
    }

    #[test]
    fn what_was_encoded_before_comes_from_the_cache() {
        let data = data_folder(&packed(&MEMBERS));
        let cache = tempfile::tempdir().unwrap();
        let encoded = cache.path().join("encoded");
        let first = load_from(data.path(), Some(&encoded)).unwrap();
        let file = only_file(&encoded);
        let content = std::fs::read(&file).unwrap();

        // Used: the source is not even there.
        let source = Source::within(data.path()).unwrap();
        let sha256 = source.sha256().unwrap();
        let gone = Source::Archive(data.path().join("gone"));
        let again = load_through(Some(&encoded), &gone, &sha256, &ENCODING);
        assert_eq!(again.unwrap(), first);

        // Damaged: not used, and replaced.
        for damaged in [&content[..100], b"", &[&content[..], b"more"].concat()] {
            std::fs::write(&file, damaged).unwrap();
            assert_eq!(load_from(data.path(), Some(&encoded)).unwrap(), first);
            assert_eq!(std::fs::read(only_file(&encoded)).unwrap(), content);
        }

        // Another source: another file.
        let other = data_folder(&packed(&MEMBERS[1..]));
        load_from(other.path(), Some(&encoded)).unwrap();
        assert_eq!(std::fs::read_dir(&encoded).unwrap().count(), 2);
    }

    #[test]
    fn a_cache_that_cannot_be_written_is_done_without() {
        let data = data_folder(&packed(&MEMBERS));
        let no_folder = tempfile::NamedTempFile::new().unwrap();
        for encoded in [no_folder.path().to_owned(), no_folder.path().join("below")] {
            let reviews = load_from(data.path(), Some(&encoded));
            assert_eq!(reviews, load_from(data.path(), None));
        }
    }

    #[test]
    fn a_wrong_archive_leaves_nothing_in_the_cache() {
        let whole = packed(&MEMBERS);
        let cache = tempfile::tempdir().unwrap();
        for wrong in [&whole[..whole.len() - 1], &packed(&MEMBERS[3..])] {
            let data = data_folder(wrong);
            load_from(data.path(), Some(&cache.path().join("encoded"))).unwrap_err();
        }
        assert_eq!(std::fs::read_dir(cache.path()).unwrap().count(), 0);
    }

    #[test]
    fn verifies_archives_and_folders() {
        let folder = data_folder(&packed(&MEMBERS));
        let location = Location::Folder(folder.path().to_owned());
        let verified = verify(&location).unwrap();
        assert_eq!(
            verified[0].path,
            folder.path().join("imdb/aclImdb_v1.tar.gz")
        );
        assert_eq!((verified[0].examples, verified[0].original), (8, false));
        assert_eq!(verified[0].sha256, sha256_of(&verified[0].path).unwrap());
    }

    const USUAL: Encoding = Encoding {
        vocabulary_size: 10_000,
        sequence_length: 200,
    };

    /// Where the real reviews are.
    fn real_source() -> Option<Source> {
        let folder = std::env::var_os("HEARTH_DATA_DIR");
        if folder.is_none() {
            println!("skipped: HEARTH_DATA_DIR is not set");
        }
        Some(Source::within(Path::new(&folder?)).unwrap())
    }

    #[test]
    fn the_real_reviews_are_encoded_as_keras_does() {
        let Some(source) = real_source() else { return };
        let cache = tempfile::tempdir().unwrap();
        let load = || {
            let start = Instant::now();
            let sha256 = source.sha256().unwrap();
            let reviews = load_through(Some(cache.path()), &source, &sha256, &USUAL);
            println!("loaded in {:.2} s", start.elapsed().as_secs_f64());
            reviews.unwrap()
        };
        let reviews = load();
        assert_eq!(load(), reviews);

        let Reviews { sets, vocabulary } = reviews;
        for set in [&sets.train, &sets.test] {
            assert_eq!(set.examples(), 25_000);
            let positive = set.labels().iter().filter(|&&label| label == 1).count();
            assert_eq!(positive, 12_500);
        }
        // As another program encodes the same texts by the same rules.
        assert_eq!(
            [sets.train.digest(), sets.test.digest()],
            [
                "sha256:482adb4dc4bc0f5021b018e70811ee41c3506b3bf3c20024e6a5c4c773debb37",
                "sha256:57f452f9c1e4ceea4ea99be9a6fe935226f2824a65c4ab0f14d5ce3a03284f6d",
            ]
        );
        // The first ranks are those of Keras's own index.
        assert_eq!(vocabulary.len(), 10_000);
        let ranks: Vec<i32> = (4..14).collect();
        let words = "the and a of to is br in it i";
        assert_eq!(vocabulary.encode(words, 10), ranks);
    }

    #[test]
    fn the_real_reviews_are_the_same_unpacked() {
        let Some(Source::Archive(path)) = real_source() else {
            return;
        };
        let expected = load_through(None, &Source::Archive(path.clone()), "", &USUAL);
        let folder = tempfile::tempdir().unwrap();
        for (group, ..) in GROUPS {
            std::fs::create_dir_all(folder.path().join("aclImdb").join(group)).unwrap();
        }
        let unzipped = MultiGzDecoder::new(File::open(path).unwrap());
        for entry in Archive::new(unzipped).entries().unwrap() {
            let mut entry = entry.unwrap();
            let name = entry.path().unwrap().to_str().unwrap().to_owned();
            let below = name.strip_prefix("aclImdb/").unwrap_or_default();
            if Place::of(below).unwrap().is_some() {
                let mut file = File::create(folder.path().join(&name)).unwrap();
                std::io::copy(&mut entry, &mut file).unwrap();
            }
        }
        let source = Source::within(folder.path()).unwrap();
        assert_eq!(source.sha256().unwrap(), ARCHIVE.sha256_unpacked);
        let unpacked = load_through(None, &source, "", &USUAL);
        assert_eq!(unpacked.unwrap(), expected.unwrap());
    }
}
