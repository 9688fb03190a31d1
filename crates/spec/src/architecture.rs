use crate::data::{DataSpec, InputSpec};
use crate::layer::Layer;
use crate::problem::Problem;

/// The config of a model: which data the model takes, and which layers it has for them.
///
/// With the feature `burn`, [`Build`](crate::Build) makes the network.
pub trait Architecture {
    /// Whether the model takes inputs of this kind.
    fn takes(input: &InputSpec) -> bool
    where
        Self: Sized;

    /// Checks what does not depend on the data. The default accepts all.
    ///
    /// # Errors
    ///
    /// The first key whose value does not fit the others.
    fn check(&self) -> Result<(), Problem> {
        Ok(())
    }

    /// Checks the config against data of a kind that the model [takes](Self::takes). The default
    /// accepts all.
    ///
    /// # Errors
    ///
    /// The first key that does not fit the data.
    fn check_data(&self, data: &DataSpec) -> Result<(), Problem> {
        let _ = data;
        Ok(())
    }

    /// The layers in the order of the forward pass, for data that [`check_data`](Self::check_data)
    /// accepts.
    ///
    /// The number of parameters, the penalised weights and the estimated cost of a step follow from
    /// them.
    fn layers(&self, data: &DataSpec) -> Vec<Layer>;
}
