use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use config::{Plan, Training};
use present::{Column, Table, bytes, diagram, thousands};
use runner::Prepared;
use serde_json::json;
use spec::{Activation, DataSpec, Layer};

use crate::arguments::{DataDirArgument, OverrideArguments};
use crate::progress::downloads;

/// Show a model's layers, output shapes and parameter counts
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  hearth summary configs/mnist-dropout-adam.json\n  hearth summary configs/mnist-residual.json --diagram"
)]
pub struct Arguments {
    /// Config file
    #[arg(value_name = "CONFIG")]
    config: PathBuf,
    #[command(flatten)]
    overrides: OverrideArguments,
    #[command(flatten)]
    data: DataDirArgument,
    /// Draw the network instead: a line per layer, and a second line around each residual
    #[arg(long, conflicts_with = "json")]
    diagram: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints the table of layers and the total number of parameters.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let plan = Plan::load(&arguments.config, &arguments.overrides.overrides)?;
    let spec = spec(&plan, arguments)?;
    let layers = plan.layers(&spec);
    let total: usize = layers.iter().map(Layer::parameters).sum();
    let training = &plan.experiment().training;
    if arguments.json {
        let layers = layers.iter().map(|layer| {
            json!({
                "name": layer.name,
                "given_name": layer.given_name,
                "kind": layer.type_name(),
                "activation": layer.function().map(Activation::name),
                "output_shape": layer.output_shape,
                "parameters": layer.parameters(),
                "penalty": penalty(layer, training),
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
    if arguments.diagram {
        let rows = diagram::diagram(&spec.input, &layers);
        write!(out, "{}", diagram::text(&rows))?;
        return Ok(ExitCode::SUCCESS);
    }
    let is_penalised = layers
        .iter()
        .any(|layer| penalty(layer, training).is_some());
    let mut columns = vec![
        Column::text("layer"),
        Column::text("type"),
        Column::text("output shape"),
        Column::number("parameters"),
    ];
    columns.extend(is_penalised.then(|| Column::text("penalty")));
    let mut table = Table::new(columns);
    for layer in &layers {
        let name = match &layer.given_name {
            Some(given) => format!("{} ({given})", layer.name),
            None => layer.name.clone(),
        };
        let kind = match layer.function() {
            Some(activation) => format!("{}, {}", layer.type_name(), activation.name()),
            None => layer.type_name().to_owned(),
        };
        let parameters = thousands(layer.parameters());
        let mut row = vec![name, kind, shape(layer), parameters];
        row.extend(is_penalised.then(|| penalty(layer, training).unwrap_or_default()));
        table.add(row);
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

/// The penalties on the layer's weights, for instance `l2 0.001`.
fn penalty(layer: &Layer, training: &Training) -> Option<String> {
    layer.penalised()?;
    let penalties = [("l1", training.l1.get()), ("l2", training.l2.get())];
    let penalties = penalties.iter().filter(|(_, factor)| *factor > 0.0);
    let penalties: Vec<String> = penalties
        .map(|(name, factor)| format!("{name} {factor}"))
        .collect();
    (!penalties.is_empty()).then(|| penalties.join(", "))
}

fn shape(layer: &Layer) -> String {
    let sizes = layer.output_shape.iter().map(usize::to_string);
    let sizes: Vec<String> = std::iter::once("batch".to_owned()).chain(sizes).collect();
    format!("({})", sizes.join(", "))
}
