//! The answers as a table, CSV or JSON.

use present::{Cell, Column, Table};
use runner::{FinishedRun, Prediction};
use serde_json::{Map, Value, json};

use super::inputs::{How, Input, Inputs};

/// The answer to each input.
pub struct Answers<'a> {
    classes: &'a [String],
    /// Each input with its prediction; `None` if it cannot be read.
    answers: Vec<(&'a Input, Option<&'a Prediction>)>,
    top: Option<u16>,
}

/// Characters of an input's name in the table.
const SHOWN: usize = 60;

impl<'a> Answers<'a> {
    /// `predictions` are those of the inputs that can be read; `top` is the number of classes to show.
    pub fn new(
        run: &'a FinishedRun,
        inputs: &'a Inputs,
        predictions: &'a [Prediction],
        top: Option<u16>,
    ) -> Self {
        let mut predictions = predictions.iter();
        let answers = inputs.inputs.iter().map(|input| {
            let prediction = input.read.is_ok().then(|| predictions.next()).flatten();
            (input, prediction)
        });
        Self {
            classes: &run.record().spec.classes,
            answers: answers.collect(),
            top,
        }
    }

    /// A line for each input.
    pub fn json(&self) -> impl Iterator<Item = Value> {
        self.answers.iter().map(|(input, prediction)| {
            let mut line = Map::new();
            line.insert(input.kind.to_owned(), json!(input.name));
            match &input.read {
                Ok(How { keys, .. }) => line.extend(keys.clone()),
                Err(error) => {
                    line.insert("error".to_owned(), json!(error.to_string()));
                }
            }
            if let Some(prediction) = prediction {
                let class = |class: usize| &self.classes[class];
                line.insert("class".to_owned(), json!(class(prediction.class)));
                let all = prediction.probabilities.iter().enumerate();
                match self.top {
                    None => {
                        let all = all.map(|(index, &p)| (class(index).clone(), json!(p)));
                        let all: Map<String, Value> = all.collect();
                        line.insert("probabilities".to_owned(), Value::Object(all));
                    }
                    Some(top) => {
                        let most = self.most_probable(prediction, top);
                        let most: Vec<Value> = most
                            .map(|(index, p)| json!({ "class": class(index), "probability": p }))
                            .collect();
                        line.insert("top".to_owned(), json!(most));
                    }
                }
            }
            Value::Object(line)
        })
    }

    /// A row for each input.
    pub fn table(&self) -> Table {
        let shown = usize::from(self.top.unwrap_or(1)).min(self.classes.len());
        let notes = match self.answers.first() {
            Some((input, _)) if input.kind == "image" => "preprocessing",
            _ => "notes",
        };
        let mut columns = vec![Column::text("input")];
        for place in 1..=shown {
            let title = |title: &str| match place {
                1 => title.to_owned(),
                _ => format!("{title} {place}"),
            };
            columns.push(Column::text(title("class")));
            columns.push(Column::number(title("probability")));
        }
        columns.push(Column::text(notes));
        let mut table = Table::new(columns);
        for (input, prediction) in &self.answers {
            let mut name: String = input.name.chars().take(SHOWN).collect();
            if name.len() < input.name.len() {
                name.push('…');
            }
            let mut row = vec![Cell::from(name)];
            match prediction {
                Some(prediction) => {
                    for (class, probability) in self.most_probable(prediction, shown as u16) {
                        row.push(self.classes[class].clone().into());
                        row.push(format!("{probability:.4}").into());
                    }
                }
                None => row.resize(1 + 2 * shown, Cell::from(None::<&str>)),
            }
            row.push(match &input.read {
                Ok(how) => how.notes.join(", ").into(),
                Err(_) => "not answered".into(),
            });
            table.add(row);
        }
        table
    }

    /// The most probable classes and their probabilities, the given answer first.
    fn most_probable(
        &self,
        prediction: &Prediction,
        count: u16,
    ) -> impl Iterator<Item = (usize, f64)> {
        let mut all: Vec<(usize, f64)> = prediction
            .probabilities
            .iter()
            .copied()
            .enumerate()
            .collect();
        let answer = prediction.class;
        all.sort_by(|(one, p), (other, q)| {
            let is_answer = (*other == answer).cmp(&(*one == answer));
            is_answer.then_with(|| q.total_cmp(p))
        });
        all.into_iter().take(usize::from(count))
    }
}
