use std::io::Write;
use std::process::ExitCode;

use config::Sweep;

use crate::arguments::SweepFileArguments;
use crate::format::{lines, table};

pub fn plan(arguments: &SweepFileArguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let sweep = Sweep::load(&arguments.file)?;
    let mut table = table(&["member", "seeds", "signature"], 3);
    for member in &sweep.members {
        let seeds: Vec<String> = member.plan.seeds().iter().map(u64::to_string).collect();
        let signature = member.plan.signature();
        table.add_row([member.plan.name(), &seeds.join(", "), &signature]);
    }
    write!(out, "{}", lines(&table))?;
    Ok(ExitCode::SUCCESS)
}
