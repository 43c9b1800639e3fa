//! Answers to flows, as forms and as JSON, to the page that signs in and to one that asks everything that can be asked.

use countersign_flows::{FlowError, ReplyKind, Response, SessionChange};
use countersign_types::{ErrorKind, JsonObject};
use countersign_web::{Limits, Pairs};

use super::{Outcome, Target};
use crate::{
    Fault,
    engine::{House, PROMPTS, SIGN_IN, USERNAME, answer_to},
};

const WORDS: &[&str] = &[
    "uid_field",
    "password",
    "component",
    "ak-stage-identification",
    "ak-stage-password",
    "ak-stage-prompt",
    "text",
    "text_area",
    "username",
    "email",
    "number",
    "checkbox",
    "radio-button-group",
    "dropdown",
    "date",
    "date-time",
    "file",
    "ak-locale",
    "hidden",
    "static",
    "&",
    "=",
    "%00",
    "%ff",
    "%",
    "+",
    "%C3%A9",
    "%F0%9F%92%A9",
    "ada",
    "null",
    "true",
    "false",
    "[]",
    "{}",
    "[[[[[[[[",
    "{\"a\":",
    "\"",
    "\\u0000",
    "\\ud800",
    "data:text/plain;base64,AAAA",
    "data:,",
    "2001-02-29",
    "2001-02-29T25:61",
    "__proto__",
    "constructor",
    "1e309",
    "-0",
    "red",
    "green",
    "csrf",
    "next",
    "token",
    "\u{202e}",
    "a@b",
    "a@b.example, c@d.example",
];

/// Answers that people send.
const CORPUS: &[&str] = &[
    "uid_field=ada",
    "uid_field=ada%40example.com&remember_me=on",
    "password=wrong",
    "{\"component\": \"ak-stage-identification\", \"uid_field\": \"ada\"}",
    "{\"component\": \"ak-stage-password\", \"password\": \"wrong\"}",
    "text=a&text_area=b&username=c&email=d%40e.example&password=f&number=7&checkbox=on&radio-button-group=red&dropdown=green\
     &date=2001-01-01&date-time=2001-01-01T10%3A00&file=data%3Atext%2Fplain%3Bbase64%2CAAAA&ak-locale=ko",
    "{\"text\": \"a\", \"username\": \"c\", \"email\": \"d@e.example\", \"number\": 7, \"checkbox\": true, \"radio-button-group\": \
     \"red\", \"dropdown\": \"green\", \"date\": \"2001-01-01\", \"date-time\": \"2001-01-01T10:00\", \"ak-locale\": \"ko\", \
     \"password\": \"f\"}",
];

/// The flows.
pub(super) struct Flows(House);

impl Flows {
    pub(super) async fn open() -> Result<Self, Fault> {
        let house = House::open().await?;
        house.add_prompts().await?;
        Ok(Self(house))
    }

    /// The input as the web takes it: JSON or a form.
    fn read(input: &str) -> Option<Response> {
        if input.trim_start().starts_with('{') {
            return serde_json::from_str::<JsonObject>(input).ok().and_then(Response::from_json);
        }
        let pairs = Pairs::parse(input.as_bytes(), Limits::default().form_fields).ok()?;
        Response::from_form(pairs.into_vec())
    }
}

#[async_trait::async_trait(?Send)]
impl Target for Flows {
    fn corpus(&self) -> Vec<String> {
        CORPUS.iter().map(|text| (*text).to_owned()).collect()
    }

    fn words(&self) -> &'static [&'static str] {
        WORDS
    }

    async fn take(&self, input: &str) -> Outcome {
        let Some(response) = Self::read(input) else { return Outcome::Refused };
        let name = Response::from_form(vec![("uid_field".to_owned(), USERNAME.to_owned())]);
        let mut outcome = Outcome::Refused;
        // To the first page, to the page of the password behind it, and to all the fields.
        let before = [(SIGN_IN, None), (SIGN_IN, name), (PROMPTS, None)];
        for (slug, first) in before {
            let answers = first.into_iter().chain([response.clone()]).collect();
            match answer_to(&self.0, slug, answers).await {
                Ok(reply) if matches!(reply.session, SessionChange::Set { .. }) => {
                    return Outcome::Finding(format!("somebody is signed in by an answer to {slug}"));
                }
                Ok(reply)
                    if matches!(reply.kind, ReplyKind::NextChallenge(_) | ReplyKind::Redirect { .. }) =>
                {
                    outcome = Outcome::Accepted;
                }
                Ok(_) => {}
                Err(error) if is_ours(&error) => return Outcome::Finding(format!("{slug}: {error}")),
                Err(_) => {}
            }
        }
        outcome
    }
}

fn is_ours(error: &FlowError) -> bool {
    matches!(error.kind(), ErrorKind::Internal | ErrorKind::Unavailable)
}
