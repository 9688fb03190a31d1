//! A network as a picture: a layer per row, with a second line around each residual.

use spec::{InputSpec, Layer, LayerKind};

/// A row of the picture.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// What the network reads, or a layer.
    Node {
        /// The number of residuals that it is in.
        depth: usize,
        /// What it is, for example `Conv2D 3 x 3, relu`.
        label: String,
        /// The shape of its output, if the row above has another one.
        shape: Option<String>,
        /// Whether it has parameters.
        has_parameters: bool,
    },
    /// A residual begins: a line leads around what follows.
    Fork {
        /// The number of residuals around it.
        depth: usize,
    },
    /// A residual ends: the line comes back and is added.
    Add {
        /// The number of residuals around it.
        depth: usize,
    },
}

/// The rows of a network. The layers are in the order of the forward pass; those of a residual are before
/// its [`LayerKind::Add`], and their names begin with its name.
pub fn diagram(input: &InputSpec, layers: &[Layer]) -> Vec<Row> {
    let residuals = layers.iter().filter(|layer| layer.kind == LayerKind::Add);
    let residuals: Vec<&str> = residuals.map(|layer| layer.name.as_str()).collect();
    let mut shape = match input {
        InputSpec::Dense { shape } => shape.clone(),
        InputSpec::Tokens { length, .. } => vec![*length],
    };
    let label = match input {
        InputSpec::Dense { .. } => "input",
        InputSpec::Tokens { .. } => "input, token ids",
    };
    let mut rows = vec![Row::Node {
        depth: 0,
        label: label.to_owned(),
        shape: Some(shown(&shape)),
        has_parameters: false,
    }];
    let mut open = 0;
    for layer in layers {
        let around = residuals.iter().filter(|name| is_within(layer, name));
        let depth = around.count();
        let is_add = layer.kind == LayerKind::Add;
        for depth in open..depth + usize::from(is_add) {
            rows.push(Row::Fork { depth });
        }
        open = depth;
        if is_add {
            rows.push(Row::Add { depth });
            continue;
        }
        rows.push(Row::Node {
            depth,
            label: label_of(layer),
            shape: (layer.output_shape != shape).then(|| shown(&layer.output_shape)),
            has_parameters: layer.parameters() > 0,
        });
        shape.clone_from(&layer.output_shape);
    }
    rows
}

fn is_within(layer: &Layer, residual: &str) -> bool {
    let rest = layer.name.strip_prefix(residual);
    rest.is_some_and(|rest| rest.starts_with('.'))
}

fn label_of(layer: &Layer) -> String {
    let kind = match layer.kind {
        LayerKind::Activation(function) => function.name().to_owned(),
        LayerKind::Conv1d { kernel, .. } => format!("{} {kernel}", layer.type_name()),
        LayerKind::Conv2d {
            kernel: [rows, columns],
            ..
        } => format!("{} {rows} x {columns}", layer.type_name()),
        LayerKind::Dense { .. }
        | LayerKind::Embedding { .. }
        | LayerKind::BatchNorm
        | LayerKind::LayerNorm
        | LayerKind::Dropout
        | LayerKind::MaxPool2d
        | LayerKind::AveragePool2d
        | LayerKind::GlobalMaxPool1d
        | LayerKind::GlobalMaxPool2d
        | LayerKind::GlobalAveragePool1d
        | LayerKind::GlobalAveragePool2d
        | LayerKind::Flatten
        | LayerKind::Add => layer.type_name().to_owned(),
    };
    let function = layer.activation.map(|function| function.name());
    let function = function.map_or(String::new(), |name| format!(", {name}"));
    let given = layer.given_name.as_ref();
    let given = given.map_or(String::new(), |name| format!(" ({name})"));
    format!("{kind}{function}{given}")
}

/// For example `28 x 28 x 1`.
fn shown(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    sizes.join(" x ")
}

/// The picture in characters, a line per row.
pub fn text(rows: &[Row]) -> String {
    let drawn = rows.iter().map(|row| match row {
        Row::Node {
            depth,
            label,
            shape,
            ..
        } => (
            format!("{}● {label}", "│ ".repeat(*depth)),
            shape.as_deref(),
        ),
        Row::Fork { depth } => (format!("{}├─╮", "│ ".repeat(*depth)), None),
        Row::Add { depth } => (format!("{}⊕─╯", "│ ".repeat(*depth)), None),
    });
    let drawn: Vec<(String, Option<&str>)> = drawn.collect();
    let width = drawn.iter().map(|(line, _)| line.chars().count()).max();
    let width = width.unwrap_or(0);
    let lines = drawn.iter().map(|(line, shape)| match shape {
        Some(shape) => format!("{line:width$}  {shape}\n"),
        None => format!("{line}\n"),
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use spec::Activation;

    use super::*;

    #[test]
    fn residuals_stand_beside_the_line_around_them() {
        let image = [8, 8, 4];
        let mut dense = Layer::dense("output", 256, 3);
        dense.given_name = Some("classes".to_owned());
        let layer = |name: &str, kind| Layer::new(name, kind, &image);
        let relu = LayerKind::Activation(Activation::Relu);
        let layers = [
            layer("layers.0", LayerKind::BatchNorm),
            layer("layers.1.0", relu),
            layer("layers.1.1.0", relu),
            layer("layers.1.1", LayerKind::Add),
            layer("layers.1", LayerKind::Add),
            layer("layers.10.0", relu),
            layer("layers.10", LayerKind::Add),
            Layer::new("layers.11", LayerKind::Flatten, &[256]),
            dense,
        ];
        let input = InputSpec::Dense {
            shape: image.to_vec(),
        };
        let expected = "\
● input               8 x 8 x 4
● BatchNormalization
├─╮
│ ● relu
│ ├─╮
│ │ ● relu
│ ⊕─╯
⊕─╯
├─╮
│ ● relu
⊕─╯
● Flatten             256
● Dense (classes)     3
";
        assert_eq!(text(&diagram(&input, &layers)), expected);
    }
}
