use std::path::{Path, PathBuf};

use super::gathering::GROUPS;
use super::{archive, folder};
use crate::cache;
use crate::checksum::sha256_of;
use crate::error::DataError;
use crate::published::PublishedFile;
use crate::source::Location;
use crate::text::corpus::Corpus;
use crate::text::encoded::EncodedTexts;
use crate::text::encoded_file;
use crate::text::encoding::Encoding;

/// The published archive.
pub(super) const ARCHIVE: PublishedFile = PublishedFile {
    name: "aclImdb_v1.tar.gz",
    bytes: 84_125_825,
    sha256: "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
    sha256_unpacked: "50a9087d48c12f91ad5166f66d4d8ad035dc1a3074c08929412dc95cb2a9e610",
};

/// Encodes the texts, whose checksum is `sha256`. If `encoded` is a folder, takes the encoded reviews
/// from there if possible, and otherwise stores them there.
pub(super) fn load_through(
    encoded: Option<&Path>,
    texts: &Texts,
    sha256: &str,
    encoding: &Encoding,
) -> Result<EncodedTexts, DataError> {
    let path = |sha256| encoded.map(|folder| encoded_file::path(folder, sha256, encoding));
    let before = path(sha256);
    if let Some(reviews) = before.and_then(|path| encoded_file::read(&path, encoding, 2)) {
        return Ok(reviews);
    }
    // Of the bytes that are read now: the file may have been replaced since.
    let (corpus, sha256) = texts.read()?;
    let reviews = corpus.encode(encoding);
    if let Some(path) = path(&sha256) {
        // If this fails, the texts are encoded again next time.
        let _ = encoded_file::write(&path, &reviews);
    }
    Ok(reviews)
}

/// The place of the texts.
pub(super) enum Texts {
    Archive(PathBuf),
    /// The unpacked archive.
    Folder(PathBuf),
}

/// Folders below a data folder that may be the unpacked archive: hearth's own, Keras's, and the folder
/// itself.
const UNPACKED: [&str; 6] = [
    "imdb/aclImdb",
    "aclImdb",
    "imdb/aclImdb_v1/aclImdb",
    "aclImdb_v1/aclImdb",
    "imdb",
    "",
];

impl Texts {
    pub fn at(location: &Location) -> Result<Self, DataError> {
        match location {
            Location::Folder(folder) => Self::within(folder),
            Location::Cache | Location::Offline => Self::within(&cache::folder()?),
        }
    }

    /// The archive in a data folder, or the unpacked archive there.
    fn within(folder: &Path) -> Result<Self, DataError> {
        let archives = ["imdb", ""].map(|place| folder.join(place).join(ARCHIVE.name));
        if let Some(archive) = archives.iter().find(|path| path.is_file()) {
            return Ok(Self::Archive(archive.clone()));
        }
        let mut unpacked = UNPACKED.iter().map(|place| folder.join(place));
        let has_reviews =
            |folder: &PathBuf| GROUPS.iter().any(|(group, ..)| folder.join(group).is_dir());
        if let Some(unpacked) = unpacked.find(has_reviews) {
            return Ok(Self::Folder(unpacked));
        }
        let mut pickles = ["imdb.npz", "imdb/imdb.npz"]
            .iter()
            .map(|name| folder.join(name));
        if let Some(pickle) = pickles.find(|path| path.is_file()) {
            let problem = "a Python pickle, which can run code as it is read and holds no texts; use \
                           the archive aclImdb_v1.tar.gz instead";
            return Err(DataError::own(&pickle, problem));
        }
        let [archive, _] = archives;
        Err(DataError::Missing {
            path: archive,
            remedy: "put the archive of reviews there or its folder aclImdb beside it",
        })
    }

    pub fn path(&self) -> &Path {
        match self {
            Self::Archive(path) | Self::Folder(path) => path,
        }
    }

    /// The checksum of the archive, or of the unpacked reviews.
    pub fn sha256(&self) -> Result<String, DataError> {
        match self {
            Self::Archive(path) => sha256_of(path),
            Self::Folder(path) => folder::sha256_of(path),
        }
    }

    /// Reads the texts. Also returns the checksum of what was read.
    pub fn read(&self) -> Result<(Corpus, String), DataError> {
        match self {
            Self::Archive(path) => archive::read(path),
            Self::Folder(path) => folder::read(path),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::fs::File;
    use std::time::Instant;

    use flate2::read::MultiGzDecoder;
    use tar::Archive;

    use super::super::gathering::ReviewId;
    use super::archive::tests::{MEMBERS, packed};
    use super::folder::tests::unpack;
    use super::*;

    const ENCODING: Encoding = Encoding {
        vocabulary_size: 9,
        sequence_length: 4,
    };

    /// A data folder with the archive.
    pub fn data_folder(archive: &[u8]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("imdb")).unwrap();
        std::fs::write(folder.path().join("imdb").join(ARCHIVE.name), archive).unwrap();
        folder
    }

    /// Loads the reviews of a data folder through a cache.
    fn load_from(data: &Path, encoded: Option<&Path>) -> Result<EncodedTexts, String> {
        let source = Texts::within(data).map_err(|error| error.to_string())?;
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
        let EncodedTexts {
            train: found,
            test: other,
            vocabulary,
            ..
        } = load_from(folder.path(), None).unwrap();
        // "a" and "film" are the most frequent. "br", "dull" and "good" come next: they occur twice
        // and are sorted.
        let words = "<pad>\n<start>\n<unknown>\n<unused>\na\nfilm\nbr\ndull\ngood\n";
        assert_eq!(vocabulary.to_text(), words);
        assert_eq!(found.labels(), [0, 1, 0, 1]);
        let train = [[4, 7, 7, 5], [2, 4, 8, 5], [0, 1, 2, 8], [6, 6, 2, 2]];
        assert_eq!(found.tokens().unwrap(), train.as_flattened());
        let test = [[1, 7, 2, 2], [0, 0, 1, 8], [0, 0, 0, 1], [0, 1, 2, 8]];
        assert_eq!(other.tokens().unwrap(), test.as_flattened());
        assert_eq!(other.labels(), [0, 1, 0, 1]);
    }

    #[test]
    fn the_archives_order_and_unpacking_it_do_not_matter() {
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
        let source = Texts::within(unpacked.path()).unwrap();
        assert!(source.path().ends_with("imdb/aclImdb"));
        assert_eq!(load_from(unpacked.path(), None).unwrap(), expected);
    }

    #[test]
    fn an_error_says_where_the_reviews_belong() {
        let folder = tempfile::tempdir().unwrap();
        let error = load_from(folder.path(), None).unwrap_err();
        assert!(
            error.contains("imdb/aclImdb_v1.tar.gz: not found; put"),
            "{error}"
        );
        assert!(error.contains("--data-dir"), "{error}");
    }

    #[test]
    fn encoded_reviews_come_from_the_cache() {
        let data = data_folder(&packed(&MEMBERS));
        let cache = tempfile::tempdir().unwrap();
        let encoded = cache.path().join("encoded");
        let first = load_from(data.path(), Some(&encoded)).unwrap();
        let file = only_file(&encoded);
        let content = std::fs::read(&file).unwrap();

        // The cache is used: the source does not even exist.
        let source = Texts::within(data.path()).unwrap();
        let sha256 = source.sha256().unwrap();
        let gone = Texts::Archive(data.path().join("gone"));
        let again = load_through(Some(&encoded), &gone, &sha256, &ENCODING);
        assert_eq!(again.unwrap(), first);

        // A damaged file is not used but replaced.
        for damaged in [&content[..100], b"", &[&content[..], b"more"].concat()] {
            std::fs::write(&file, damaged).unwrap();
            assert_eq!(load_from(data.path(), Some(&encoded)).unwrap(), first);
            assert_eq!(std::fs::read(only_file(&encoded)).unwrap(), content);
        }

        // Another source has another file.
        let other = data_folder(&packed(&MEMBERS[1..]));
        load_from(other.path(), Some(&encoded)).unwrap();
        assert_eq!(std::fs::read_dir(&encoded).unwrap().count(), 2);
    }

    #[test]
    fn an_encoding_belongs_to_the_bytes_it_was_made_from() {
        let data = data_folder(&packed(&MEMBERS));
        let cache = tempfile::tempdir().unwrap();
        let texts = Texts::within(data.path()).unwrap();
        // As if the archive had been replaced after its checksum was computed.
        load_through(Some(cache.path()), &texts, "of another", &ENCODING).unwrap();
        let own = texts.sha256().unwrap();
        let path = encoded_file::path(cache.path(), &own, &ENCODING);
        assert_eq!(only_file(cache.path()), path);
    }

    #[test]
    fn a_cache_that_cannot_be_written_does_no_harm() {
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

    const USUAL: Encoding = Encoding {
        vocabulary_size: 10_000,
        sequence_length: 200,
    };

    /// The real reviews.
    fn real_source() -> Option<Texts> {
        let folder = std::env::var_os("HEARTH_DATA_DIR");
        if folder.is_none() {
            println!("skipped: HEARTH_DATA_DIR is not set");
        }
        Some(Texts::within(Path::new(&folder?)).unwrap())
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

        let EncodedTexts {
            train,
            test,
            vocabulary,
            ..
        } = reviews;
        for set in [&train, &test] {
            assert_eq!(set.len(), 25_000);
            let positive = set.labels().iter().filter(|&&label| label == 1).count();
            assert_eq!(positive, 12_500);
        }
        // Computed by another program with the same rules.
        assert_eq!(
            [train.digest(), test.digest()],
            [
                "sha256:482adb4dc4bc0f5021b018e70811ee41c3506b3bf3c20024e6a5c4c773debb37",
                "sha256:57f452f9c1e4ceea4ea99be9a6fe935226f2824a65c4ab0f14d5ce3a03284f6d",
            ]
        );
        // The first ranks of Keras's own index.
        assert_eq!(vocabulary.len(), 10_000);
        let ranks: Vec<i32> = (4..14).collect();
        let words = "the and a of to is br in it i";
        assert_eq!(vocabulary.encode(words, 10), ranks);
    }

    #[test]
    fn the_real_reviews_are_the_same_unpacked() {
        let Some(Texts::Archive(path)) = real_source() else {
            return;
        };
        let expected = load_through(None, &Texts::Archive(path.clone()), "", &USUAL);
        let folder = tempfile::tempdir().unwrap();
        for (group, ..) in GROUPS {
            std::fs::create_dir_all(folder.path().join("aclImdb").join(group)).unwrap();
        }
        let unzipped = MultiGzDecoder::new(File::open(path).unwrap());
        for entry in Archive::new(unzipped).entries().unwrap() {
            let mut entry = entry.unwrap();
            let name = entry.path().unwrap().to_str().unwrap().to_owned();
            let below = name.strip_prefix("aclImdb/").unwrap_or_default();
            if ReviewId::of(below).unwrap().is_some() {
                let mut file = File::create(folder.path().join(&name)).unwrap();
                std::io::copy(&mut entry, &mut file).unwrap();
            }
        }
        let source = Texts::within(folder.path()).unwrap();
        assert_eq!(source.sha256().unwrap(), ARCHIVE.sha256_unpacked);
        let unpacked = load_through(None, &source, "", &USUAL);
        assert_eq!(unpacked.unwrap(), expected.unwrap());
    }
}
