//! The messages of Rust's libraries, reworded for people.

use crate::nearest::unknown;

/// Rewords a message of serde about a value that was read but does not fit.
pub fn plain(message: &str) -> String {
    // Without the position, which hearth's errors show at their beginning.
    let message = message.split(" at line ").next().unwrap_or(message);
    let mut quoted = message.split('`').skip(1).step_by(2);
    let first = quoted.next().unwrap_or_default();
    let rest = |start| message.strip_prefix(start);
    if message.starts_with("unknown field") {
        unknown("key", first, &quoted.collect::<Vec<_>>())
    } else if message.starts_with("unknown variant") {
        unknown("name", first, &quoted.collect::<Vec<_>>())
    } else if message.starts_with("missing field") {
        format!("the key `{first}` is missing")
    } else if message.starts_with("duplicate field") {
        format!("the key `{first}` occurs twice; remove one")
    } else if let Some((found, wanted)) = rest("invalid type: ")
        .or(rest("invalid value: "))
        .and_then(expectation)
    {
        format!("{}, must be {}", value(found), kind(wanted))
    } else if let Some((found, wanted)) = rest("invalid length ").and_then(expectation) {
        format!("a list of {found}, must be {}", kind(wanted))
    } else {
        message.to_owned()
    }
}

/// What was found and what was expected. The former may be a text with anything in it.
fn expectation(message: &str) -> Option<(&str, &str)> {
    message.rsplit_once(", expected ")
}

/// A value as JSON has it, from serde's words for it.
fn value(found: &str) -> String {
    match found {
        "map" => "an object".to_owned(),
        "sequence" => "a list".to_owned(),
        _ => match found.split_once(' ') {
            Some(("integer" | "boolean", value)) => value.trim_matches('`').to_owned(),
            Some(("floating", value)) => value
                .trim_start_matches("point")
                .trim_matches([' ', '`'])
                .to_owned(),
            Some(("string", text)) => text.to_owned(),
            _ => found.to_owned(),
        },
    }
}

/// A kind of value in the words of JSON, from those of Rust.
fn kind(wanted: &str) -> String {
    match wanted {
        "a sequence" => "a list".to_owned(),
        "a map" => "an object".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a string" | "path string" => "a text in quotes".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, at least 0".to_owned(),
        "i64" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        _ => match (
            wanted.strip_prefix("struct "),
            wanted.strip_prefix("an array of length "),
        ) {
            (Some(_), _) => "an object".to_owned(),
            (_, Some(length)) => format!("a list of {length}"),
            _ => wanted.to_owned(),
        },
    }
}

/// Rewords the message of a parser that met no JSON. `rest` is the text from the place where it stopped.
pub fn not_json(message: &str, rest: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or(message);
    let mistake = if rest.starts_with("//") || rest.starts_with("/*") || rest.starts_with('#') {
        "a comment, which JSON does not have; remove it"
    } else if rest.starts_with('\'') {
        "single quotes; write double ones"
    } else if rest.starts_with(['“', '”', '„', '«', '‘', '’']) {
        "typographic quotes; write straight ones"
    } else if ["NaN", "Infinity", "-Infinity", "None", "True", "False"]
        .iter()
        .any(|word| rest.starts_with(word))
    {
        "no value of JSON; write a number, true, false, null, or a text in double quotes"
    } else if message.starts_with("EOF while parsing") {
        "the text ends too early; a quote, brace or bracket is not closed"
    } else if message == "trailing characters" {
        "something follows the last brace; remove it"
    } else if message == "trailing comma" {
        "a comma with nothing after it; remove it"
    } else if message == "key must be a string" {
        "no key; write it in double quotes"
    } else if message == "expected value" && begins_a_value(rest) {
        // A parser that wants one of some names takes no other value.
        "not a name; write one in double quotes"
    } else if message == "expected value" {
        "no value; write a number, true, false, null, a text in double quotes, a list or an object"
    } else {
        return message.to_owned();
    };
    mistake.to_owned()
}

fn begins_a_value(rest: &str) -> bool {
    let words = ["true", "false", "null"];
    rest.starts_with(|first: char| first.is_ascii_digit() || "-[".contains(first))
        || words.iter().any(|word| rest.starts_with(word))
}

/// An error of the system in its own words, without the number that Rust adds, and with a remedy where the
/// words alone tell none.
pub fn system(error: &std::io::Error) -> String {
    let said = error.to_string();
    // The standard library's words for a text in another encoding, for instance UTF-16.
    if said == "stream did not contain valid UTF-8" {
        return "not UTF-8 text; save it as UTF-8".to_owned();
    }
    let said = without_system_codes(&said);
    // The name of a temporary file tells nobody anything.
    let said = said
        .split(" at path \"")
        .next()
        .unwrap_or_default()
        .to_owned();
    match said.as_str() {
        "Too many open files" => said + "; raise the limit (ulimit -n)",
        "File too large" => said + "; raise the limit (ulimit -f), or use another file system",
        _ => said,
    }
}

/// The line without the numbers that Rust adds to the system's errors, as in `Permission denied (os
/// error 13)`.
pub fn without_system_codes(line: &str) -> String {
    const CODE: &str = " (os error ";
    let mut parts = line.split(CODE);
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(')') {
            Some((code, rest)) if code.chars().all(|digit| digit.is_ascii_digit()) => plain += rest,
            _ => {
                plain += CODE;
                plain += part;
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serdes_messages_are_reworded() {
        for (message, expected) in [
            (
                "unknown field `epoch`, expected `epochs` or `batch_size` at line 1 column 3",
                "unknown key `epoch`, did you mean `epochs`?",
            ),
            (
                "unknown variant `zzz`, expected one of `sgd`, `rmsprop`, `adam`",
                "unknown name `zzz`, known: sgd, rmsprop, adam",
            ),
            ("missing field `model`", "the key `model` is missing"),
            (
                "duplicate field `model`",
                "the key `model` occurs twice; remove one",
            ),
            (
                "invalid type: null, expected struct Sgd",
                "null, must be an object",
            ),
            (
                "invalid type: map, expected a sequence",
                "an object, must be a list",
            ),
            (
                "invalid type: floating point `2.5`, expected u64",
                "2.5, must be a whole number, at least 0",
            ),
            (
                "invalid type: boolean `true`, expected f64",
                "true, must be a number",
            ),
            (
                "invalid value: integer `-1`, expected usize",
                "-1, must be a whole number, at least 0",
            ),
            (
                "invalid length 1, expected an array of length 2",
                "a list of 1, must be a list of 2",
            ),
            (
                r#"invalid type: string "a, expected b", expected a boolean at line 1 column 2"#,
                r#""a, expected b", must be true or false"#,
            ),
            ("9 is out of range", "9 is out of range"),
        ] {
            assert_eq!(plain(message), expected);
        }
    }

    #[test]
    fn what_json_does_not_have_is_named() {
        for (message, rest, part) in [
            (
                "key must be a string at line 1 column 3",
                "// note",
                "a comment",
            ),
            (
                "key must be a string at line 1 column 3",
                "# note",
                "a comment",
            ),
            (
                "expected value at line 1 column 3",
                "'adam'",
                "single quotes",
            ),
            (
                "expected value at line 1 column 3",
                "NaN }",
                "no value of JSON",
            ),
            ("expected value at line 1 column 3", "}", "no value; write"),
            ("expected value at line 1 column 3", "3 }", "not a name"),
            (
                "expected value at line 1 column 3",
                "“adam”",
                "typographic quotes",
            ),
            ("trailing comma at line 1 column 3", "}", "a comma"),
            (
                "EOF while parsing a string at line 1 column 3",
                "",
                "the text ends too early",
            ),
        ] {
            let reworded = not_json(message, rest);
            assert!(reworded.starts_with(part), "{reworded}");
        }
    }

    #[test]
    fn system_errors_have_no_numbers() {
        let temporary =
            std::io::Error::other("Permission denied (os error 13) at path \"/x/.tmpY\"");
        assert_eq!(system(&temporary), "Permission denied");
        let error = std::io::Error::from_raw_os_error(2);
        assert_eq!(system(&error), "No such file or directory");
        let error = std::io::read_to_string(&b"\xff\xfea"[..]).unwrap_err();
        assert_eq!(system(&error), "not UTF-8 text; save it as UTF-8");
        assert_eq!(
            without_system_codes("a: Denied (os error 13); check (os error x)"),
            "a: Denied; check (os error x)"
        );
    }
}
