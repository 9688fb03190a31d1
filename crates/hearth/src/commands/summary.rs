use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use config::Plan;
use present::{Column, Table, bytes, thousands};
use runner::Prepared;
use serde_json::json;
use spec::{DataSpec, Layer};

use crate::arguments::{DataDirArgument, OverrideArguments};
use crate::progress::downloads;

/// Show a model's layers, output shapes and parameter counts
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth summary configs/mnist-dropout-adam.json")]
pub struct Arguments {
    /// Config file
    #[arg(value_name = "CONFIG")]
    config: PathBuf,
    #[command(flatten)]
    overrides: OverrideArguments,
    #[command(flatten)]
    data: DataDirArgument,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints the table of layers and the total number of parameters.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let plan = Plan::load(&arguments.config, &arguments.overrides.overrides)?;
    let layers = plan.layers(&spec(&plan, arguments)?);
    let total: usize = layers.iter().map(Layer::parameters).sum();
    if arguments.json {
        let layers = layers.iter().map(|layer| {
            json!({
                "name": layer.name,
                "kind": layer.type_name(),
                "output_shape": layer.output_shape,
                "parameters": layer.parameters(),
            })
        });
        let layers: Vec<_> = layers.collect();
        let json = json!({ "experiment": plan.name(), "layers": layers, "parameters": total });
        writeln!(out, "{json:#}")?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(about) = plan.about() {
        writeln!(out, "{}: {about}\n", plan.name())?;
    }
    let mut table = Table::new([
        Column::text("layer"),
        Column::text("type"),
        Column::text("output shape"),
        Column::number("parameters"),
    ]);
    for layer in &layers {
        let parameters = thousands(layer.parameters());
        table.add([&layer.name, layer.type_name(), &shape(layer), &parameters]);
    }
    // 32-bit floats.
    let (size, total) = (bytes(4 * total as u64), thousands(total));
    write!(
        out,
        "{}\nTotal parameters: {total} ({size})\n",
        table.text()
    )?;
    Ok(ExitCode::SUCCESS)
}

/// What the data are, read where only that tells.
fn spec(plan: &Plan, arguments: &Arguments) -> anyhow::Result<DataSpec> {
    if let Some(spec) = plan.spec() {
        return Ok(spec);
    }
    let location = arguments.data.location();
    let prepared = Prepared::new(plan.clone(), &location, &mut downloads())?;
    Ok(prepared.spec().clone())
}

fn shape(layer: &Layer) -> String {
    let sizes = layer.output_shape.iter().map(usize::to_string);
    let sizes: Vec<String> = std::iter::once("batch".to_owned()).chain(sizes).collect();
    format!("({})", sizes.join(", "))
}
