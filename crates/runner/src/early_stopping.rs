use record::{Epoch, Metric};

/// Decides after each epoch, by a metric, whether training stops.
pub(crate) struct EarlyStopping {
    config: config::EarlyStopping,
    best: Option<Best>,
}

#[derive(Clone, Copy)]
struct Best {
    epoch: usize,
    value: f64,
}

/// What to do after an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Keep this epoch's weights: it is the best so far.
    Improved,
    Continue,
    Stop,
}

impl EarlyStopping {
    pub fn new(config: &config::EarlyStopping) -> Self {
        Self {
            config: config.clone(),
            best: None,
        }
    }

    pub fn observe(&mut self, epoch: &Epoch) -> Decision {
        let value = self.value(epoch);
        match self.best {
            Some(best) if value >= best.value - self.config.min_delta.get() => {
                if epoch.epoch - best.epoch >= self.config.patience.get() {
                    Decision::Stop
                } else {
                    Decision::Continue
                }
            }
            _ => {
                self.best = Some(Best {
                    epoch: epoch.epoch,
                    value,
                });
                Decision::Improved
            }
        }
    }

    pub fn best_epoch(&self) -> Option<usize> {
        self.best.map(|best| best.epoch)
    }

    /// The metric's value, negated if necessary so that smaller is better.
    fn value(&self, epoch: &Epoch) -> f64 {
        let metric: Metric = self.config.metric;
        let value = metric
            .at(epoch)
            .expect("checked to be measured after every epoch");
        if metric.larger_is_better() {
            -value
        } else {
            value
        }
    }
}

#[cfg(test)]
mod tests {
    use record::Scores;

    use super::*;

    fn decisions(metric: &str, min_delta: f64, values: &[f64]) -> Vec<Decision> {
        let config = serde_json::json!({
            "metric": metric, "patience": 2, "min_delta": min_delta
        });
        let config = serde_json::from_value(config).unwrap();
        let mut stopping = EarlyStopping::new(&config);
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
    fn stops_when_patience_runs_out() {
        use Decision::{Continue, Improved, Stop};
        let losses = [0.5, 0.4, 0.45, 0.39, 0.39, 0.41];
        assert_eq!(
            decisions("validation.loss", 0.0, &losses),
            [Improved, Improved, Continue, Improved, Continue, Stop]
        );
        assert_eq!(
            decisions("validation.loss", 0.05, &losses),
            [Improved, Improved, Continue, Stop, Stop, Stop]
        );
        assert_eq!(
            decisions("train.accuracy", 0.0, &[0.5, 0.6, 0.6, 0.55]),
            [Improved, Improved, Continue, Stop]
        );
    }
}
