//! What the letter of an e-mail stage says, and where its link leads.

use countersign_flows::{StageCx, query_value};
use countersign_mail::{Letter, Look, Person};
use countersign_model::Brand;
use countersign_types::{Secret, Text};

use super::{Mailing, Reader};

/// The letter. Complains where our own address cannot be told for certain.
pub(super) fn letter(
    stage: &Mailing,
    cx: &StageCx<'_>,
    reader: &Reader,
    token: &Secret<String>,
) -> Result<Letter, &'static str> {
    let home = cx.own_address().ok_or(
        "set web.base_url, or a brand for this host: links in mail go to no address that a browser made up",
    )?;
    let to = match &reader.subject {
        Some(subject) => Person { address: reader.address.clone(), ..Person::of(&subject.user) },
        None => Person::at(reader.address.as_str()),
    };
    let brand: Option<&Brand> = cx.snapshot.brand_for(&cx.facts.host);
    let next = query_value(&cx.here.query, "next");
    let next = next.map(|next| format!("&next={}", countersign_flows::encode(&next))).unwrap_or_default();
    let url = format!("{home}/if/flow/{}/?flow_token={}{next}", cx.here.slug, token.expose());
    let letter = Letter::from_template(
        stage.spec.template.as_str(),
        to.or_reading(Some(&cx.facts.locale)),
        Look::of(brand, home),
    );
    let letter = match stage.spec.subject.as_str() {
        "" => letter,
        subject => letter.titled(Text::literal(subject)),
    };
    let letter = letter
        .with("url", url)
        .with("token", token.expose().as_str())
        .until(cx.now.plus(stage.spec.token_expiry))
        .via(Some(stage.id));
    Ok(if letter.to.is_reachable() { letter } else { letter.to_nobody() })
}
