//! A person's own texts: a JSON Lines, CSV or TSV file, or a folder with a folder of files per class.

use std::collections::HashMap;
use std::path::PathBuf;

use sha2::{Digest, Sha256};
use spec::{DataSpec, Noticed, Problem, Split};

use crate::dataset::Dataset;
use crate::error::DataError;
use crate::own::{self, ClassNumbers};
use crate::preprocessing::Preprocessing;
use crate::progress::Progress;
use crate::settings::{self, SequenceLength, VocabularySize};
use crate::source::{Places, Source, Validation};
use crate::split::in_both;
use crate::table::value::quoted;
use crate::text::corpus::Corpus;
use crate::text::labelled::{LabelledTexts, Names};

settings::own_data! {
    /// Texts of your own: a JSON Lines, CSV or TSV file, or a folder with a folder of text files per
    /// class. The vocabulary comes from the training texts alone.
    pub struct Texts {
        /// The file or folder, relative to the config file's folder. A file may be gzipped.
        pub train: PathBuf,
        /// The key or column of the text.
        #[serde(default = "text")]
        pub text: String,
        /// The key or column of the class.
        #[serde(default = "label")]
        pub label: String,
        /// The number of token ids: padding, start, unknown, one unused, then the most frequent words.
        #[serde(default = "settings::vocabulary_size")]
        pub vocabulary_size: VocabularySize,
        /// Tokens per text: longer texts keep their last tokens, shorter ones are padded at the front.
        #[serde(default = "settings::sequence_length")]
        pub sequence_length: SequenceLength,
    }
}

fn text() -> String {
    "text".to_owned()
}

fn label() -> String {
    "label".to_owned()
}

impl Source for Texts {
    fn check(&self) -> Result<(), Problem> {
        if self.text == self.label {
            let problem = format!("{} is also the text; name another", quoted(&self.label));
            return Err(Problem::new("label", problem));
        }
        self.check_split()
    }

    fn validation(&self) -> Validation {
        settings::validation(self.validation_fraction, self.validate_on_test)
    }

    fn path_keys(&self) -> &'static [&'static str] {
        &["train", "test"]
    }

    fn load(&self, places: &Places, _: &mut dyn FnMut(Progress)) -> Result<Dataset, DataError> {
        let names = Names {
            text: &self.text,
            label: &self.label,
        };
        let path = places.config_folder.join(&self.train);
        let mut corpus = Corpus::default();
        let mut labels = Vec::new();
        let mut hashes = Vec::new();
        let mut numbers = ClassNumbers::default();
        let train = LabelledTexts::open(&path, "data.texts.train")?;
        let mut skipped_files = train.for_each(names, |place, class, text| {
            let number = numbers.number(class).ok_or_else(|| DataError::Own {
                place: place.to_owned(),
                problem: own::too_many_classes(),
            })?;
            corpus.add(Split::Train, labels.len() as u32, number, text);
            labels.push(number);
            hashes.push(hash(text));
            Ok(())
        })?;
        let (classes, new_numbers) = numbers.sorted();
        own::check_classes(&path, train.what(), &classes)?;
        for label in &mut labels {
            *label = new_numbers[usize::from(*label)];
        }
        let splits = own::splits(&path, &self.hold_out(), &labels)?;
        corpus.assign(&splits, &new_numbers);

        let mut of_test: Vec<u128> = Vec::new();
        if let Some(test) = &self.test {
            let known: HashMap<&str, u16> = classes.iter().map(String::as_str).zip(0..).collect();
            let path = places.config_folder.join(test);
            let test = LabelledTexts::open(&path, "data.texts.test")?;
            skipped_files += test.for_each(names, |place, class, text| {
                let &label = known.get(class).ok_or_else(|| DataError::Own {
                    place: place.to_owned(),
                    problem: format!("{}, a class without a training text", quoted(class)),
                })?;
                corpus.add(Split::Test, of_test.len() as u32, label, text);
                of_test.push(hash(text));
                Ok(())
            })?;
            if of_test.is_empty() {
                return Err(DataError::own(&path, "no texts to read; add some"));
            }
        }
        let of = |split: Split| {
            let all = hashes.iter().zip(&splits);
            all.filter(move |&(_, &other)| other == split)
                .map(|(&hash, _)| hash)
        };
        let test_in_train = in_both(of(Split::Train), of(Split::Test).chain(of_test));
        let encoding = settings::encoding(self.vocabulary_size, self.sequence_length);
        let encoded = corpus.encode(&encoding);
        Ok(Dataset {
            name: own::name(&self.train),
            spec: DataSpec {
                input: encoding.input(),
                classes,
            },
            train: encoded.train,
            validation: Some(encoded.validation).filter(|held| !held.is_empty()),
            test: encoded.test,
            preprocessing: Preprocessing::Vocabulary(encoded.vocabulary),
            noticed: Some(Noticed {
                test_in_train,
                skipped_files,
                ..Noticed::default()
            }),
            splits: Some(splits),
        })
    }
}

/// For finding equal texts.
fn hash(text: &str) -> u128 {
    let hash = Sha256::digest(text);
    let (halves, _) = hash.as_chunks();
    u128::from_le_bytes(halves[0])
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::source::Location;

    fn load(folder: &Path, config: &str) -> Result<Dataset, String> {
        let source: Texts = serde_json::from_str(config).unwrap();
        source.check().map_err(|problem| problem.message)?;
        let places = Places {
            published: &Location::Offline,
            config_folder: folder,
        };
        let loaded = source.load(&places, &mut |_| ());
        loaded.map_err(|error| {
            error
                .to_string()
                .replace(&format!("{}/", folder.display()), "")
        })
    }

    const TEXTS: [(&str, &str); 5] = [
        ("ham", "see you at noon"),
        ("spam", "win a prize, \"now\""),
        ("ham", "at noon\nthen"),
        ("spam", "a prize"),
        ("news", "noon"),
    ];

    fn write(folder: &Path) {
        let mut lines = String::new();
        let mut csv = csv::Writer::from_path(folder.join("t.csv")).unwrap();
        csv.write_record(["label", "text"]).unwrap();
        for (index, (label, text)) in TEXTS.into_iter().enumerate() {
            lines += &serde_json::json!({ "text": text, "label": label, "id": index }).to_string();
            lines += "\r\n";
            csv.write_record([label, text]).unwrap();
            let class = folder.join("t").join(label);
            std::fs::create_dir_all(&class).unwrap();
            std::fs::write(class.join(format!("{index}.txt")), text).unwrap();
        }
        std::fs::write(folder.join("t.jsonl"), format!("\u{feff}{lines}\n")).unwrap();
        std::fs::write(folder.join("t/.DS_Store"), "").unwrap();
    }

    fn config(train: &str, rest: &str) -> String {
        format!(r#"{{ "train": "{train}", "vocabulary_size": 20, "sequence_length": 5{rest} }}"#)
    }

    #[test]
    fn all_forms_give_the_same_texts() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path());
        let load = |train: &str| {
            let test = format!(r#", "test": "{train}""#);
            load(folder.path(), &config(train, &test)).unwrap()
        };
        let lines = load("t.jsonl");
        assert_eq!(lines.spec.classes, ["ham", "news", "spam"]);
        assert_eq!(lines.train.labels(), [0, 2, 0, 2, 1]);
        assert_eq!(lines.train, lines.test);
        assert_eq!(lines.noticed.unwrap().test_in_train, 5);
        let csv = load("t.csv");
        assert_eq!(
            (&csv.train, &csv.preprocessing),
            (&lines.train, &lines.preprocessing)
        );
        // In a folder, texts are sorted by class.
        let files = load("t");
        assert_eq!(files.train.labels(), [0, 0, 1, 2, 2]);
        assert_eq!(files.preprocessing, lines.preprocessing);
        assert_eq!(files.noticed.unwrap().skipped_files, 2);
    }

    #[test]
    fn the_vocabulary_is_that_of_the_training_texts() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path());
        let held = config("t.jsonl", r#", "test_fraction": 0.4, "split_seed": 3"#);
        let dataset = load(folder.path(), &held).unwrap();
        let Preprocessing::Vocabulary(words) = &dataset.preprocessing else {
            panic!("texts have a vocabulary");
        };
        let splits = dataset.splits.unwrap();
        for ((_, text), split) in TEXTS.into_iter().zip(splits) {
            let (_, coverage) = words.read(text, 5);
            if split == Split::Train {
                assert_eq!(coverage.known, coverage.words, "{text}");
            }
        }
        assert_eq!((dataset.train.len(), dataset.test.len()), (3, 2));
    }

    #[test]
    fn errors_name_the_line_and_the_remedy() {
        let half = r#", "test_fraction": 0.5"#;
        for (name, content, rest, expected) in [
            ("t.jsonl", "", half, "t.jsonl: no texts to read; add some"),
            (
                "t.jsonl",
                "{\"text\": \"a\"\n",
                half,
                "t.jsonl:1: not JSON: ",
            ),
            (
                "t.jsonl",
                "{\"text\": \"a\"}\n",
                half,
                "t.jsonl:1: no key `label`; there are `text`",
            ),
            (
                "t.jsonl",
                "{\"text\": \"a\", \"label\": 1}\n{\"text\": 5, \"label\": 1}\n",
                half,
                "t.jsonl:2: `text` is `5`, not a text",
            ),
            (
                "t.jsonl",
                "{\"text\": \"a\", \"label\": null}\n",
                half,
                "t.jsonl:1: `label` is `null`, not a class",
            ),
            (
                "t.jsonl",
                "[1]\n",
                half,
                "t.jsonl:1: a list, must be an object; each line is",
            ),
            (
                "t.jsonl",
                "{\"text\": \"a\", \"label\": 1}\n",
                half,
                "t.jsonl: the file has the one class `1`; a classifier needs at least two",
            ),
            (
                "t.csv",
                "text,class\na,b\n",
                half,
                "t.csv: unknown column `label`",
            ),
            (
                "t.csv",
                "text,label\na,\n",
                half,
                "t.csv:2: column `label` is empty",
            ),
            (
                "t.txt",
                "text\n",
                half,
                "t.txt: not a table of texts; name a .jsonl, .csv or .tsv file",
            ),
            (
                "x.jsonl",
                "",
                half,
                "t.jsonl: not found; data.texts.train is relative to",
            ),
        ] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(name), content).unwrap();
            let train = if name.starts_with('x') {
                "t.jsonl"
            } else {
                name
            };
            let error = load(folder.path(), &config(train, rest)).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
}
