//! A form as a browser without scripts sends it.

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

fn fields(html: &str) -> Vec<(String, String)> {
    let elements = Regex::new(
        r#"(?s)<input\s([^>]*)>|<textarea\s([^>]*)>\n?(.*?)</textarea>|<select\s([^>]*)>(.*?)</select>"#,
    )
    .unwrap();
    let options = Regex::new(r"<option\s([^>]*)>").unwrap();
    let mut found = Vec::new();
    for element in elements.captures_iter(html) {
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
            let all: Vec<_> = options.captures_iter(body).map(|option| option[1].to_owned()).collect();
            let chosen = all.iter().find(|option| option.contains(" selected")).or(all.first());
            let value = chosen.and_then(|option| attribute(option, "value")).unwrap_or_default();
            found.push((attribute(select, "name").unwrap(), value));
        }
    }
    found
}

fn attribute(attributes: &str, name: &str) -> Option<String> {
    let pattern = Regex::new(&format!(r#"(?:^|\s){name}="([^"]*)""#)).unwrap();
    pattern.captures(attributes).map(|found| plain(&found[1]))
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
