use spec::Problem;

/// The interface of all optimizer configs.
pub trait OptimizerConfig {
    /// Checks that the keys are consistent. Reading already checks each key's range.
    ///
    /// # Errors
    ///
    /// If a key contradicts another. The error names the first such key, relative to this config.
    fn check(&self) -> Result<(), Problem> {
        Ok(())
    }

    /// The learning rate, before any schedule.
    fn learning_rate(&self) -> f64;

    /// The update rule. Each step takes the learning rate as an argument, so that a schedule can
    /// change it.
    #[cfg(feature = "burn")]
    fn rule(&self) -> Box<dyn burn::optim::DynOptimizer>;
}
