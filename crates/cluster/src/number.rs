/// The environment variables in which engines tell a task its number, and the first number that each counts
/// from. A worker of HyperQueue may run within a job of another engine: the innermost comes first.
pub const VARIABLES: [(&str, usize); 7] = [
    ("HQ_TASK_ID", 0),
    ("JOB_COMPLETION_INDEX", 0),
    ("SLURM_ARRAY_TASK_ID", 0),
    ("PBS_ARRAY_INDEX", 0),
    // LSF has no element 0.
    ("LSB_JOBINDEX", 1),
    ("SKYPILOT_JOB_RANK", 0),
    ("AWS_BATCH_JOB_ARRAY_INDEX", 0),
];

/// An environment variable that should tell a task's number and does not.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: `{value}` is not a number from {first}; give --index")]
pub struct BadNumber {
    variable: &'static str,
    value: String,
    first: usize,
}

/// This task's number as its engine tells it, counted from 0; `None` if no engine does.
///
/// # Errors
///
/// If the engine's variable is not such a number.
pub fn number(variable: impl Fn(&str) -> Option<String>) -> Result<Option<usize>, BadNumber> {
    // Outside of an array, LSF sets its variable to 0.
    let told = VARIABLES.iter().find_map(|&(name, first)| {
        let value = variable(name)?;
        (name != "LSB_JOBINDEX" || value != "0").then_some((name, first, value))
    });
    let Some((variable, first, value)) = told else {
        return Ok(None);
    };
    let number = value.trim().parse::<usize>().ok();
    match number.and_then(|number| number.checked_sub(first)) {
        Some(number) => Ok(Some(number)),
        None => Err(BadNumber {
            variable,
            value,
            first,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_engine_tells_the_number_from_0() {
        let told = |set: &[(&str, &str)]| {
            let set: Vec<(String, String)> = set
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            number(|name| {
                let found = set.iter().find(|(own, _)| own == name);
                found.map(|(_, value)| value.clone())
            })
        };
        assert_eq!(told(&[]), Ok(None));
        assert_eq!(told(&[("SLURM_ARRAY_TASK_ID", "7")]), Ok(Some(7)));
        assert_eq!(
            told(&[("SLURM_ARRAY_TASK_ID", "7"), ("HQ_TASK_ID", "2")]),
            Ok(Some(2))
        );
        assert_eq!(told(&[("LSB_JOBINDEX", "1")]), Ok(Some(0)));
        assert_eq!(told(&[("LSB_JOBINDEX", "0")]), Ok(None));
        let bad = told(&[("PBS_ARRAY_INDEX", "x")]).unwrap_err().to_string();
        assert_eq!(
            bad,
            "PBS_ARRAY_INDEX: `x` is not a number from 0; give --index"
        );
    }
}
