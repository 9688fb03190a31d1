//! Makes a results folder of many records out of one, to see how commands fare with it: its measurements under
//! other names and seeds, with losses that differ a little.
//!
//! ```text
//! cargo run --release -p record --example many_records -- RUN RESULTS EXPERIMENTS SEEDS
//! ```

#![allow(clippy::print_stderr, reason = "an example talks to who runs it")]

use std::error::Error;
use std::path::PathBuf;

use record::RunFolder;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [run, results, experiments, seeds] = arguments.as_slice() else {
        return Err("many_records RUN RESULTS EXPERIMENTS SEEDS".into());
    };
    let record = RunFolder::at(PathBuf::from(run)).read_record()?;
    let record = record.ok_or("no finished run")?;
    let (experiments, seeds): (usize, u64) = (experiments.parse()?, seeds.parse()?);
    for experiment in 0..experiments {
        let name = format!("{}-{experiment:05}", record.experiment);
        for seed in 0..seeds {
            let mut copy = record.clone();
            (copy.experiment, copy.seed) = (name.clone(), seed);
            copy.signature = record::sha256(name.as_bytes());
            // The same losses under two seeds would be those of a copy.
            let noise = ((experiment as f64 + 1.0) * 12.9898 + seed as f64 * 78.233).sin();
            for epoch in &mut copy.result.epochs {
                epoch.train.loss *= 1.0 + 0.01 * noise;
            }
            if let Some(test) = &mut copy.result.test {
                test.loss *= 1.0 + 0.01 * noise;
            }
            let folder = RunFolder::new(results.as_ref(), &name, &copy.run.backend, seed);
            std::fs::create_dir_all(folder.path())?;
            std::fs::write(folder.result(), serde_json::to_vec_pretty(&copy.sealed())?)?;
        }
    }
    eprintln!("{} records", experiments as u64 * seeds);
    Ok(())
}
