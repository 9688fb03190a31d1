use crate::corpus::{Corpus, Split};

/// The folders of labelled reviews below `aclImdb`.
pub(super) const GROUPS: [(&str, Split, u8); 4] = [
    ("train/neg", Split::Train, 0),
    ("train/pos", Split::Train, 1),
    ("test/neg", Split::Test, 0),
    ("test/pos", Split::Test, 1),
];

// Each far more than the data set has; they guard against an archive that unpacks to fill memory.
const MOST_REVIEWS: usize = 1_000_000;
const MOST_BYTES: usize = 1 << 20;
const MOST_BYTES_TOGETHER: usize = 1 << 30;
/// Reading this much of a review is enough to use or to refuse it.
pub(super) const ENOUGH: u64 = MOST_BYTES as u64 + 1;

/// Where a review belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    split: Split,
    label: u8,
    id: u32,
}

impl Place {
    /// The place of the file at `path` below `aclImdb`: `{train,test}/{pos,neg}/<id>_<rating>.txt`;
    /// none where no labelled review can be.
    pub fn of(path: &str) -> Result<Option<Self>, String> {
        let (folder, name) = path.rsplit_once('/').unwrap_or_default();
        match GROUPS.iter().find(|(group, ..)| *group == folder) {
            Some(&(_, split, label)) => match id(name) {
                Some(id) => Ok(Some(Self { split, label, id })),
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

/// Digits alone: `parse` takes a sign, too.
fn number(text: &str) -> Option<u32> {
    match text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => text.parse().ok(),
        false => None,
    }
}

/// The reviews read so far.
#[derive(Default)]
pub(super) struct Gathering {
    corpus: Corpus,
    bytes: usize,
}

impl Gathering {
    /// Adds the review that `path` names in errors.
    pub fn add(&mut self, path: &str, place: Place, text: &[u8]) -> Result<(), String> {
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
        self.corpus.add(place.split, place.id, place.label, text);
        Ok(())
    }

    /// The reviews, once it is clear that none is missing: the ids of a group count from 0.
    pub fn finish(self) -> Result<Corpus, String> {
        for (group, split, label) in GROUPS {
            let ids = self.corpus.ids(split, label);
            if ids.is_empty() {
                return Err(format!("no reviews in {group}"));
            }
            for (expected, id) in (0..).zip(ids) {
                if id < expected {
                    return Err(format!("{group}: review {id} is there twice"));
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
    fn labelled_reviews_have_a_place_and_all_else_has_none() {
        let place = |split, label, id| Ok(Some(Place { split, label, id }));
        assert_eq!(Place::of("train/neg/0_3.txt"), place(Split::Train, 0, 0));
        assert_eq!(
            Place::of("test/pos/12499_10.txt"),
            place(Split::Test, 1, 12499)
        );
        for other in [
            "README",
            "train/unsup/7_0.txt",
            "train/urls_pos.txt",
            "train/pos",
            "train/pos/more/0_9.txt",
            "/train/pos/0_9.txt",
            "",
        ] {
            assert_eq!(Place::of(other), Ok(None), "{other}");
        }
    }

    #[test]
    fn a_review_has_its_id_and_rating_for_a_name() {
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
            ".0_9.txt.swp",
            "a\nb",
        ] {
            let error = Place::of(&format!("train/pos/{name}")).unwrap_err();
            assert!(error.ends_with(": not named <id>_<rating>.txt"), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }

    #[test]
    fn no_more_reviews_than_can_be_meant() {
        let mut gathering = Gathering::default();
        let place = |id| Place {
            split: Split::Train,
            label: 0,
            id,
        };
        for id in 0..MOST_REVIEWS as u32 {
            gathering.add("review", place(id), b"").unwrap();
        }
        let error = gathering.add("review", place(0), b"").unwrap_err();
        assert_eq!(error, "over 1000000 reviews");

        let mut gathering = Gathering {
            bytes: MOST_BYTES_TOGETHER - 3,
            ..Gathering::default()
        };
        gathering.add("review", place(0), b"one").unwrap();
        let error = gathering.add("review", place(1), b"a").unwrap_err();
        assert_eq!(error, "over 1073741824 bytes of reviews");
    }
}
