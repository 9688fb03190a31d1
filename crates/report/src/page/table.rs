use maud::{Markup, html};

/// A table that scrolls inside its own frame on narrow pages; `id` must be unique.
pub(super) fn table(id: &str, caption: &str, content: &Markup) -> Markup {
    html! {
        div.scroll role="region" aria-labelledby=(id) tabindex="0" {
            table {
                caption id=(id) { span { (caption) } }
                (content)
            }
        }
    }
}
