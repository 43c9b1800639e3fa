//! What stands around a card: how the page is laid out, its picture, and the choice of a language.

use countersign_flows::FlowInfo;
use countersign_web::{PageCx, picture_address};

/// The surroundings of a card.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// Class of the body.
    pub(crate) layout: &'static str,
    /// Picture behind the card.
    pub(crate) backdrop: Option<String>,
    /// The languages to choose from; empty when the choice is made elsewhere.
    pub(crate) languages: Vec<LanguageLink>,
}

/// A language in the chooser.
#[derive(Clone, Debug)]
pub(crate) struct LanguageLink {
    /// Name in itself.
    pub(crate) name: String,
    /// BCP 47 tag.
    pub(crate) tag: String,
    /// This page in that language.
    pub(crate) href: String,
    /// Whether the page is in it already.
    pub(crate) is_current: bool,
}

impl Frame {
    /// Around a page of a flow.
    pub(crate) fn of_flow(info: &FlowInfo, cx: &PageCx) -> Self {
        let own = Some(info.background.as_str()).filter(|background| !background.is_empty());
        Self {
            layout: info.layout.as_str(),
            backdrop: backdrop(own.unwrap_or(&cx.brand.background), cx),
            languages: languages(cx, &info.url),
        }
    }

    /// Around a page at some other address.
    pub(crate) fn at(url: &str, cx: &PageCx) -> Self {
        Self {
            layout: "stacked",
            backdrop: backdrop(&cx.brand.background, cx),
            languages: languages(cx, url),
        }
    }
}

fn backdrop(background: &str, cx: &PageCx) -> Option<String> {
    picture_address(&background.replace("%(theme)s", cx.theme().unwrap_or("light")))
}

/// Who has a language of his own chose it in his settings, and it wins over whatever is chosen here.
fn languages(cx: &PageCx, url: &str) -> Vec<LanguageLink> {
    if cx.subject.as_ref().is_some_and(|subject| subject.user.locale().is_some()) {
        return Vec::new();
    }
    let joint = if url.contains('?') { '&' } else { '?' };
    let link = |language: &countersign_i18n::Language| LanguageLink {
        name: language.name.clone(),
        tag: language.tag.clone(),
        href: format!("{url}{joint}locale={}", language.tag),
        is_current: language.tag == cx.lang(),
    };
    cx.languages().map(link).collect()
}

/// A query without the choice of a language, which must not make another flow page of this one.
pub(crate) fn without_locale(query: &str) -> String {
    let kept: Vec<&str> =
        query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("locale=")).collect();
    kept.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choosing_a_language_does_not_begin_the_flow_anew() {
        assert_eq!(without_locale("next=%2F&locale=ko"), "next=%2F");
        assert_eq!(without_locale("locale=ko"), "");
        assert_eq!(without_locale("&&a=1&ui_locales=ko"), "a=1&ui_locales=ko");
    }
}
