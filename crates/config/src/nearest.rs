/// Below this the names have little in common and a guess would mislead.
const LEAST_SIMILARITY: f64 = 0.6;

/// The name most like the one that does not exist, if any is like it.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(similarity, _)| *similarity >= LEAST_SIMILARITY)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// Completes serde's message about an unknown key or variant with the nearest known one: it lists
/// the unknown name and then the known ones in backquotes.
pub(super) fn with_nearest(message: &str) -> String {
    let mut names = message.split('`').skip(1).step_by(2);
    let unknown = message.starts_with("unknown field") || message.starts_with("unknown variant");
    let (true, Some(name)) = (unknown, names.next()) else {
        return message.to_owned();
    };
    let known: Vec<&str> = names.collect();
    let kind = match message.starts_with("unknown field") {
        true => "key",
        false => "name",
    };
    match nearest(name, known.iter().copied()) {
        Some(guess) => format!("unknown {kind} `{name}`, did you mean `{guess}`?"),
        None => format!("unknown {kind} `{name}`, known: {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_name_that_was_meant() {
        let known = ["epochs", "batch_size", "learning_rate"];
        for (typed, meant) in [
            ("epoch", Some("epochs")),
            ("learning-rate", Some("learning_rate")),
            ("lerning_rate", Some("learning_rate")),
            ("xyz", None),
        ] {
            assert_eq!(nearest(typed, known.into_iter()), meant);
        }
    }

    #[test]
    fn serdes_message_is_made_short() {
        assert_eq!(
            with_nearest("unknown field `epoch`, expected `epochs` or `batch_size`"),
            "unknown key `epoch`, did you mean `epochs`?"
        );
        assert_eq!(
            with_nearest("unknown variant `zzz`, expected one of `sgd`, `rmsprop`, `adam`"),
            "unknown name `zzz`, known: sgd, rmsprop, adam"
        );
        assert_eq!(
            with_nearest("missing field `model`"),
            "missing field `model`"
        );
    }
}
