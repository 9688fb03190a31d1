use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::gathering::{ENOUGH, GROUPS, Gathering, ReviewId};
use crate::checksum::hex;
use crate::error::DataError;
use crate::text::corpus::Corpus;

/// Reads the reviews of an unpacked archive. Also returns the hash that [`sha256_of`] gives for what was
/// read.
pub(super) fn read(folder: &Path) -> Result<(Corpus, String), DataError> {
    let mut gathering = Gathering::default();
    let mut hash = Sha256::new();
    for_each_review(folder, |name, review, text| {
        update(&mut hash, name, text);
        gathering.add(name, review, text)
    })?;
    let corpus = gathering
        .finish()
        .map_err(|problem| DataError::malformed(folder, problem))?;
    Ok((corpus, hex(&hash.finalize())))
}

/// The SHA-256 of the reviews' names and texts.
pub(super) fn sha256_of(folder: &Path) -> Result<String, DataError> {
    let mut hash = Sha256::new();
    for_each_review(folder, |name, _, text| {
        update(&mut hash, name, text);
        Ok(())
    })?;
    Ok(hex(&hash.finalize()))
}

fn update(hash: &mut Sha256, name: &str, text: &[u8]) {
    hash.update(name);
    // With the length, so that the end of a text cannot be confused with the next name.
    hash.update((text.len() as u64).to_le_bytes());
    hash.update(text);
}

/// Calls `action` with each review's name below the folder, its id and its text, sorted by name.
fn for_each_review(
    folder: &Path,
    mut action: impl FnMut(&str, ReviewId, &[u8]) -> Result<(), String>,
) -> Result<(), DataError> {
    let malformed = |problem| DataError::malformed(folder, problem);
    let mut text = Vec::new();
    for name in names(folder)? {
        let Some(review) = ReviewId::of(&name).map_err(malformed)? else {
            continue;
        };
        let path = folder.join(&name);
        let file = File::open(&path).map_err(DataError::io(&path))?;
        text.clear();
        file.take(ENOUGH)
            .read_to_end(&mut text)
            .map_err(DataError::io(&path))?;
        action(&name, review, &text).map_err(malformed)?;
    }
    Ok(())
}

/// The names of the files in the folders of reviews, sorted, since folders have no fixed order.
fn names(folder: &Path) -> Result<Vec<String>, DataError> {
    let mut names = Vec::new();
    for (group, ..) in GROUPS {
        let path = folder.join(group);
        let entries = match std::fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(DataError::io(&path)(error)),
        };
        for entry in entries {
            let entry = entry.map_err(DataError::io(&path))?;
            if entry.path().is_file() {
                names.push(format!("{group}/{}", entry.file_name().to_string_lossy()));
            }
        }
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::sources::imdb::archive::tests::MEMBERS;

    /// Writes the members to the subfolder `aclImdb` and returns its path.
    pub(crate) fn unpack(folder: &Path) -> PathBuf {
        let root = folder.join("aclImdb");
        for (name, content) in MEMBERS {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        root
    }

    #[test]
    fn the_checksum_covers_only_the_reviews() {
        let folder = tempfile::tempdir().unwrap();
        let root = unpack(folder.path());
        let before = sha256_of(&root).unwrap();
        std::fs::write(root.join("README"), "other").unwrap();
        std::fs::create_dir(root.join("train/pos/more")).unwrap();
        assert_eq!(sha256_of(&root).unwrap(), before);

        std::fs::rename(
            root.join("train/neg/0_3.txt"),
            root.join("train/neg/0_4.txt"),
        )
        .unwrap();
        let renamed = sha256_of(&root).unwrap();
        std::fs::write(root.join("train/neg/0_4.txt"), "other").unwrap();
        let rewritten = sha256_of(&root).unwrap();
        assert!(before != renamed && renamed != rewritten);
    }

    #[test]
    fn errors_name_the_problem() {
        let cases: [(&str, &[u8], &str); 4] = [
            (
                "train/pos/2.txt",
                b"",
                "train/pos/2.txt: not named <id>_<rating>.txt",
            ),
            (
                "train/pos/2_9.txt",
                b"\xff",
                "train/pos/2_9.txt: not UTF-8 from byte 0 on",
            ),
            (
                "train/pos/2_9.txt",
                &[b'a'; (1 << 20) + 1],
                "train/pos/2_9.txt: over 1048576 bytes",
            ),
            ("test/neg/3_1.txt", b"", "test/neg: review 2 is missing"),
        ];
        for (name, content, expected) in cases {
            let folder = tempfile::tempdir().unwrap();
            let root = unpack(folder.path());
            std::fs::write(root.join(name), content).unwrap();
            let error = read(&root).unwrap_err().to_string();
            let expected = format!("{}: {expected}; download it again", root.display());
            assert_eq!(error, expected);
        }

        let folder = tempfile::tempdir().unwrap();
        let root = unpack(folder.path());
        std::fs::remove_dir_all(root.join("test/pos")).unwrap();
        let error = read(&root).unwrap_err().to_string();
        assert!(error.contains("aclImdb: no reviews in test/pos"), "{error}");
    }
}
