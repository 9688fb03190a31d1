//! The last layers, which hearth's `output` stands for.

use spec::Activation;

use crate::layer::Layer;
use crate::settings::Function;
use crate::translate::{Kind, Piece, within};

/// What `output` stands for.
pub(crate) struct Output {
    pub layer: Layer,
    /// The units of the dense layer.
    pub units: usize,
    /// The layer in Keras.
    pub from: String,
    /// Whether softmax or sigmoid is applied.
    pub has_function: bool,
}

/// Takes the output off the end of the layers.
pub(crate) fn take(pieces: &mut Vec<Piece>) -> Result<Output, String> {
    let last = take_function(pieces);
    let Some(Piece { kind, from }) = pieces.pop() else {
        return Err("the model has no layers".to_owned());
    };
    let Kind::Dense {
        units,
        function,
        use_bias,
        name,
    } = kind
    else {
        return Err(format!(
            "{from}: the last layer; hearth's networks end in a Dense layer with softmax or sigmoid"
        ));
    };
    let function = match (function, last) {
        (function, None) => function,
        (Function::Linear, Some(last)) => last,
        (_, Some(_)) => {
            return Err(format!(
                "{from}: two activations after the last Dense layer"
            ));
        }
    };
    if !use_bias {
        return Err(format!(
            "{from}: use_bias is false; hearth's output has a bias"
        ));
    }
    let problem = match (function, units) {
        (Function::Linear, _) | (Function::Softmax, 2..) => None,
        (Function::Known(Activation::Sigmoid), 1) => None,
        (Function::Softmax, _) => Some("softmax over one unit is always 1; use sigmoid".to_owned()),
        (Function::Known(Activation::Sigmoid), _) => Some(format!(
            "sigmoid of {units} units, for examples of several classes; hearth's have one class"
        )),
        (Function::Known(other), _) => Some(format!(
            "{} after the last Dense layer; hearth has softmax and sigmoid there",
            other.name()
        )),
    };
    match problem {
        Some(problem) => Err(format!("{from}: {problem}")),
        None => Ok(Output {
            layer: Layer::new("output").with_some("name", name),
            units,
            from,
            has_function: function != Function::Linear,
        }),
    }
}

/// Takes a softmax or sigmoid that is a layer of its own.
fn take_function(pieces: &mut Vec<Piece>) -> Option<Function> {
    let is_function = |piece: &mut Piece| matches!(piece.kind, Kind::Function { .. });
    match pieces.pop_if(is_function)?.kind {
        Kind::Function { function, .. } => Some(function),
        Kind::Dense { .. } | Kind::Other(_) => None,
    }
}

/// A layer before the output.
pub(crate) fn inner(piece: Piece) -> Result<Layer, String> {
    let Piece { kind, from } = piece;
    let named = |function| within(function).map_err(|problem| format!("{from}: {problem}"));
    Ok(match kind {
        Kind::Dense {
            units,
            function,
            use_bias,
            name,
        } => Layer::new("dense")
            .with("units", units)
            .with_some("activation", named(function)?)
            .with_other("use_bias", use_bias, true)
            .with_some("name", name),
        Kind::Function { function, name } => Layer::new("activation")
            .with_some("function", named(function)?)
            .with_some("name", name),
        Kind::Other(layer) => layer,
    })
}
