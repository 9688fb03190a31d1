//! Suggestions for misspelt names.

/// The minimum Jaro-Winkler similarity of a suggestion. Less similar names would mislead.
const LEAST_SIMILARITY: f64 = 0.7;

/// The known name most similar to `name`, or the one with these initials, as `lr` of `learning_rate`;
/// `None` if no name is similar enough.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (similarity(name, candidate), candidate))
        .filter(|(similarity, _)| *similarity >= LEAST_SIMILARITY)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

fn similarity(name: &str, candidate: &str) -> f64 {
    let initials = candidate.split('_').filter_map(|word| word.chars().next());
    if candidate.contains('_') && initials.eq(name.chars()) {
        1.0
    } else {
        strsim::jaro_winkler(name, candidate)
    }
}

/// The message for an unknown name. `kind` says what it names, for instance a key. The message
/// suggests the most similar known name, or lists all of them if none is similar.
pub fn unknown<K: AsRef<str>>(kind: &str, name: &str, known: &[K]) -> String {
    let known = known.iter().map(AsRef::as_ref);
    match nearest(name, known.clone()) {
        Some(guess) => format!("unknown {kind} `{name}`, did you mean `{guess}`?"),
        None => {
            let known: Vec<&str> = known.collect();
            format!("unknown {kind} `{name}`, known: {}", known.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_intended_name() {
        let known = ["epochs", "batch_size", "learning_rate"];
        for (typed, meant) in [
            ("epoch", Some("epochs")),
            ("learning-rate", Some("learning_rate")),
            ("lerning_rate", Some("learning_rate")),
            ("lr", Some("learning_rate")),
            ("bs", Some("batch_size")),
            ("el", None),
            ("xyz", None),
        ] {
            assert_eq!(nearest(typed, known), meant);
        }
    }
}
