//! The vocabulary of a run's model: `vocabulary.txt`.

use datasets::Vocabulary;

use super::sentence;

/// Checks that a text is refused with a one-line error, or is a vocabulary that comes back from what is
/// written of it. Written it has no byte order mark and no carriage returns of Windows.
pub fn check(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    match Vocabulary::from_text(text) {
        Ok(vocabulary) => {
            let written = vocabulary.to_text();
            let again = Vocabulary::from_text(&written).map(|again| again.to_text());
            assert_eq!(again.as_ref(), Ok(&written));
            assert!(text.ends_with(&written) || text.contains("\r\n"));
            let tokens = vocabulary.encode(text, 50);
            let ids = 0..vocabulary.len() as i32;
            assert!(tokens.len() == 50 && tokens.iter().all(|id| ids.contains(id)));
        }
        Err(error) => sentence::check(&error.to_string()),
    }
}
