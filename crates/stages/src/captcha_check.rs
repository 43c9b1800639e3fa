//! Verifying captchas: the one way, used by the captcha stage and by the identification stage with a captcha of its
//! own.
//!
//! The verifier is asked within a time and a size, and only at the address that was configured. Whatever it does not
//! clearly say yes to is no: no answer, an answer of another form, a score out of bounds.

use std::{sync::Arc, time::Duration};

use countersign_flows::{CaptchaWidget, Key, StageCx, StageError};
use countersign_model::ConfigObjectId;
use countersign_outbound::{Answer, Limits, Method, Outbound, OutboundError, Request, Rules};
use countersign_types::{FieldErrors, JsonObject, Secret};
use serde_json::{Value, json};

use crate::kinds::captcha::{CaptchaStage, RequestContentType, origin};

/// What asking may take.
const LIMITS: Limits = Limits { time: Duration::from_secs(5), bytes: 64 * 1024 };
/// Longest answer of a widget.
const MAX_TOKEN: usize = 16 * 1024;
/// What the verifier said, for policies.
const CAPTCHA: Key<JsonObject> = Key::new("captcha");
/// Keys that policies may set instead of those configured.
const SITE_KEY: Key<String> = Key::new("goauthentik.io/stages/captcha/site_key");
const PRIVATE_KEY: Key<String> = Key::new("goauthentik.io/stages/captcha/private_key");

/// A captcha as it is configured, made once per configuration.
pub(crate) struct Captcha {
    pub(crate) spec: CaptchaStage,
    outbound: Outbound,
}

impl Captcha {
    /// The captcha of a stage.
    pub(crate) fn of(cx: &StageCx<'_>, id: ConfigObjectId) -> Result<Arc<Self>, StageError> {
        let wrong = |problem: String| StageError::Configuration { stage: cx.stage_name.to_owned(), problem };
        cx.snapshot.memo(id.raw(), || {
            let object =
                cx.snapshot.object(id).ok_or_else(|| wrong("its captcha is not there".to_owned()))?;
            let spec = countersign_registry::load::<CaptchaStage>(object, &cx.services.sealer)
                .map_err(|error| wrong(error.to_string()))?;
            let host =
                origin(&spec.api_url).ok_or_else(|| wrong("its verifier has no address".to_owned()))?;
            let host = host.parse().map_err(|problem: &str| wrong(problem.to_owned()))?;
            let rules = Rules { hosts: vec![host], networks: cx.services.networks.clone() };
            let outbound = Outbound::new(rules).map_err(|error| wrong(error.to_string()))?;
            Ok(Self { spec, outbound })
        })
    }

    fn site_key(&self, cx: &StageCx<'_>) -> String {
        cx.context.get(&SITE_KEY).unwrap_or_else(|| self.spec.public_key.clone())
    }

    fn private_key(&self, cx: &StageCx<'_>) -> Secret<String> {
        let set = cx.context.get(&PRIVATE_KEY).filter(|key| !key.is_empty());
        set.map_or_else(|| self.spec.private_key.clone(), Secret::from)
    }

    /// What programs are told.
    pub(crate) fn data(&self, cx: &StageCx<'_>) -> JsonObject {
        let mut data = JsonObject::new();
        data.insert("site_key".to_owned(), Value::from(self.site_key(cx)));
        data.insert("js_url".to_owned(), Value::from(self.spec.js_url.clone()));
        data.insert("interactive".to_owned(), Value::from(self.spec.interactive));
        data
    }

    /// What the page shows.
    pub(crate) fn widget(&self, cx: &StageCx<'_>) -> CaptchaWidget {
        CaptchaWidget {
            field: "captcha_token",
            site_key: self.site_key(cx),
            script: self.spec.js_url.clone(),
            // Cap's widget speaks to the same place that verifies.
            endpoint: self.spec.api_url.strip_suffix("siteverify").unwrap_or_default().to_owned(),
            interactive: self.spec.interactive,
            sends: false,
        }
    }

    /// Whether the answer of a widget is one; what is wrong with it otherwise.
    pub(crate) async fn verify(
        &self,
        cx: &mut StageCx<'_>,
        token: &str,
        field: &'static str,
    ) -> Result<(), FieldErrors> {
        let wrong = || FieldErrors::one(field, "invalid", "stages-captcha-wrong");
        if token.len() > MAX_TOKEN {
            return Err(wrong());
        }
        let answer = match self.outbound.send(self.request(cx, token), LIMITS).await {
            Ok(answer) => answer,
            Err(error) => return Err(unreachable_now(cx, &error, field)),
        };
        let Some(said) = said(&answer) else {
            tracing::warn!(
                stage = cx.stage_name,
                status = answer.status,
                "a captcha's verifier says nothing clear"
            );
            return Err(FieldErrors::one(field, "unavailable", "stages-captcha-unavailable"));
        };
        if said.get("success") != Some(&Value::Bool(true)) {
            let codes = said.get("error-codes").map(Value::to_string).unwrap_or_default();
            tracing::info!(stage = cx.stage_name, codes, "a captcha was not solved");
            return Err(wrong());
        }
        let score = said.get("score").and_then(Value::as_f64);
        let bounds = self.spec.score_min_threshold..=self.spec.score_max_threshold;
        if self.spec.error_on_invalid_score && score.is_some_and(|score| !bounds.contains(&score)) {
            return Err(wrong());
        }
        let known = JsonObject::from_iter([
            ("response".to_owned(), Value::Object(said)),
            ("score".to_owned(), score.map_or(Value::Null, Value::from)),
        ]);
        cx.context.set(&CAPTCHA, &known);
        Ok(())
    }

    fn request(&self, cx: &StageCx<'_>, token: &str) -> Request {
        let address = cx.facts.client.map(|client| client.to_string()).unwrap_or_default();
        let secret = self.private_key(cx);
        let values = [("secret", secret.expose().as_str()), ("response", token), ("remoteip", &address)];
        let values = values.into_iter().filter(|(_, value)| !value.is_empty());
        let (kind, body) = match self.spec.request_content_type {
            RequestContentType::Form => {
                let pairs =
                    values.map(|(name, value)| format!("{name}={}", countersign_flows::encode(value)));
                ("application/x-www-form-urlencoded", pairs.collect::<Vec<_>>().join("&"))
            }
            RequestContentType::Json => {
                let object: JsonObject =
                    values.map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
                ("application/json", json!(object).to_string())
            }
        };
        Request {
            method: Method::Post,
            url: self.spec.api_url.clone(),
            headers: vec![("Content-Type".to_owned(), kind.to_owned())],
            body: body.into_bytes(),
            follow: false,
        }
    }
}

fn unreachable_now(cx: &StageCx<'_>, error: &OutboundError, field: &'static str) -> FieldErrors {
    tracing::warn!(stage = cx.stage_name, %error, "a captcha's verifier cannot be asked");
    FieldErrors::one(field, "unavailable", "stages-captcha-unavailable")
}

/// What the verifier says, if it is what verifiers say.
fn said(answer: &Answer) -> Option<JsonObject> {
    if answer.status != 200 {
        return None;
    }
    let said: JsonObject = serde_json::from_slice(&answer.body).ok()?;
    said.get("success").is_some_and(Value::is_boolean).then_some(said)
}
