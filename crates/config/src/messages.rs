//! Serde's messages, reworded for people who write configs.

use spec::unknown;

/// Rewords a message about an unknown key or name, in which serde lists the unknown one and then all
/// known ones in backquotes. Other messages stay.
pub(crate) fn plain(message: &str) -> String {
    // Without the position, which hearth's errors show at their beginning.
    let message = message.split(" at line ").next().unwrap_or(message);
    let kind = if message.starts_with("unknown field") {
        "key"
    } else if message.starts_with("unknown variant") {
        "name"
    } else {
        return message.to_owned();
    };
    let mut names = message.split('`').skip(1).step_by(2);
    match names.next() {
        Some(name) => unknown(kind, name, &names.collect::<Vec<_>>()),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serdes_messages_are_shortened() {
        assert_eq!(
            plain("unknown field `epoch`, expected `epochs` or `batch_size` at line 1 column 3"),
            "unknown key `epoch`, did you mean `epochs`?"
        );
        assert_eq!(
            plain("unknown variant `zzz`, expected one of `sgd`, `rmsprop`, `adam`"),
            "unknown name `zzz`, known: sgd, rmsprop, adam"
        );
        assert_eq!(plain("missing field `model`"), "missing field `model`");
    }
}
