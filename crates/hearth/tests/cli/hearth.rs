//! Running the program in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use record::{Record, RunFolder};
use serde_json::Value;
use tempfile::TempDir;

/// Small enough for a second: 400 examples, 2 epochs.
pub const CONFIG: &str = r#"{
  "data": { "synthetic_digits": { "train_examples": 500, "test_examples": 100, "validation_fraction": 0.2 } },
  "model": { "dropout_mlp": { "hidden": [32, 16], "dropout": 0.3 } },
  "optimizer": { "adam": { "learning_rate": 0.003 } },
  "training": { "epochs": 2, "batch_size": 48 }
}"#;

/// A working folder that holds `small.json`.
pub struct Folder {
    folder: TempDir,
}

/// What the program did.
#[derive(Debug)]
pub struct Done {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Folder {
    pub fn new() -> Self {
        let folder = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        folder.write("small.json", CONFIG);
        folder
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// The program, with a cache of its own and no network: nothing listens on that port.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hearth"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_remove("HEARTH_DATA_DIR")
            .env("XDG_CACHE_HOME", self.path().join("cache"))
            .env("HEARTH_MNIST_URL", "http://127.0.0.1:9/mnist")
            .env("HEARTH_IMDB_URL", "http://127.0.0.1:9/imdb");
        command
    }

    pub fn hearth(&self, arguments: &[&str]) -> Done {
        Done::of(&mut self.command(arguments))
    }

    /// The same, which must succeed.
    #[track_caller]
    pub fn succeed(&self, arguments: &[&str]) -> Done {
        let done = self.hearth(arguments);
        assert_eq!(done.code, Some(0), "{arguments:?}: {done:?}");
        done
    }

    /// Seals a run as it now is: its record after a change, with the files that are there.
    #[track_caller]
    pub fn seal(&self, run: &str) {
        let folder = RunFolder::at(self.path().join(run));
        let text = self.read(&format!("{run}/{}", RunFolder::RESULT));
        let mut record: Record = serde_json::from_str(&text).unwrap();
        record.files = folder.files().unwrap();
        folder.write(&record.sealed()).unwrap();
    }

    /// The record of a run in the default results folder.
    #[track_caller]
    pub fn record(&self, run: &str) -> Value {
        serde_json::from_str(&self.read(&format!("results/{run}/result.json"))).unwrap()
    }
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copied = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &copied);
        } else {
            std::fs::copy(&path, copied).unwrap();
        }
    }
}

impl Done {
    pub fn of(command: &mut Command) -> Self {
        command.output().unwrap().into()
    }
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The repository's own folder, from the package's, in which Cargo runs tests.
pub fn repository() -> PathBuf {
    std::fs::canonicalize("../..").unwrap()
}
