//! What a person's data are, by looking at them.

mod column;

use std::io::BufReader;
use std::path::{Path, PathBuf};

use self::column::Seen;
use crate::error::DataError;
use crate::picture::{self, Channels};
use crate::table::file::TableFile;
use crate::table::value::{comma_problem, quoted};
use crate::text::labelled::{self, is_lines};
use crate::{files, own};

/// What data seem to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Guess {
    /// Their name in results.
    pub name: String,
    /// The training data: what was looked at, or the folder `train` in it.
    pub train: PathBuf,
    /// The folder `test` beside it, if there is one.
    pub test: Option<PathBuf>,
    /// Their kind.
    pub kind: Kind,
}

/// The kind of data.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A folder of images.
    Images {
        /// Rows and columns that suit most of them.
        size: [usize; 2],
        /// Whether they have colours.
        channels: Channels,
        /// The number of training images.
        examples: usize,
    },
    /// A table.
    Table {
        /// The column of the class.
        label: String,
        /// The columns to read; `None` for all others.
        features: Option<Vec<String>>,
        /// Columns that hold numbers as well as texts.
        categorical: Vec<String>,
        /// Columns that are not read: their values hardly ever repeat, or all are missing.
        left_out: Vec<String>,
        /// Whether values are missing.
        has_missing: bool,
        /// The number of rows.
        examples: usize,
    },
    /// Texts.
    Texts {
        /// The keys or columns of text and class; `None` for a folder.
        names: Option<[String; 2]>,
        /// The number of training texts.
        examples: usize,
    },
}

/// Names of columns that usually hold the class, the likeliest first.
const LABELS: [&str; 12] = [
    "label",
    "class",
    "target",
    "species",
    "category",
    "sentiment",
    "diagnosis",
    "outcome",
    "y",
    "labels",
    "classes",
    "type",
];
/// Images and lines that are looked at.
const SAMPLE: usize = 200;

/// Looks at a file or folder. `label` names the column of the class, if it is known.
///
/// # Errors
///
/// If there is nothing, or nothing that a source reads.
pub fn look(path: &Path, label: Option<&str>) -> Result<Guess, DataError> {
    if path.is_dir() {
        return of_folder(path);
    }
    let kind = if is_lines(path) {
        of_lines(path, label)?
    } else {
        of_table(path, label)?
    };
    Ok(Guess {
        name: own::name(path),
        train: path.to_owned(),
        test: None,
        kind,
    })
}

fn of_folder(path: &Path) -> Result<Guess, DataError> {
    let [train, test] = ["train", "test"].map(|half| path.join(half));
    let has_halves = train.is_dir();
    let root = if has_halves { train } else { path.to_owned() };
    let folders = own::class_folders(&root, "DATA")?;
    own::check_classes(&root, "the folder", &folders.classes)?;
    let mut all = Vec::new();
    for folder in &folders.paths {
        all.extend(files::below(folder)?.files);
    }
    let every = all.len().div_ceil(SAMPLE).max(1);
    let sample: Vec<&PathBuf> = all.iter().step_by(every).collect();
    let first = sample.first().ok_or_else(|| DataError::no_files(&root))?;
    let kind = if picture::facts(first).is_ok() {
        of_images(&sample, all.len())?
    } else {
        files::read_text(first)?;
        Kind::Texts {
            names: None,
            examples: all.len(),
        }
    };
    Ok(Guess {
        // `.` and `..` have no name of their own.
        name: own::name(&path.canonicalize().unwrap_or_else(|_| path.to_owned())),
        test: (has_halves && test.is_dir()).then_some(test),
        train: root,
        kind,
    })
}

/// The usual longer side of images that are larger.
const USUAL_SIDE: usize = 64;
/// Images up to this size keep it.
const SMALL_SIDE: usize = 96;

fn of_images(sample: &[&PathBuf], examples: usize) -> Result<Kind, DataError> {
    let facts = sample.iter().map(|path| picture::facts(path));
    let facts: Vec<picture::Facts> = facts.collect::<Result<_, _>>()?;
    let mut sizes: Vec<[usize; 2]> = facts.iter().map(|facts| facts.size).collect();
    sizes.sort_unstable();
    let [rows, columns] = sizes[sizes.len() / 2];
    let longer = rows.max(columns);
    let size = if longer <= SMALL_SIDE {
        [rows, columns]
    } else {
        let scaled = |length: usize| (length * USUAL_SIDE).div_ceil(longer).max(8);
        [scaled(rows), scaled(columns)]
    };
    let channels = if facts.iter().any(|facts| facts.has_colours) {
        Channels::Rgb
    } else {
        Channels::Grey
    };
    Ok(Kind::Images {
        size,
        channels,
        examples,
    })
}

/// The column of the class among these.
fn label_among<'a>(
    path: &Path,
    columns: &'a [Seen],
    label: Option<&str>,
) -> Result<&'a Seen, DataError> {
    let named = |name: &str| {
        columns
            .iter()
            .find(|column| column.name.eq_ignore_ascii_case(name))
    };
    if let Some(label) = label {
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let unknown = || DataError::own(path, spec::unknown("column", label, &names));
        return named(label).ok_or_else(unknown);
    }
    let by_name = LABELS.iter().filter_map(|name| named(name));
    let at_the_ends = [columns.last(), columns.first()].into_iter().flatten();
    let anywhere = columns.iter().filter(|column| column.numbers == 0);
    let mut candidates = by_name.chain(at_the_ends).chain(anywhere);
    candidates.find(|column| column.is_label()).ok_or_else(|| {
        let problem = "no column looks like a class; name it with --label";
        DataError::own(path, problem)
    })
}

fn of_table(path: &Path, label: Option<&str>) -> Result<Kind, DataError> {
    let file = TableFile::open(path, "DATA")?;
    let mut columns: Vec<Seen> = file.header.iter().map(|name| Seen::named(name)).collect();
    let mut examples = 0;
    file.for_each_row(|row| {
        examples += 1;
        for (index, column) in columns.iter_mut().enumerate() {
            column.add(row.cell(index)?, row.line);
        }
        Ok::<(), DataError>(())
    })?;
    if examples == 0 {
        return Err(DataError::own(path, "no rows below the header; add some"));
    }
    let label = label_among(path, &columns, label)?;
    let others = || columns.iter().filter(|column| column.name != label.name);
    let prose = others().filter(|column| column.is_prose());
    let most_words = |one: &&Seen, other: &&Seen| one.words.cmp(&other.words);
    if let Some(text) = prose.max_by(most_words) {
        return Ok(Kind::Texts {
            names: Some([text.name.clone(), label.name.clone()]),
            examples,
        });
    }
    for column in others().filter(|column| column.with_comma == column.texts) {
        if let Some((line, text)) = &column.first_comma {
            let problem = format!("column {} {}", quoted(&column.name), comma_problem(text));
            return Err(file.at(*line, problem));
        }
    }
    let is_read = |column: &&Seen| !column.is_identifier() && column.count() > 0;
    let (features, left_out): (Vec<&Seen>, Vec<&Seen>) = others().partition(is_read);
    if features.is_empty() {
        let problem = format!("no column to learn {} from", quoted(&label.name));
        return Err(DataError::own(path, problem));
    }
    let names = |columns: &[&Seen]| columns.iter().map(|column| column.name.clone()).collect();
    let mixed = features
        .iter()
        .filter(|column| column.numbers > 0 && column.texts > 0);
    let mixed: Vec<&Seen> = mixed.copied().collect();
    Ok(Kind::Table {
        label: label.name.clone(),
        has_missing: features.iter().any(|column| column.missing > 0),
        categorical: names(&mixed),
        features: (!left_out.is_empty()).then(|| names(&features)),
        left_out: names(&left_out),
        examples,
    })
}

fn of_lines(path: &Path, label: Option<&str>) -> Result<Kind, DataError> {
    let mut columns: Vec<Seen> = Vec::new();
    let file = BufReader::new(files::opened(path)?);
    let mut examples = 0;
    labelled::for_each_object(file, path, |_, keys| {
        examples += 1;
        for (key, value) in keys {
            let index = match columns.iter().position(|column| column.name == *key) {
                Some(index) => index,
                None => {
                    columns.push(Seen::named(key));
                    columns.len() - 1
                }
            };
            match value.as_str() {
                Some(text) => columns[index].add(text, 0),
                None => columns[index].add(&value.to_string(), 0),
            }
        }
        Ok(())
    })?;
    let label = label_among(path, &columns, label)?;
    let texts = columns
        .iter()
        .filter(|column| column.name != label.name && column.texts > 0);
    let text = texts
        .max_by(|one, other| one.words.cmp(&other.words))
        .ok_or_else(|| {
            DataError::own(
                path,
                format!("no key with texts beside {}", quoted(&label.name)),
            )
        })?;
    Ok(Kind::Texts {
        names: Some([text.name.clone(), label.name.clone()]),
        examples,
    })
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, GrayImage, RgbImage};

    use super::*;

    fn guess(name: &str, content: &str, label: Option<&str>) -> Result<Kind, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        let found = look(&path, label);
        found
            .map(|guess| guess.kind)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_tables_columns_are_told_apart() {
        let mut table = "id,species,name,mass,code,sex\n".to_owned();
        for row in 0..60 {
            let species = ["Adelie", "Gentoo"][row % 2];
            let code = if row % 3 == 0 { "x" } else { "7" };
            let sex = if row == 5 { "NA" } else { "m" };
            table += &format!("{row},{species},bird{row},{},{code},{sex}\n", 30 + row / 3);
        }
        let Ok(Kind::Table {
            label,
            features,
            categorical,
            left_out,
            has_missing,
            examples,
        }) = guess("t.csv", &table, None)
        else {
            panic!("a table");
        };
        assert_eq!(label, "species");
        assert_eq!(features.unwrap(), ["mass", "code", "sex"]);
        assert_eq!(left_out, ["id", "name"]);
        assert_eq!(categorical, ["code"]);
        assert!(has_missing && examples == 60);
        let error = guess("t.csv", &table, Some("spezies")).unwrap_err();
        assert!(error.contains("did you mean `species`?"), "{error}");
        let error = guess("t.csv", "a,b\n1.5,2.5\n3.5,4.5\n", None).unwrap_err();
        assert!(
            error.ends_with("no column looks like a class; name it with --label"),
            "{error}"
        );
    }

    #[test]
    fn what_a_run_would_refuse_is_left_out_or_said() {
        let (mut dates, mut commas) = ("when,x,class\n".to_owned(), "x;mass;class\n".to_owned());
        for row in 0..60 {
            let kind = ["a", "b"][row % 2];
            let (day, third) = (row % 28 + 1, row % 3);
            dates += &format!("2024-01-{day:02},{third},{kind}\n");
            commas += &format!("{third};{day},5;{kind}\n");
        }
        let Ok(Kind::Table {
            features, left_out, ..
        }) = guess("t.csv", &dates, None)
        else {
            panic!("a table");
        };
        assert_eq!(
            (features.unwrap(), left_out),
            (vec!["x".to_owned()], vec!["when".to_owned()])
        );
        for (name, content, expected) in [
            (
                "t.csv",
                commas.as_str(),
                "t.csv:2: column `mass` is `1,5`; write numbers with a point",
            ),
            ("t.csv", "x,y,kind\n", "no rows below the header; add some"),
            (
                "t.json",
                "[{\"text\": \"a\"}]",
                "JSON, not a table; write one object per line",
            ),
        ] {
            let error = guess(name, content, None).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn texts_are_found_in_tables_and_lines() {
        let (mut table, mut lines) = ("id,mail,kind\n".to_owned(), String::new());
        for row in 0..40 {
            let kind = ["ham", "spam"][row % 2];
            let mail = format!("see you on day {row} of the year");
            table += &format!("{row},{mail},{kind}\n");
            lines += &format!("{{\"id\": {row}, \"mail\": \"{mail}\", \"kind\": \"{kind}\"}}\n");
        }
        let names = Some(["mail", "kind"].map(str::to_owned));
        let expected = Ok(Kind::Texts {
            names,
            examples: 40,
        });
        assert_eq!(guess("t.csv", &table, None), expected);
        assert_eq!(guess("t.jsonl", &lines, None), expected);
    }

    #[test]
    fn folders_hold_images_or_texts() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("pets");
        for class in ["train/cat", "train/dog", "test/cat"] {
            std::fs::create_dir_all(root.join(class)).unwrap();
            let image = DynamicImage::from(GrayImage::new(300, 200));
            image.save(root.join(class).join("a.png")).unwrap();
        }
        let found = look(&root, None).unwrap();
        assert_eq!(
            (found.name.as_str(), &found.train),
            ("pets", &root.join("train"))
        );
        assert_eq!(found.test, Some(root.join("test")));
        let images = |size, channels, examples| Kind::Images {
            size,
            channels,
            examples,
        };
        assert_eq!(found.kind, images([43, 64], Channels::Grey, 2));
        let colourful = RgbImage::from_pixel(32, 32, image::Rgb([9, 200, 3]));
        for name in ["train/cat/a.png", "train/cat/b.png", "train/dog/a.png"] {
            colourful.save(root.join(name)).unwrap();
        }
        let found = look(&root, None).unwrap();
        assert_eq!(found.kind, images([32, 32], Channels::Rgb, 3));

        for class in ["ham", "spam"] {
            let path = folder.path().join("mails").join(class);
            std::fs::create_dir_all(&path).unwrap();
            std::fs::write(path.join("1.txt"), "see you").unwrap();
        }
        let found = look(&folder.path().join("mails"), None).unwrap();
        let texts = Kind::Texts {
            names: None,
            examples: 2,
        };
        assert_eq!(found.kind, texts);
    }
}
