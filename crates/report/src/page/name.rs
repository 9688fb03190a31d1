use maud::{Markup, html};

/// A name with a possible line break after each of its parts.
pub(super) fn name(name: &str) -> Markup {
    html! {
        @for part in name.split_inclusive(['+', '=', '_', '.', '/']) { (part) wbr; }
    }
}
