use burn::lr_scheduler::cosine::CosineAnnealingLrSchedulerConfig;
use burn::lr_scheduler::exponential::ExponentialLrSchedulerConfig;
use burn::lr_scheduler::linear::LinearLrSchedulerConfig;
use burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn::lr_scheduler::step::StepLrSchedulerConfig;

use config::Schedule;

/// Burn's scheduler for a config's schedule. It advances once per training step.
pub(crate) fn scheduler(
    schedule: Option<&Schedule>,
    initial: f64,
    epochs: usize,
    steps_per_epoch: usize,
) -> ModuleLrScheduler {
    // The last step has the final rate.
    let steps = (epochs * steps_per_epoch).saturating_sub(1).max(1);
    let scheduler = match schedule {
        None => return initial.into(),
        Some(Schedule::Linear(descent)) => {
            LinearLrSchedulerConfig::new(initial, descent.final_learning_rate.get(), steps).init()
        }
        Some(Schedule::Cosine(descent)) => CosineAnnealingLrSchedulerConfig::new(initial, steps)
            .with_min_lr(descent.final_learning_rate.get())
            .init(),
        Some(Schedule::Exponential(decay)) => {
            let factor = decay.factor.get().powf(1.0 / steps_per_epoch as f64);
            ExponentialLrSchedulerConfig::new(initial, factor).init()
        }
        Some(Schedule::Step(decay)) => {
            StepLrSchedulerConfig::new(initial, decay.epochs.get() * steps_per_epoch)
                .with_gamma(decay.factor.get())
                .init()
        }
    };
    scheduler.expect("the config check keeps learning rates in the schedulers' range")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The learning rates of four epochs with ten steps each.
    fn rates(schedule: &str) -> Vec<f64> {
        let schedule: Schedule = serde_json::from_str(schedule).unwrap();
        let mut scheduler = scheduler(Some(&schedule), 0.1, 4, 10);
        (0..40).map(|_| scheduler.step().base()).collect()
    }

    #[track_caller]
    fn assert_close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found}, {expected}");
    }

    #[test]
    fn learning_rates_follow_the_formulas() {
        let linear = rates(r#"{ "linear": { "final_learning_rate": 0.02 } }"#);
        let cosine = rates(r#"{ "cosine": { "final_learning_rate": 0.02 } }"#);
        for (step, (linear, cosine)) in linear.iter().zip(&cosine).enumerate() {
            let part = step as f64 / 39.0;
            assert_close(*linear, 0.1 - 0.08 * part);
            let half_cosine = 0.5 * (1.0 + (std::f64::consts::PI * part).cos());
            assert_close(*cosine, 0.02 + 0.08 * half_cosine);
        }
        let exponential = rates(r#"{ "exponential": { "factor": 0.5 } }"#);
        let step = rates(r#"{ "step": { "factor": 0.5, "epochs": 2 } }"#);
        for epoch in 0..4 {
            assert_close(exponential[10 * epoch], 0.1 * 0.5f64.powi(epoch as i32));
            let expected = if epoch < 2 { 0.1 } else { 0.05 };
            assert_close(step[10 * epoch], expected);
            assert_close(step[10 * epoch + 9], expected);
        }
    }
}
