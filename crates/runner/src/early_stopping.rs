use record::Epoch;

use config::{EarlyStoppingConfig, Metric};

/// Watches a metric from epoch to epoch.
pub(crate) struct EarlyStopping {
    config: EarlyStoppingConfig,
    best: Option<Best>,
}

#[derive(Clone, Copy)]
struct Best {
    epoch: usize,
    value: f64,
}

/// What an epoch means for the training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The best so far: its weights are to be kept.
    Improved,
    GoOn,
    Stop,
}

impl EarlyStopping {
    pub fn new(config: &EarlyStoppingConfig) -> Self {
        Self {
            config: config.clone(),
            best: None,
        }
    }

    pub fn observe(&mut self, epoch: &Epoch) -> Verdict {
        let value = self.value(epoch);
        match self.best {
            Some(best) if value >= best.value - self.config.min_delta => {
                match epoch.epoch - best.epoch >= self.config.patience {
                    true => Verdict::Stop,
                    false => Verdict::GoOn,
                }
            }
            _ => {
                self.best = Some(Best {
                    epoch: epoch.epoch,
                    value,
                });
                Verdict::Improved
            }
        }
    }

    pub fn best_epoch(&self) -> Option<usize> {
        self.best.map(|best| best.epoch)
    }

    /// The smaller, the better.
    fn value(&self, epoch: &Epoch) -> f64 {
        let validation = epoch.validation.unwrap_or(epoch.train);
        match self.config.metric {
            Metric::TrainLoss => epoch.train.loss,
            Metric::TrainAccuracy => -epoch.train.accuracy,
            Metric::ValidationAccuracy => -validation.accuracy,
            _ => validation.loss,
        }
    }
}

#[cfg(test)]
mod tests {
    use record::Scores;

    use super::*;

    fn verdicts(metric: Metric, min_delta: f64, values: &[f64]) -> Vec<Verdict> {
        let mut stopping = EarlyStopping::new(&EarlyStoppingConfig {
            metric,
            patience: 2,
            min_delta,
        });
        let epochs = values.iter().zip(1..).map(|(&value, epoch)| {
            let scores = Scores {
                loss: value,
                accuracy: value,
                plain_loss: None,
            };
            Epoch {
                epoch,
                train: scores,
                validation: Some(scores),
            }
        });
        epochs.map(|epoch| stopping.observe(&epoch)).collect()
    }

    #[test]
    fn stops_when_patience_is_over() {
        use Verdict::{GoOn, Improved, Stop};
        let losses = [0.5, 0.4, 0.45, 0.39, 0.39, 0.41];
        assert_eq!(
            verdicts(Metric::ValidationLoss, 0.0, &losses),
            [Improved, Improved, GoOn, Improved, GoOn, Stop]
        );
        assert_eq!(
            verdicts(Metric::ValidationLoss, 0.05, &losses),
            [Improved, Improved, GoOn, Stop, Stop, Stop]
        );
        assert_eq!(
            verdicts(Metric::TrainAccuracy, 0.0, &[0.5, 0.6, 0.6, 0.55]),
            [Improved, Improved, GoOn, Stop]
        );
    }
}
