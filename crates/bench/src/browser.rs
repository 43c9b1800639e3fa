//! A browser without a script: cookies, forms, redirects.

use std::{collections::BTreeMap, time::Duration};

use url::Url;

use crate::{
    Fault,
    http::{Connection, Request, Response},
    place::Place,
};

const SIGN_IN: &str = "/if/flow/default-authentication-flow/";
const ENROLMENT: &str = "/if/flow/default-enrollment-flow/";
const PASSWORD_CHANGE: &str = "/if/flow/default-password-change/";
/// Where people land who are signed in.
const LIBRARY: &str = "/if/user/";

/// One person's browser with one connection.
#[derive(Debug)]
pub(crate) struct Browser {
    connection: Connection,
    origin: String,
    cookies: BTreeMap<String, String>,
}

/// How a flow ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The last answer was accepted; it led there.
    Accepted(String),
    /// The question was asked again.
    Refused,
    /// The server had too much to do (503), and said when to come back.
    Busy(Duration),
}

/// A question and the form to answer it with.
struct Form {
    action: String,
    hidden: Vec<(String, String)>,
}

impl Browser {
    pub(crate) fn new(place: &Place) -> Self {
        let origin = format!("http://localhost:{}", place.address().port());
        Self { connection: place.connect(), origin, cookies: BTreeMap::new() }
    }

    /// The next request opens a connection anew.
    pub(crate) fn hang_up(&mut self) {
        self.connection.close();
    }

    pub(crate) const fn cookies(&self) -> &BTreeMap<String, String> {
        &self.cookies
    }

    /// Becomes somebody else, or without cookies nobody, on the same connection.
    pub(crate) fn set_cookies(&mut self, cookies: BTreeMap<String, String>) {
        self.cookies = cookies;
    }

    /// Signs in by the pages: GET, POST the name, GET, POST the password.
    pub(crate) async fn sign_in(&mut self, username: &str, password: &str) -> Result<End, Fault> {
        self.answer_all(SIGN_IN, &[&[("uid_field", username)], &[("password", password)]]).await
    }

    /// Makes an account and is signed in to it.
    pub(crate) async fn enrol(&mut self, username: &str, password: &str) -> Result<End, Fault> {
        let email = format!("{username}@example.com");
        let fields = [
            ("username", username),
            ("name", username),
            ("email", &email),
            ("password", password),
            ("password_repeat", password),
        ];
        self.answer_all(ENROLMENT, &[&fields]).await
    }

    /// Chooses another password.
    pub(crate) async fn change_password(&mut self, password: &str) -> Result<End, Fault> {
        let fields = [("password", password), ("password_repeat", password)];
        self.answer_all(PASSWORD_CHANGE, &[&fields]).await
    }

    /// Whether the server knows this browser's session.
    pub(crate) async fn is_signed_in(&mut self) -> Result<bool, Fault> {
        let response = self.get(LIBRARY).await?;
        match response.status {
            200 => Ok(true),
            302 | 303 => Ok(false),
            _ => Err(Fault::answer("asking for the library", &response)),
        }
    }

    pub(crate) async fn get(&mut self, target: &str) -> Result<Response, Fault> {
        let request = self.with_cookies(Request::get(target));
        self.send(&request).await
    }

    /// What its cookies make of a request, for whoever repeats it.
    pub(crate) fn with_cookies(&self, request: Request) -> Request {
        if self.cookies.is_empty() {
            return request;
        }
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request.header("cookie", &pairs.join("; "))
    }

    /// Answers one question after the other; each must be accepted before the next.
    async fn answer_all(&mut self, flow: &str, answers: &[&[(&str, &str)]]) -> Result<End, Fault> {
        let mut target = flow.to_owned();
        for (number, answer) in answers.iter().enumerate() {
            let page = self.get(&target).await?.expect(200, &format!("asking for {target}"))?;
            let form = Form::of(&page, &target)?;
            let response = self.post(&form, answer).await?;
            let is_last = number + 1 == answers.len();
            match response.status {
                302 | 303 => target = self.local(response.header("location").unwrap_or_default()),
                200 | 400 | 422 => return Ok(End::Refused),
                503 => return retry_after(&response).map(End::Busy),
                _ => return Err(Fault::answer(&format!("answering {target}"), &response)),
            }
            if is_last == target.starts_with(flow) {
                return Err(Fault::answer(
                    &format!("the flow {flow} has another number of questions"),
                    &response,
                ));
            }
        }
        Ok(End::Accepted(target))
    }

    async fn post(&mut self, form: &Form, answer: &[(&str, &str)]) -> Result<Response, Fault> {
        let hidden = form.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<(&str, &str)> = hidden.chain(answer.iter().copied()).collect();
        let request = Request::post(&form.action, &fields).header("origin", &self.origin);
        let request = self.with_cookies(request.header("sec-fetch-site", "same-origin"));
        self.send(&request).await
    }

    pub(crate) async fn send(&mut self, request: &Request) -> Result<Response, Fault> {
        let response = self.connection.send(request).await?;
        for cookie in response.cookies() {
            let Some((name, value)) = cookie.split(';').next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(response)
    }

    /// Path and query of an address of the server; any other address whole.
    fn local(&self, to: &str) -> String {
        to.strip_prefix(self.origin.as_str()).unwrap_or(to).to_owned()
    }
}

impl Form {
    /// The form of a flow page: the one with a step token.
    fn of(page: &Response, target: &str) -> Result<Self, Fault> {
        let html = page.text();
        let forms = html.split("<form").skip(1).filter_map(|rest| rest.split("</form").next());
        let form = forms.into_iter().find(|form| inputs(form).any(|(name, _)| name == "plan"));
        let form = form.ok_or_else(|| Fault::answer("looking for the form of a flow", page))?;
        let tag = form.split('>').next().unwrap_or_default();
        let action = attribute(tag, "action").filter(|action| !action.is_empty());
        Ok(Self { action: action.unwrap_or_else(|| target.to_owned()), hidden: inputs(form).collect() })
    }
}

/// Names and values of hidden fields.
fn inputs(html: &str) -> impl Iterator<Item = (String, String)> {
    let tags = html.split("<input").skip(1).filter_map(|rest| rest.split('>').next());
    let hidden = tags.filter(|tag| attribute(tag, "type").as_deref() == Some("hidden"));
    hidden.filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default())))
}

/// The value of a quoted attribute.
pub(crate) fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.split(&format!(" {name}=\"")).nth(1)?;
    let value = start.split('"').next()?;
    let mut text = value.to_owned();
    for (escaped, plain) in [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ] {
        text = text.replace(escaped, plain);
    }
    Some(text)
}

/// The value of a parameter in an address.
pub(crate) fn parameter(address: &str, name: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// When to come back.
fn retry_after(response: &Response) -> Result<Duration, Fault> {
    let seconds = response.header("retry-after").and_then(|value| value.parse().ok());
    seconds.map(Duration::from_secs).ok_or_else(|| Fault::answer("sending somebody away", response))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_fields_are_read_as_a_browser_reads_them() {
        let html =
            r#" method="post"><input type="hidden" name="plan" value="a&amp;b"><input name="q" value="x">"#;
        assert_eq!(inputs(html).collect::<Vec<_>>(), [("plan".to_owned(), "a&b".to_owned())]);
    }
}
