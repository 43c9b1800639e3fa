//! From a letter to what stands in it, in the language of whoever gets it.

use std::sync::Arc;

use countersign_i18n::{Catalogues, Localizer, UtcOffset};
use countersign_types::{TextArg, Timestamp};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value, context,
    value::{Kwargs, Rest, ViaDeserialize},
};
use serde_json::json;

use crate::{Fact, FactValue, Letter, Library, Topic};

/// Steps that one template may take: a loop without end ends.
const STEPS: u64 = 200_000;
/// Most bytes of what comes of a template.
const MAX_BYTES: usize = 1024 * 1024;
/// The plain words of a template that has none of its own.
const PLAIN: &str = "email/letter.txt";
/// What stands for the words of a letter that no topic of ours is about.
const FOREIGN: &str = "mail-foreign";

/// A letter as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// Subject.
    pub(crate) subject: String,
    /// Plain text.
    pub(crate) text: String,
    /// HTML; none for letters of plain words.
    pub(crate) html: Option<String>,
}

/// Renders a letter. What a template lacks, or does wrong, is said in the error.
pub(crate) fn render(
    letter: &Letter,
    library: &Library,
    catalogues: &Catalogues,
    now: Timestamp,
) -> Result<Rendered, String> {
    let wishes: Vec<&str> =
        [&letter.to.language, &letter.look.language].into_iter().filter_map(Option::as_deref).collect();
    let localizer = catalogues.localizer(catalogues.negotiate(&wishes));
    let words = Topic::of_template(&letter.template).map_or(FOREIGN, Topic::words);
    let subject = letter.subject.as_ref().map_or_else(
        || localizer.t_args(&format!("{words}-subject"), &[("brand", letter.look.title.as_str().into())]),
        |subject| localizer.text(subject),
    );
    let subject = format!("{}{subject}", letter.prefix);
    if let Some(body) = &letter.body {
        return Ok(Rendered { subject, text: body.clone(), html: None });
    }
    let values = values(letter, &localizer, &subject, words, now);
    let environment = environment(library.clone(), localizer);
    let html = run(&environment, &letter.template, &values)?;
    let plain = letter.template.strip_suffix(".html").map(|stem| format!("{stem}.txt"));
    let plain = plain.filter(|name| library.has(name)).unwrap_or_else(|| PLAIN.to_owned());
    let text = run(&environment, &plain, &values)?;
    Ok(Rendered { subject, text: tidy(&text), html: Some(html) })
}

fn run(environment: &Environment<'_>, name: &str, values: &Value) -> Result<String, String> {
    let rendered = environment.get_template(name).and_then(|template| template.render(values));
    let text = rendered.map_err(|error| format!("template {name}: {error:#}"))?;
    if text.len() > MAX_BYTES {
        Err(format!("template {name}: what comes of it is too large"))
    } else {
        Ok(text)
    }
}

/// What a template can name. Values of a letter come after ours, so that none takes the place of one.
fn values(letter: &Letter, localizer: &Localizer, subject: &str, words: &str, now: Timestamp) -> Value {
    let to = &letter.to;
    let expires = letter.expires.map(|at| localizer.relative(at, now));
    let until = letter.expires.map(|at| localizer.date_time(at, UtcOffset::UTC));
    let ours = context! {
        subject => subject,
        title => subject,
        words => words,
        lang => localizer.lang(),
        dir => localizer.dir(),
        name => to.greeting(),
        user => json!({ "name": to.greeting(), "username": to.username, "email": to.address }),
        brand => json!({
            "title": letter.look.title,
            "branding_title": letter.look.title,
            "logo": letter.look.logo,
            "accent": letter.look.accent,
            "on_accent": letter.look.on_accent,
            "home": letter.look.home,
        }),
        expires => expires,
        until => until,
    };
    let facts = letter.facts.iter().map(|fact| shown(fact, localizer)).collect::<Vec<_>>();
    let ours = if facts.is_empty() {
        ours
    } else {
        context! { facts => facts, ..ours }
    };
    context! { ..ours, ..Value::from_serialize(&letter.values) }
}

/// A line of facts in the reader's language.
fn shown(fact: &Fact, localizer: &Localizer) -> [String; 2] {
    let value = match &fact.value {
        FactValue::Words(words) => localizer.text(words),
        FactValue::At(moment) => localizer.date_time(*moment, UtcOffset::UTC),
    };
    [localizer.text(&fact.label), value]
}

fn environment(library: Library, localizer: Localizer) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_loader(move |name| Ok(library.source(name).map(std::borrow::Cow::into_owned)));
    environment.set_auto_escape_callback(|name| {
        if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None }
    });
    // A name that is not there is empty in templates of this dialect, and so are its parts.
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_fuel(Some(STEPS));
    let localizer = Arc::new(localizer);
    let known = Arc::clone(&localizer);
    environment.add_function("t", move |key: &str, values: Kwargs| message(&known, key, &values));
    environment.add_function("translate", move |words: &str| localizer.words(words));
    // Moments are in words already.
    for name in ["naturaltime", "naturalday", "date", "time"] {
        environment.add_filter(name, |value: Value, _: Rest<Value>| value);
    }
    environment
}

/// A message of the catalogues with named values.
fn message(localizer: &Localizer, key: &str, values: &Kwargs) -> Result<String, Error> {
    let mut arguments = Vec::new();
    for name in values.args() {
        let value: ViaDeserialize<serde_json::Value> = values.get(name)?;
        let value = match value.0 {
            serde_json::Value::Number(number) => TextArg::from(number.as_i64().unwrap_or_default()),
            serde_json::Value::String(words) => TextArg::from(words),
            _ => return Err(Error::new(ErrorKind::InvalidOperation, "a message takes words and numbers")),
        };
        arguments.push((name, value));
    }
    Ok(localizer.t_args(key, &arguments))
}

/// Without lines that conditions left empty.
fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.lines().map(str::trim_end) {
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty < 2 {
            tidied.push_str(line);
            tidied.push('\n');
        }
    }
    format!("{}\n", tidied.trim())
}

#[cfg(test)]
mod tests {
    use countersign_types::Text;

    use super::*;
    use crate::{Look, Person};

    fn letter(topic: Topic, language: &str) -> Letter {
        let to = Person {
            name: "Ada <script>alert(1)</script>".to_owned(),
            username: "ada".to_owned(),
            ..Person::at("ada@example.com")
        };
        Letter::about(topic, to.or_reading(Some(language)), Look::default())
            .with("url", "https://id.example.com/if/flow/x/?flow_token=t&a=b")
            .with("code", "123456")
            .with("body", serde_json::Value::Null)
            .with("facts", json!([["When", "now"], ["<b>Where</b>", "here"]]))
            .until(Timestamp::from_secs(1_800_001_800))
    }

    fn rendered(letter: &Letter) -> Rendered {
        let catalogues = Catalogues::load_reporting(|missing| panic!("{missing:?}")).unwrap();
        render(letter, &Library::embedded(), &catalogues, Timestamp::from_secs(1_800_000_000)).unwrap()
    }

    #[test]
    fn every_letter_is_rendered_in_every_language_and_escapes_what_people_chose() {
        for topic in Topic::ALL {
            for language in ["en", "ko", "zh-Hans"] {
                let Rendered { subject, text, html } = rendered(&letter(topic, language));
                let html = html.unwrap();
                assert!(!html.contains("<script>alert") && !html.contains("<b>Where"), "{topic:?}: {html}");
                assert!(html.contains(&format!("lang=\"{language}\"")), "{topic:?}");
                assert!(!text.contains("&amp;") && !text.contains("<p"), "{topic:?}: {text}");
                assert!(!subject.is_empty() && !subject.contains("123456"), "{topic:?}: {subject}");
            }
        }
    }

    #[test]
    fn links_stand_in_both_forms() {
        let Rendered { text, html, .. } = rendered(&letter(Topic::PasswordReset, "en"));
        assert!(text.contains("https://id.example.com/if/flow/x/?flow_token=t&a=b"), "{text}");
        assert!(html.unwrap().contains("flow_token=t&amp;a=b"));
    }

    #[test]
    fn a_template_without_end_ends() {
        let name =
            format!("countersign-mail-{}", countersign_types::random_uuid(&countersign_crypto::SystemRng));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(folder.join("email")).unwrap();
        let endless = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
        std::fs::write(folder.join("email/endless.html"), endless).unwrap();
        let library = Library::embedded().with_directory(&folder);
        let letter =
            Letter::from_template("email/endless.html", Person::at("a@example.com"), Look::default())
                .titled(Text::literal("x"));
        let catalogues = Catalogues::load().unwrap();
        let outcome = render(&letter, &library, &catalogues, Timestamp::from_secs(0));
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(outcome.is_err());
    }
}
