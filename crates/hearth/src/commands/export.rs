use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use record::{RecordError, RunFolder};

use crate::arguments::ExportArguments;

pub fn export(arguments: &ExportArguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let run = RunFolder::at(arguments.run.clone());
    let record = run.read()?;
    if record.is_none() {
        let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
        let said = format!(
            "{}: no finished run; name a folder like results/mnist-l2/flex-seed0",
            arguments.run.display()
        );
        return Err(missing).context(said);
    }
    let path = run.model();
    let bytes = std::fs::read(&path).map_err(RecordError::io(path))?;
    record::write_atomically(&arguments.to, &bytes)?;
    writeln!(out, "wrote {}", arguments.to.display())?;
    Ok(ExitCode::SUCCESS)
}
