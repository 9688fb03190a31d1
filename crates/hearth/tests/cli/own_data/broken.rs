//! What is wrong with a person's own data.

use serde_json::{Value, json};

use super::{bar, experiment, fruit, lines, png, table, write_images};
use crate::hearth::Folder;

/// A data set with something wrong: files, the config's data, and what the error says.
struct Broken {
    files: Vec<(String, Vec<u8>)>,
    data: Value,
    says: &'static str,
}

fn broken(files: &[(&str, &str)], data: Value, says: &'static str) -> Broken {
    let files = files
        .iter()
        .map(|(name, content)| ((*name).to_owned(), (*content).into()));
    Broken {
        files: files.collect(),
        data,
        says,
    }
}

/// Broken tables.
fn tables() -> Vec<Broken> {
    let table = table(40);
    let with = |line: usize, changed: &str| {
        let mut lines: Vec<&str> = table.lines().collect();
        lines[line - 1] = changed;
        lines.join("\n")
    };
    let one =
        |content: &str, more: Value, says| broken(&[("fruit.csv", content)], fruit(more), says);
    let mut ids = "kind,name,size\n".to_owned();
    let mut classes = "kind,size\n".to_owned();
    for row in 0..10_000 {
        classes += &format!("class{row},1\n");
    }
    for row in 0..60 {
        ids += &format!("{},person{row},1\n", ["a", "b"][row % 2]);
    }
    vec![
        one(
            "",
            json!({}),
            "fruit.csv: empty; its first line must name the columns",
        ),
        one(
            "size,kind\n",
            json!({}),
            "fruit.csv: no rows to read; add some",
        ),
        one(
            &with(7, "3,4.5,red"),
            json!({}),
            "fruit.csv:7: 3 cells, the header has 4",
        ),
        one(
            &with(7, "3,4.5,red,plum,x"),
            json!({}),
            "fruit.csv:7: 5 cells, the header has 4",
        ),
        one(
            &table,
            json!({ "label": "sort" }),
            "fruit.csv: unknown column `sort`, known: size",
        ),
        one(
            &table,
            json!({ "label": "kin" }),
            "fruit.csv: unknown column `kin`, did you mean `kind`?",
        ),
        one(
            &table,
            json!({ "features": ["weigth"] }),
            "did you mean `weight`?",
        ),
        one(
            &with(5, "NaN,4.5,red,plum"),
            json!({}),
            "fruit.csv:5: column `size` is missing; fill it in",
        ),
        one(
            &with(5, "3,4.5,red,"),
            json!({}),
            "fruit.csv:5: column `kind` is missing; fill it in",
        ),
        one(
            &with(5, "3,inf,red,plum"),
            json!({}),
            "column `weight` is `",
        ),
        one(
            &with(5, "3,\"4,5\",red,plum"),
            json!({}),
            "fruit.csv:5: column `weight` is `4,5`; write numbers with a point",
        ),
        one(
            &with(5, "3,heavy,red,plum"),
            json!({}),
            "only one of them is a number; correct",
        ),
        one(
            "a,a,kind\n1,2,x\n",
            json!({}),
            "fruit.csv: columns 1 and 2 are both named `a`",
        ),
        one(
            "a,kind\n1,x\n2,x\n",
            json!({}),
            "column `kind` has the one class `x`; a classifier needs",
        ),
        one(
            &classes,
            json!({}),
            "column `kind` has over 1000 classes; is it the right label?",
        ),
        one(
            &ids,
            json!({}),
            "column `name` has 45 different texts in 45 training rows, as an identifier",
        ),
        one(
            "kind\nx\ny\n",
            json!({}),
            "fruit.csv: no column but the label",
        ),
        one(
            "a,kind\n1,x\n2,y\n",
            json!({ "test_fraction": 0.01 }),
            "test_fraction 0.01 of 2 examples is none",
        ),
        one(
            "\u{0}\u{1}PK",
            json!({}),
            "fruit.csv: not a text file; name a CSV or TSV file",
        ),
        one(
            &table,
            json!({ "train": "none.csv" }),
            "none.csv: not found; data.table.train is relative",
        ),
        one(
            &table,
            json!({ "train": "." }),
            "not a file; name a CSV or TSV file",
        ),
        broken(
            &[
                ("fruit.csv", &table),
                ("new.csv", "size,weight,colour,kind\n1,2,red,pear\n"),
            ],
            json!({ "table": { "train": "fruit.csv", "test": "new.csv", "label": "kind" } }),
            "new.csv:2: column `kind` is `pear`, a class without a training row",
        ),
        broken(
            &[
                ("fruit.csv", &table),
                ("new.csv", "size,colour,kind\n1,red,plum\n"),
            ],
            json!({ "table": { "train": "fruit.csv", "test": "new.csv", "label": "kind" } }),
            "new.csv: unknown column `weight`",
        ),
    ]
}

/// Broken texts.
fn texts() -> Vec<Broken> {
    let data = json!({ "texts": {
        "train": "mails.jsonl", "text": "mail", "label": "kind", "test_fraction": 0.25
    } });
    let one = |content: &str, says| broken(&[("mails.jsonl", content)], data.clone(), says);
    let lines = lines(8);
    let mut latin = broken(
        &[],
        data.clone(),
        "mails.jsonl:9: not UTF-8 text; save the file as UTF-8",
    );
    let bytes = [
        lines.as_bytes(),
        b"{\"mail\": \"caf\xe9\", \"kind\": \"ham\"}\n",
    ]
    .concat();
    latin.files.push(("mails.jsonl".to_owned(), bytes));
    vec![
        one("", "mails.jsonl: no texts to read; add some"),
        one(&format!("{lines}{{\"mail\": "), "mails.jsonl:9: not JSON: "),
        one(
            &format!("{lines}{{\"mail\": \"x\"}}"),
            "mails.jsonl:9: no key `kind`; there are `mail`",
        ),
        one(
            &format!("{lines}{{\"mail\": \"a\", \"mail\": \"b\", \"kind\": \"c\"}}"),
            "mails.jsonl:9: the key `mail` occurs twice; remove one",
        ),
        one(
            &format!("{lines}\n\n[1]"),
            "mails.jsonl:11: a list, must be an object",
        ),
        one(
            &format!("{lines}{{\"mail\": [], \"kind\": 1}}"),
            "mails.jsonl:9: `mail` is `[]`, not a text",
        ),
        latin,
        broken(
            &[("mails/ham/1.txt", "x")],
            json!({ "texts": { "train": "mails", "test_fraction": 0.5 } }),
            "mails: the folder has the one class `ham`",
        ),
    ]
}

/// Broken folders of images.
fn images() -> Vec<Broken> {
    let good = png(&bar(true, 3));
    let data = json!({ "images": { "train": "bars", "size": [12, 12], "test_fraction": 0.5 } });
    let one = |more: &[(&str, &[u8])], says| {
        let usual = [
            "bars/a/1.png",
            "bars/a/2.png",
            "bars/b/1.png",
            "bars/b/2.png",
        ];
        let mut files: Vec<(String, Vec<u8>)> =
            usual.map(|name| (name.to_owned(), good.clone())).to_vec();
        files.extend(
            more.iter()
                .map(|(name, content)| ((*name).to_owned(), content.to_vec())),
        );
        Broken {
            files,
            data: data.clone(),
            says,
        }
    };
    let cut = &good[..good.len() / 2];
    vec![
        broken(
            &[],
            data.clone(),
            "bars: not found; data.images.train is relative",
        ),
        broken(
            &[("bars/.DS_Store", "")],
            data.clone(),
            "bars: the folder has no class",
        ),
        broken(
            &[("bars/a/1.png", "")],
            data.clone(),
            "bars: the folder has the one class `a`",
        ),
        broken(
            &[("bars/a/.x", ""), ("bars/b/Thumbs.db", "")],
            data.clone(),
            "bars/a: no image in it; add some or remove the folder",
        ),
        broken(
            &[("bars", "a file")],
            data.clone(),
            "bars: not a folder; name one with a folder per",
        ),
        one(&[("bars/a/3.png", cut)], "bars/a/3.png: "),
        one(
            &[("bars/b/notes.txt", b"hello")],
            "bars/b/notes.txt: no picture; use a PNG, JPEG",
        ),
        one(
            &[("bars/list.csv", b"hello")],
            "bars/list.csv: a file beside the classes' folders",
        ),
    ]
}

#[test]
fn broken_data_get_one_clear_line() {
    let mut cases = tables();
    cases.extend(texts());
    cases.extend(images());
    assert!(cases.len() > 30);
    for Broken { files, data, says } in cases {
        let folder = Folder::new();
        for (name, content) in &files {
            folder.write(name, content);
        }
        folder.write("exp.json", experiment(&data).to_string());
        let done = folder.hearth(&["run", "exp.json"]);
        assert_eq!(done.code, Some(65), "{says}: {done:?}");
        assert_eq!(done.err.lines().count(), 1, "{done:?}");
        assert!(done.err.contains(says), "{says}: {done:?}");
        assert!(!folder.path().join("results").exists(), "{says}");
        assert!(!folder.path().join("cache").exists(), "{says}");
    }
}

#[cfg(unix)]
#[test]
fn links_and_names_that_lead_nowhere_are_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    let data = json!({ "images": { "train": "bars", "size": [12, 12], "test_fraction": 0.25 } });
    type Change = fn(&std::path::Path);
    let cases: [(Change, &str); 3] = [
        (
            |bars| symlink(bars, bars.join("flat/more")).unwrap(),
            "a link that leads back",
        ),
        (
            |bars| symlink("nowhere", bars.join("flat/x.png")).unwrap(),
            "a link to nothing",
        ),
        (
            |bars| std::fs::create_dir(bars.join(OsStr::from_bytes(b"caf\xe9"))).unwrap(),
            "the name of a class is not UTF-8; rename the folder",
        ),
    ];
    for (change, says) in cases {
        let folder = Folder::new();
        write_images(&folder);
        change(&folder.path().join("bars"));
        folder.write("exp.json", experiment(&data).to_string());
        let done = folder.hearth(&["run", "exp.json"]);
        assert_eq!(done.code, Some(65), "{done:?}");
        assert!(
            done.err.contains(says) && done.err.lines().count() == 1,
            "{done:?}"
        );
    }
    // A pipe would never end.
    let folder = Folder::new();
    write_images(&folder);
    let pipe = folder.path().join("bars/flat/pipe.png");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for arguments in [&["init", "bars"][..], &["run", "exp.json"]] {
        folder.write("exp.json", experiment(&data).to_string());
        let done = folder.hearth(arguments);
        assert_eq!(done.code, Some(65), "{done:?}");
        assert!(done.err.contains("pipe.png: not a plain file"), "{done:?}");
    }
    // Links to files and folders are followed.
    let folder = Folder::new();
    write_images(&folder);
    std::fs::rename(
        folder.path().join("bars/flat"),
        folder.path().join("elsewhere"),
    )
    .unwrap();
    symlink("../elsewhere", folder.path().join("bars/flat")).unwrap();
    folder.write("exp.json", experiment(&data).to_string());
    folder.succeed(&["run", "exp.json"]);
}
