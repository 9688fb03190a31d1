//! The vocabulary of a run's model: `vocabulary.txt`.

use datasets::Vocabulary;

use super::sentence;

/// Checks that a text is refused with a one-line error, or is a vocabulary that is written back
/// unchanged.
pub fn check(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    match Vocabulary::from_text(text) {
        Ok(vocabulary) => {
            assert_eq!(vocabulary.to_text(), text);
            let tokens = vocabulary.encode(text, 50);
            let ids = 0..vocabulary.len() as i32;
            assert!(tokens.len() == 50 && tokens.iter().all(|id| ids.contains(id)));
        }
        Err(error) => sentence::check(&error.to_string()),
    }
}
