//! The body of a flow page's form, in either of the two encodings that a browser uses.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::CONTENT_TYPE, web::BytesMut};
use countersign_types::ErrorKind;
use countersign_web::{App, BoundedForm, WebError, multipart::boundary};
use futures_util::{StreamExt as _, future::LocalBoxFuture};

use super::multipart;

/// Bytes of a form with a file: files of prompts are at most 512 KiB.
const MAX_BYTES: usize = 768 * 1024;

/// What was filled in, names with values, in order.
pub(crate) struct FlowForm(pub(crate) Vec<(String, String)>);

impl FromRequest for FlowForm {
    type Error = WebError;
    type Future = LocalBoxFuture<'static, Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let Some(boundary) = content_type.and_then(boundary) else {
            let form = BoundedForm::from_request(request, payload);
            return Box::pin(async move { Ok(Self(form.await?.0.into_vec())) });
        };
        let payload = payload.take();
        let max_fields = App::of(request).map(|app| app.settings().limits.form_fields).unwrap_or_default();
        Box::pin(async move {
            let body = collect(payload).await?;
            let pairs = multipart::parse(&body, &boundary, max_fields);
            pairs.map(Self).map_err(|error| WebError::invalid().caused_by(error))
        })
    }
}

async fn collect(mut payload: Payload) -> Result<BytesMut, WebError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| WebError::invalid().caused_by(error))?;
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(WebError::new(ErrorKind::TooLarge));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
