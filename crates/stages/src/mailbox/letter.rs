//! Letters with the looks of the house, and where the links in them lead.

use countersign_flows::{StageCx, StageError, query_value};
use countersign_mail::{Letter, Look, Person};
use countersign_types::{Secret, Text};

/// A letter from a template; its subject is the template's own where none is given.
pub(crate) fn letter(
    cx: &StageCx<'_>,
    to: Person,
    template: &str,
    subject: &str,
) -> Result<Letter, StageError> {
    let look = Look::of(cx.snapshot.brand_for(&cx.facts.host), home(cx)?);
    let letter = Letter::from_template(template, to.or_reading(Some(&cx.facts.locale)), look);
    let letter = match subject {
        "" => letter,
        subject => letter.titled(Text::literal(subject)),
    };
    Ok(if letter.to.is_reachable() { letter } else { letter.to_nobody() })
}

/// The address that brings this flow back by a flow token, and ends where the flow would have ended.
pub(crate) fn link(cx: &StageCx<'_>, token: &Secret<String>) -> Result<String, StageError> {
    let next = query_value(&cx.here.query, "next");
    let next = next.map(|next| format!("&next={}", countersign_flows::encode(&next))).unwrap_or_default();
    Ok(format!("{}/if/flow/{}/?flow_token={}{next}", home(cx)?, cx.here.slug, token.expose()))
}

/// Our own address. Complains where it cannot be told for certain.
fn home<'c>(cx: &'c StageCx<'_>) -> Result<&'c str, StageError> {
    cx.own_address().ok_or_else(|| StageError::Configuration {
        stage: cx.stage_name.to_owned(),
        problem: "set web.base_url, or a brand for this host: links in mail go to no address that a browser made up"
            .to_owned(),
    })
}
