use spec::Split;

use crate::files;
use crate::text::corpus::Corpus;

/// The folders of labelled reviews below `aclImdb`.
pub(super) const GROUPS: [(&str, Split, u16); 4] = [
    ("train/neg", Split::Train, 0),
    ("train/pos", Split::Train, 1),
    ("test/neg", Split::Test, 0),
    ("test/pos", Split::Test, 1),
];

// Far more than the data set has. The limits keep a bad archive from filling the memory.
const MOST_REVIEWS: usize = 1_000_000;
const MOST_BYTES: usize = 1 << 20;
const MOST_BYTES_TOGETHER: usize = 1 << 27;
const MOST_WORDS: usize = 40_000_000;
const MOST_DISTINCT_WORDS: usize = 1_500_000;
/// The bytes of a review to read: enough to see that it is too long.
pub(super) const ENOUGH: u64 = MOST_BYTES as u64 + 1;

/// The identity of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReviewId {
    half: Split,
    label: u16,
    id: u32,
}

impl ReviewId {
    /// The review in the file `{train,test}/{pos,neg}/<id>_<rating>.txt`, a path below `aclImdb`.
    /// `None` if the folder is not one of labelled reviews, or the file is one that systems leave
    /// behind.
    ///
    /// # Errors
    ///
    /// A message, if the file is in such a folder but has another name.
    pub fn of(path: &str) -> Result<Option<Self>, String> {
        let (folder, name) = path.rsplit_once('/').unwrap_or_default();
        if files::is_systems(name) {
            return Ok(None);
        }
        match GROUPS.iter().find(|(group, ..)| *group == folder) {
            Some(&(_, half, label)) => match id(name) {
                Some(id) => Ok(Some(Self { half, label, id })),
                None => Err(format!(
                    "{}: not named <id>_<rating>.txt",
                    path.escape_debug()
                )),
            },
            None => Ok(None),
        }
    }
}

fn id(name: &str) -> Option<u32> {
    let (id, rating) = name.strip_suffix(".txt")?.split_once('_')?;
    number(rating).and(number(id))
}

/// Parses digits. `str::parse` would accept a sign, too.
fn number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

/// The reviews read so far.
#[derive(Default)]
pub(super) struct Gathering {
    corpus: Corpus,
    bytes: usize,
}

impl Gathering {
    /// Adds a review; `path` names it in errors.
    pub fn add(&mut self, path: &str, review: ReviewId, text: &[u8]) -> Result<(), String> {
        if text.len() > MOST_BYTES {
            return Err(format!("{path}: over {MOST_BYTES} bytes"));
        }
        self.bytes += text.len();
        if self.bytes > MOST_BYTES_TOGETHER {
            return Err(format!("over {MOST_BYTES_TOGETHER} bytes of reviews"));
        }
        if self.corpus.examples() == MOST_REVIEWS {
            return Err(format!("over {MOST_REVIEWS} reviews"));
        }
        let text = str::from_utf8(text)
            .map_err(|error| format!("{path}: not UTF-8 from byte {} on", error.valid_up_to()))?;
        self.corpus.add(review.half, review.id, review.label, text);
        if self.corpus.words() > MOST_WORDS {
            return Err(format!("over {MOST_WORDS} words"));
        }
        if self.corpus.distinct_words() > MOST_DISTINCT_WORDS {
            return Err(format!("over {MOST_DISTINCT_WORDS} different words"));
        }
        Ok(())
    }

    /// Checks that no review is missing, since the ids in each group count from 0, and returns the
    /// reviews.
    pub fn finish(self) -> Result<Corpus, String> {
        for (group, half, label) in GROUPS {
            let ids = self.corpus.ids(half, label);
            if ids.is_empty() {
                return Err(format!("no reviews in {group}"));
            }
            for (expected, id) in (0..).zip(ids) {
                if id < expected {
                    return Err(format!("{group}: review {id} occurs twice"));
                }
                if id > expected {
                    return Err(format!("{group}: review {expected} is missing"));
                }
            }
        }
        Ok(self.corpus)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_labelled_reviews_have_ids() {
        let review = |half, label, id| Ok(Some(ReviewId { half, label, id }));
        assert_eq!(
            ReviewId::of("train/neg/0_3.txt"),
            review(Split::Train, 0, 0)
        );
        assert_eq!(
            ReviewId::of("test/pos/12499_10.txt"),
            review(Split::Test, 1, 12499)
        );
        for other in [
            "README",
            "train/unsup/7_0.txt",
            "train/urls_pos.txt",
            "train/pos",
            "train/pos/more/0_9.txt",
            "/train/pos/0_9.txt",
            "train/pos/.DS_Store",
            "train/pos/._0_9.txt",
            "train/neg/desktop.ini",
            "",
        ] {
            assert_eq!(ReviewId::of(other), Ok(None), "{other}");
        }
    }

    #[test]
    fn a_reviews_name_must_be_its_id_and_rating() {
        for name in [
            "",
            "0.txt",
            "0_9",
            "0_9.TXT",
            "_9.txt",
            "0_.txt",
            "+1_9.txt",
            "0_9_9.txt",
            "0_nine.txt",
            "99999999999_9.txt",
            "a\nb",
        ] {
            let error = ReviewId::of(&format!("train/pos/{name}")).unwrap_err();
            assert!(error.ends_with(": not named <id>_<rating>.txt"), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }

    #[test]
    fn too_many_reviews_are_refused() {
        let mut gathering = Gathering::default();
        let review = |id| ReviewId {
            half: Split::Train,
            label: 0,
            id,
        };
        for id in 0..MOST_REVIEWS as u32 {
            gathering.add("review", review(id), b"").unwrap();
        }
        let error = gathering.add("review", review(0), b"").unwrap_err();
        assert_eq!(error, "over 1000000 reviews");

        let mut gathering = Gathering {
            bytes: MOST_BYTES_TOGETHER - 3,
            ..Gathering::default()
        };
        gathering.add("review", review(0), b"one").unwrap();
        let error = gathering.add("review", review(1), b"a").unwrap_err();
        assert_eq!(error, "over 134217728 bytes of reviews");
    }
}
