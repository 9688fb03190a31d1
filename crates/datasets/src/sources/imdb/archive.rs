use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use tar::Archive;

use super::gathering::{ENOUGH, Gathering, ReviewId};
use crate::checksum::Hashed;
use crate::error::DataError;
use crate::text::corpus::Corpus;
use crate::unzip::Unzip;

/// Reads the reviews of an archive. Also returns the SHA-256 of the bytes that were read.
pub(super) fn read(path: &Path) -> Result<(Corpus, String), DataError> {
    let file = File::open(path).map_err(DataError::io(path))?;
    let mut hashed = Hashed::new(file);
    let corpus = read_from(&mut hashed, path)?;
    Ok((corpus, hashed.finish().map_err(DataError::io(path))?))
}

/// Reads the reviews from an archive's stream, without unpacking it to disk. `path` is the archive's
/// name in errors.
pub(super) fn read_from(file: impl Read, path: &Path) -> Result<Corpus, DataError> {
    let unreadable = DataError::unreadable(path);
    let malformed = |problem| DataError::malformed(path, problem);
    // Buffered, since members are read in small pieces.
    let unzipped = BufReader::with_capacity(1 << 16, Unzip::new(BufReader::new(file)));
    let mut archive = Archive::new(unzipped);

    let mut gathering = Gathering::default();
    let mut text = Vec::new();
    // Raw: otherwise extended headers of any length are read into memory. The names of reviews are
    // too short to need them.
    for entry in archive.entries().map_err(&unreadable)?.raw(true) {
        let entry = entry.map_err(&unreadable)?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let Some(below) = below_root(&name) else {
            continue;
        };
        let Some(review) = ReviewId::of(below).map_err(malformed)? else {
            continue;
        };
        let size = entry.size().min(ENOUGH);
        text.clear();
        entry
            .take(size)
            .read_to_end(&mut text)
            .map_err(&unreadable)?;
        if (text.len() as u64) < size {
            return Err(malformed(format!("{below}: truncated")));
        }
        gathering.add(below, review, &text).map_err(malformed)?;
    }
    // The gzip stream's checksum follows the end of the archive.
    std::io::copy(&mut archive.into_inner(), &mut std::io::sink()).map_err(&unreadable)?;
    gathering.finish().map_err(malformed)
}

fn below_root(name: &str) -> Option<&str> {
    name.strip_prefix("./")
        .unwrap_or(name)
        .strip_prefix("aclImdb/")
}

#[cfg(test)]
pub(crate) mod tests {
    use spec::Split;
    use tar::{Builder, EntryType, Header};

    use super::*;
    use crate::idx::tests::gzip;

    /// Two reviews for each group, and examples of the published archive's other files.
    pub(crate) const MEMBERS: [(&str, &[u8]); 12] = [
        ("README", b"Large Movie Review Dataset v1.0"),
        (
            "train/urls_pos.txt",
            b"http://www.imdb.com/title/tt0453418/usercomments",
        ),
        ("train/neg/0_3.txt", b"A dull, dull film."),
        ("train/pos/1_10.txt", b"What a film!<br /><br />See it."),
        ("train/pos/0_9.txt", b"It's a good film."),
        ("train/neg/1_1.txt", b"Not good."),
        ("train/unsup/0_0.txt", b"\xff is not read"),
        ("train/labeledBow.feat", b"9 0:9 1:1"),
        ("test/pos/0_7.txt", b"Good!"),
        ("test/pos/1_8.txt", "Très good".as_bytes()),
        ("test/neg/1_2.txt", b""),
        ("test/neg/0_4.txt", b"Dull and unseen"),
    ];

    /// The members as an archive that begins with a folder, as `tar` writes it.
    fn tar(root: &str, members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = Builder::new(Vec::new());
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Directory);
        header.set_size(0);
        let path = format!("{root}aclImdb/train/pos/");
        builder.append_data(&mut header, path, &[][..]).unwrap();
        for (path, content) in members {
            let mut header = Header::new_gnu();
            header.set_size(content.len() as u64);
            let path = format!("{root}aclImdb/{path}");
            builder.append_data(&mut header, path, *content).unwrap();
        }
        builder.into_inner().unwrap()
    }

    /// Corrects the checksum of the second header.
    fn resummed(mut tar: Vec<u8>) -> Vec<u8> {
        let header = &mut tar[512..1024];
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        tar
    }

    pub(crate) fn packed(members: &[(&str, &[u8])]) -> Vec<u8> {
        gzip(&tar("", members))
    }

    fn read_bytes(bytes: &[u8]) -> Result<Corpus, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reviews.tar.gz");
        std::fs::write(&path, bytes).unwrap();
        let (corpus, hash) = read(&path).map_err(|error| error.to_string())?;
        assert_eq!(hash, crate::checksum::sha256_of(&path).unwrap());
        Ok(corpus)
    }

    /// The members and one more.
    fn with(path: &'static str, content: &'static [u8]) -> Vec<u8> {
        packed(&[&MEMBERS[..], &[(path, content)]].concat())
    }

    /// The members except those whose paths begin with `path`.
    fn without(path: &str) -> Vec<u8> {
        let mut members = MEMBERS.to_vec();
        members.retain(|&(other, _)| !other.starts_with(path));
        packed(&members)
    }

    #[test]
    fn labelled_reviews_are_read_wherever_the_root_is() {
        for root in ["", "./"] {
            let corpus = read_bytes(&gzip(&tar(root, &MEMBERS))).unwrap();
            assert_eq!(corpus.examples(), 8);
            assert_eq!(corpus.ids(Split::Test, 1), [0, 1]);
        }
        // Concatenated gzip streams are one stream.
        let tar = tar("", &MEMBERS);
        let (first, second) = tar.split_at(1000);
        let corpus = read_bytes(&[gzip(first), gzip(second)].concat());
        assert_eq!(corpus.unwrap().examples(), 8);
    }

    #[test]
    fn errors_name_the_problem() {
        let whole = packed(&MEMBERS);
        let bare = tar("", &MEMBERS);
        let mut other_checksum = whole.clone();
        let last = other_checksum.len() - 6;
        other_checksum[last] ^= 1;
        let mut other_header = bare.clone();
        other_header[512] ^= 1;
        let at = |text: &[u8]| {
            let mut places = bare.windows(text.len());
            places.position(|bytes| bytes == text).unwrap()
        };
        static LONG: [u8; (1 << 20) + 1] = [b'a'; (1 << 20) + 1];
        let mut other_size = tar("", &[("README", b"")]);
        other_size[512 + 124..][..4].copy_from_slice(b"\x1b[2J");
        let cases: [(Vec<u8>, &str); 21] = [
            (
                gzip(&resummed(other_size)),
                "unreadable: numeric field was not a number:  [2J",
            ),
            (Vec::new(), "truncated"),
            (whole[..whole.len() / 2].to_vec(), "truncated"),
            (whole[..whole.len() - 3].to_vec(), "truncated"),
            (other_checksum, "unreadable: corrupt gzip stream"),
            (
                [&whole[..], b"more than a header"].concat(),
                "unreadable: invalid gzip header",
            ),
            (bare.clone(), "unreadable: invalid gzip header"),
            (gzip(&[b'x'; 2000]), "unreadable: "),
            (gzip(b"<html>not found</html>"), "unreadable: "),
            (gzip(&other_header), "unreadable: archive header checksum"),
            (gzip(&bare[..at(b"unseen")]), "test/neg/0_4.txt: truncated"),
            (gzip(b""), "no reviews in train/neg"),
            (without("train/pos"), "no reviews in train/pos"),
            (without("test/neg/0"), "test/neg: review 0 is missing"),
            (
                with("test/neg/3_1.txt", b""),
                "test/neg: review 2 is missing",
            ),
            (
                with("train/pos/1_10.txt", b"?"),
                "train/pos: review 1 occurs twice",
            ),
            (
                with("train/pos/1_8.txt", b"?"),
                "train/pos: review 1 occurs twice",
            ),
            (
                with("train/pos/two_8.txt", b"?"),
                "train/pos/two_8.txt: not named <id>_<rating>.txt",
            ),
            (with("train/pos/a\nb", b"?"), "train/pos/a\\nb: not named"),
            (
                with("test/pos/2_8.txt", b"na\xefve"),
                "test/pos/2_8.txt: not UTF-8 from byte 2 on",
            ),
            (
                with("test/pos/2_8.txt", &LONG),
                "test/pos/2_8.txt: over 1048576 bytes",
            ),
        ];
        for (bytes, expected) in cases {
            let error = read_bytes(&bytes).unwrap_err();
            let problem = error.split_once("reviews.tar.gz: ").unwrap().1;
            assert!(problem.starts_with(expected), "{expected}: {error}");
            assert!(error.ends_with("; download it again"), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
        assert!(read_bytes(&with("test/pos/2_8.txt", &LONG[1..])).is_ok());
    }

    #[test]
    fn extended_headers_are_skipped() {
        let mut builder = Builder::new(Vec::new());
        for (path, content) in MEMBERS {
            let records = [("mtime", &b"1.5"[..]), ("comment", &[b'a'; 3000])];
            builder.append_pax_extensions(records).unwrap();
            let mut header = Header::new_ustar();
            header.set_size(content.len() as u64);
            let path = format!("aclImdb/{path}");
            builder.append_data(&mut header, path, content).unwrap();
        }
        let long = "long/".repeat(40);
        let mut header = Header::new_gnu();
        header.set_size(0);
        builder.append_data(&mut header, long, &[][..]).unwrap();
        let corpus = read_bytes(&gzip(&builder.into_inner().unwrap()));
        assert_eq!(corpus.unwrap().examples(), 8);
    }
}
