//! `ak_send_email`: letters that an expression writes, to be sent when it has come to its end.

use countersign_expr::{HostError, Value};
use countersign_mail::{Letter, Look, Person};
use countersign_model::{ConfigObjectId, Family};
use countersign_types::{JsonObject, Text};

use super::{arguments::Arguments, present::absorb, world::World};
use crate::happening::is_about_event;

/// Addresses of one letter, copies included.
const MAX_ADDRESSES: usize = 20;
/// Characters of a subject, and bytes of words.
const MAX_SUBJECT: usize = 250;
const MAX_BODY: usize = 64 * 1024;

/// Queues a letter. Whether there is a mail server that it can go to.
pub(super) fn send(world: &World, mut arguments: Arguments<'_>) -> Result<Value, HostError> {
    let to = addresses("address", arguments.required("address")?)?;
    let subject = arguments.text("subject")?;
    let body = text("body", arguments.take("body"))?;
    let stage = arguments.take("stage").unwrap_or_default();
    let template = text("template", arguments.take("template"))?;
    let values = arguments.take("context").unwrap_or_default();
    let cc = arguments.take("cc").map_or_else(|| Ok(Vec::new()), |cc| addresses("cc", cc))?;
    let bcc = arguments.take("bcc").map_or_else(|| Ok(Vec::new()), |bcc| addresses("bcc", bcc))?;
    arguments.finish()?;
    let Some((first, others)) = to.split_first() else {
        return Err(HostError::Value("an address is needed".to_owned()));
    };
    if to.len() + cc.len() + bcc.len() > MAX_ADDRESSES {
        return Err(HostError::Value(format!("a letter goes to at most {MAX_ADDRESSES} addresses")));
    }
    if body.as_ref().is_some_and(|body| body.len() > MAX_BODY) || subject.chars().count() > MAX_SUBJECT {
        return Err(HostError::Value("the letter is too long".to_owned()));
    }
    let via = via(world, &stage)?;
    let Some(mail) = world.reach.mail.as_ref().filter(|mail| mail.is_configured(&world.snapshot, via)) else {
        tracing::warn!("an expression sends a letter, and there is no mail server");
        return Ok(Value::Bool(false));
    };
    let home = mail.home(&world.snapshot, &world.facts.host, &world.facts.base_url);
    let look = Look::of(world.snapshot.brand_for(&world.facts.host), home.unwrap_or_default());
    let letter = match (body, template) {
        (Some(body), None) => {
            Letter { body: Some(body), ..Letter::from_template("", person(world, first), look) }
        }
        (None, Some(template)) => Letter::from_template(template, person(world, first), look),
        _ => return Err(HostError::Value("a letter has either a body or a template".to_owned())),
    };
    let letter = Letter {
        cc: others.iter().cloned().chain(cc).collect(),
        bcc,
        values: dictionary(&values)?,
        is_quiet: is_about_event(&world.context()),
        ..letter.titled(Text::literal(subject)).via(via)
    };
    world.afterwards.write_to(letter)?;
    Ok(Value::Bool(true))
}

/// The user of the request where it is his address, who then reads his own language.
fn person(world: &World, address: &str) -> Person {
    let user = world.user.as_ref().filter(|subject| subject.user.email == address);
    let person = user.map_or_else(|| Person::at(address), |subject| Person::of(&subject.user));
    person.or_reading(Some(&world.facts.locale))
}

/// The stage whose mail server sends it, by name; none for that of the configuration.
fn via(world: &World, stage: &Value) -> Result<Option<ConfigObjectId>, HostError> {
    let name = match stage {
        Value::None => return Ok(None),
        Value::Str(name) => name,
        other => return Err(HostError::Type(format!("a stage is named, it is not {}", other.type_name()))),
    };
    let found = world.snapshot.object_by_name(Family::Stage, name);
    match found.filter(|stage| stage.kind == countersign_mail::STAGE) {
        Some(stage) => Ok(Some(stage.id)),
        None => Err(HostError::Value(format!("there is no e-mail stage '{name}'"))),
    }
}

fn text(name: &str, value: Option<Value>) -> Result<Option<String>, HostError> {
    match value {
        None | Some(Value::None) => Ok(None),
        Some(Value::Str(text)) => Ok(Some(text)),
        Some(other) => Err(HostError::Type(format!("'{name}' must be str, not {}", other.type_name()))),
    }
}

/// One address or several, each of which can be written to.
fn addresses(name: &str, value: Value) -> Result<Vec<String>, HostError> {
    let listed = match value {
        Value::None => Vec::new(),
        Value::List(items) | Value::Tuple(items) => items,
        one => vec![one],
    };
    let address = |value: Value| match value {
        Value::Str(address) if Person::at(address.as_str()).is_reachable() => Ok(address),
        Value::Str(_) => Err(HostError::Value(format!("'{name}' has what is no address"))),
        other => Err(HostError::Type(format!("'{name}' must be str, not {}", other.type_name()))),
    };
    listed.into_iter().map(address).collect()
}

fn dictionary(values: &Value) -> Result<JsonObject, HostError> {
    match values {
        Value::None => Ok(JsonObject::new()),
        values => match absorb(values, false)? {
            serde_json::Value::Object(members) => Ok(members),
            _ => Err(HostError::Type("'context' must be dict".to_owned())),
        },
    }
}
