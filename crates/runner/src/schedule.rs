use burn::lr_scheduler::cosine::CosineAnnealingLrSchedulerConfig;
use burn::lr_scheduler::exponential::ExponentialLrSchedulerConfig;
use burn::lr_scheduler::linear::LinearLrSchedulerConfig;
use burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn::lr_scheduler::step::StepLrSchedulerConfig;

use config::Schedule;

/// Burn's scheduler for a config's schedule; it is asked once at every step.
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
            LinearLrSchedulerConfig::new(initial, descent.final_learning_rate, steps).init()
        }
        Some(Schedule::Cosine(descent)) => CosineAnnealingLrSchedulerConfig::new(initial, steps)
            .with_min_lr(descent.final_learning_rate)
            .init(),
        Some(Schedule::Exponential(decay)) => {
            let factor = decay.factor.powf(1.0 / steps_per_epoch as f64);
            ExponentialLrSchedulerConfig::new(initial, factor).init()
        }
        Some(Schedule::Step(decay)) => {
            StepLrSchedulerConfig::new(initial, decay.epochs * steps_per_epoch)
                .with_gamma(decay.factor)
                .init()
        }
    };
    scheduler.expect("the check lets no learning rate out of the schedulers' range")
}

#[cfg(test)]
mod tests {
    use super::*;
    use config::{Decay, Descent, StepDecay};

    /// The rates of four epochs of ten steps.
    fn rates(schedule: &Schedule) -> Vec<f64> {
        let mut scheduler = scheduler(Some(schedule), 0.1, 4, 10);
        (0..40).map(|_| scheduler.step().base()).collect()
    }

    #[track_caller]
    fn assert_close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found}, {expected}");
    }

    #[test]
    fn go_down_as_they_say() {
        let descent = || Descent {
            final_learning_rate: 0.02,
        };
        let linear = rates(&Schedule::Linear(descent()));
        let cosine = rates(&Schedule::Cosine(descent()));
        for (step, (linear, cosine)) in linear.iter().zip(&cosine).enumerate() {
            let part = step as f64 / 39.0;
            assert_close(*linear, 0.1 - 0.08 * part);
            let half_cosine = 0.5 * (1.0 + (std::f64::consts::PI * part).cos());
            assert_close(*cosine, 0.02 + 0.08 * half_cosine);
        }
        let exponential = rates(&Schedule::Exponential(Decay { factor: 0.5 }));
        let step = rates(&Schedule::Step(StepDecay {
            factor: 0.5,
            epochs: 2,
        }));
        for epoch in 0..4 {
            assert_close(exponential[10 * epoch], 0.1 * 0.5f64.powi(epoch as i32));
            let expected = if epoch < 2 { 0.1 } else { 0.05 };
            assert_close(step[10 * epoch], expected);
            assert_close(step[10 * epoch + 9], expected);
        }
    }
}
