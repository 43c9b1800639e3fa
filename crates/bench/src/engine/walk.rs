//! Walking through flows as the web does, from the first page to the end.

use countersign_flows::{BrowserSecret, FlowError, FlowRequest, Reply, ReplyKind, Response, SessionChange};
use countersign_policies::KnownDevices;
use countersign_types::random_uuid;

use super::house::{self, House, PASSWORD, USERNAME, facts};
use crate::Fault;

/// Name, password, a page to confirm, session: a flow of four stages. What the browser is known by afterwards.
pub(super) async fn sign_in(house: &House, devices: &KnownDevices) -> Result<KnownDevices, Fault> {
    let mut request = request(house, house::SIGN_IN);
    request.facts.devices = devices.clone();
    let mut reply = house.executor.show_first(&request).await.map_err(failed)?;
    for fields in [&[("uid_field", USERNAME)][..], &[("password", PASSWORD)][..], &[]] {
        let (ReplyKind::Challenge(shown) | ReplyKind::NextChallenge(shown)) = reply.kind else {
            return Err(Fault::Program("the flow ends too early".to_owned()));
        };
        let pairs = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let response =
            Response::from_form(pairs).ok_or_else(|| Fault::Program("the form is not taken".to_owned()))?;
        let answered = house.executor.answer(&request, Some(&shown.token), None, response);
        reply = answered.await.map_err(failed)?;
    }
    match reply {
        Reply { kind: ReplyKind::Redirect { .. }, session: SessionChange::Set { device, .. }, .. } => {
            Ok(device.map_or_else(KnownDevices::default, |cookie| house.known_by(cookie.value.expose())))
        }
        _ => Err(Fault::Program("nobody is signed in at the end of the flow".to_owned())),
    }
}

/// Opens a flow and answers it, each time as the page asks for; what came of the last answer.
pub(crate) async fn answer_to(house: &House, slug: &str, answers: Vec<Response>) -> Result<Reply, FlowError> {
    let request = request(house, slug);
    let mut reply = house.executor.show_first(&request).await?;
    for answer in answers {
        let (ReplyKind::Challenge(shown) | ReplyKind::NextChallenge(shown)) = reply.kind else { break };
        reply = house.executor.answer(&request, Some(&shown.token), None, answer).await?;
    }
    Ok(reply)
}

/// The first page of the large flow.
pub(super) async fn open_large(house: &House) -> Result<(), Fault> {
    let reply = house.executor.show_first(&request(house, house::LARGE)).await.map_err(failed)?;
    match reply.kind {
        ReplyKind::Challenge(_) => Ok(()),
        _ => Err(Fault::Program("the large flow asks nothing".to_owned())),
    }
}

/// From a browser that was never here.
fn request(house: &House, slug: &str) -> FlowRequest {
    let secret = random_uuid(&*house.executor.services().rng).to_string();
    FlowRequest {
        slug: slug.to_owned(),
        query: String::new(),
        browser: BrowserSecret::from(secret),
        session_key: None,
        facts: facts(),
    }
}

fn failed(error: impl std::fmt::Display) -> Fault {
    Fault::Program(format!("the flow fails: {error}"))
}
