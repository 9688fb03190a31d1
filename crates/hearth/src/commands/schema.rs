use std::io::Write;
use std::process::ExitCode;

pub fn schema(out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    writeln!(out, "{:#}", runner::schema())?;
    Ok(ExitCode::SUCCESS)
}
