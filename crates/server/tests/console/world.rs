//! A form as a browser without scripts sends it.

use std::sync::LazyLock;

use countersign_testkit::{Page, Person};
use regex::Regex;
use url::Url;

/// Most bytes of a page.
pub(crate) const MAX_BYTES: usize = 60 * 1024;
/// Most trips to the database of a page.
pub(crate) const MAX_TRIPS: u64 = 8;

/// What a browser would send of the form of a page, unchanged.
#[derive(Clone, Debug)]
pub(crate) struct Filled {
    pub(crate) action: Url,
    pub(crate) fields: Vec<(String, String)>,
}

impl Filled {
    /// The form of the page that is marked as the form of an object.
    pub(crate) fn of(page: &Page) -> Self {
        Self::marked(page, "data-form")
    }

    /// The form of the page whose tag has this in it.
    pub(crate) fn marked(page: &Page, mark: &str) -> Self {
        let forms = Regex::new(r"(?s)<form([^>]*)>(.*?)</form>").unwrap();
        let found = forms.captures_iter(&page.body).find(|form| form[1].contains(mark));
        let form = found.unwrap_or_else(|| panic!("no form with {mark}: {} {}", page.status, page.body));
        let action = page.url.join(&attribute(&form[1], "action").unwrap()).unwrap();
        Self { action, fields: fields(&form[2]) }
    }

    /// The same, with another value of a field.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The value of a field.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Sends it, without following redirects.
    pub(crate) async fn send(&self, person: &Person) -> Page {
        let pairs: Vec<(&str, &str)> =
            self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        person.post(self.action.as_str(), &pairs).await
    }
}

/// Every form of a page that is posted, once for each of its buttons; of several boxes to tick the first is ticked.
pub(crate) fn all_forms(page: &Page) -> Vec<Filled> {
    static FORMS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"(?s)<form([^>]*method="post"[^>]*)>(.*?)</form>"#).unwrap());
    static BUTTONS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"<button\s([^>]*)>").unwrap());
    static BOXES: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"<input\s([^>]*type="checkbox"[^>]*)>"#).unwrap());
    let boxes: Vec<String> = BOXES.captures_iter(&page.body).map(|found| found[1].to_owned()).collect();
    let mut found = Vec::new();
    for form in FORMS.captures_iter(&page.body) {
        let mut plain = fields(&form[2]);
        for ticked in &boxes {
            if let Some(name) = attribute(ticked, "name").filter(|name| name == "key")
                && (form[2].contains(ticked) || ticked.contains("form="))
                && !plain.iter().any(|(known, _)| *known == name)
            {
                plain.push((name, attribute(ticked, "value").unwrap_or_default()));
            }
        }
        let action = attribute(&form[1], "action").unwrap_or_else(|| page.url.path().to_owned());
        let mut sent = Vec::new();
        for button in BUTTONS.captures_iter(&form[2]).map(|found| found[1].to_owned()) {
            let mut fields = plain.clone();
            if let Some(name) = attribute(&button, "name") {
                fields.push((name, attribute(&button, "value").unwrap_or_default()));
            }
            sent.push((attribute(&button, "formaction").unwrap_or_else(|| action.clone()), fields));
        }
        if sent.is_empty() {
            sent.push((action, plain));
        }
        let filled =
            sent.into_iter().map(|(to, fields)| Filled { action: page.url.join(&to).unwrap(), fields });
        found.extend(filled);
    }
    found
}

fn fields(html: &str) -> Vec<(String, String)> {
    static ELEMENTS: LazyLock<Regex> = LazyLock::new(|| {
        let pattern =
            r#"(?s)<input\s([^>]*)>|<textarea\s([^>]*)>\n?(.*?)</textarea>|<select\s([^>]*)>(.*?)</select>"#;
        Regex::new(pattern).unwrap()
    });
    static OPTIONS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"<option\s([^>]*)>").unwrap());
    let mut found = Vec::new();
    for element in ELEMENTS.captures_iter(html) {
        if let Some(input) = element.get(1).map(|input| input.as_str()) {
            let is_box = attribute(input, "type").as_deref() == Some("checkbox");
            if let Some(name) = attribute(input, "name")
                && (!is_box || input.contains(" checked"))
            {
                found.push((name, attribute(input, "value").unwrap_or_default()));
            }
        } else if let Some(area) = element.get(2).map(|area| area.as_str()) {
            found.push((attribute(area, "name").unwrap(), plain(&element[3])));
        } else {
            let (select, body) = (&element[4], &element[5]);
            let all: Vec<_> = OPTIONS.captures_iter(body).map(|option| option[1].to_owned()).collect();
            let chosen = all.iter().find(|option| option.contains(" selected")).or(all.first());
            let value = chosen.and_then(|option| attribute(option, "value")).unwrap_or_default();
            found.push((attribute(select, "name").unwrap(), value));
        }
    }
    found
}

fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mark = format!("{name}=\"");
    let starts = attributes.match_indices(&mark).map(|(start, _)| start);
    let start = starts
        .into_iter()
        .find(|start| attributes[..*start].chars().next_back().is_none_or(char::is_whitespace))?;
    let value = attributes[start + mark.len()..].split('"').next()?;
    Some(plain(value))
}

/// Words without the escapes of HTML.
pub(crate) fn plain(html: &str) -> String {
    let escapes = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'")];
    let more = [("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&"), ("&amp;", "&")];
    escapes
        .into_iter()
        .chain(more)
        .fold(html.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}
