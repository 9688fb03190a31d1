use maud::{Markup, html};

/// A table that scrolls in a frame of its own where the page is too narrow; `id` is the page's only.
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
