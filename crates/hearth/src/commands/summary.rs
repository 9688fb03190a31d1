use compare::thousands;
use std::io::Write;
use std::process::ExitCode;

use config::Plan;
use runner::LayerSummary;
use serde_json::json;

use crate::arguments::SummaryArguments;
use crate::format::{lines, table};

pub fn summary(arguments: &SummaryArguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let plan = Plan::load(&arguments.config, &arguments.overrides.overrides)?;
    let layers = runner::summary(&plan);
    let total: usize = layers.iter().map(|layer| layer.parameters).sum();
    if arguments.json {
        let layers = layers.iter().map(|layer| {
            json!({
                "name": layer.name,
                "kind": layer.kind,
                "output_shape": layer.output_shape,
                "parameters": layer.parameters,
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
    let mut table = table(&["layer", "type", "output shape", "parameters"], 3);
    for layer in &layers {
        let parameters = thousands(layer.parameters);
        table.add_row([&layer.name, layer.kind, &shape(layer), &parameters]);
    }
    write!(out, "{}", lines(&table))?;
    // 32-bit floats.
    let size = total as f64 * 4.0 / 1024.0;
    writeln!(
        out,
        "\nTotal parameters: {} ({size:.2} KB)",
        thousands(total)
    )?;
    Ok(ExitCode::SUCCESS)
}

fn shape(layer: &LayerSummary) -> String {
    let sizes = layer.output_shape.iter().map(usize::to_string);
    let sizes: Vec<String> = std::iter::once("batch".to_owned()).chain(sizes).collect();
    format!("({})", sizes.join(", "))
}
