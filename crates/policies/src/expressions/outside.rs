//! Functions that wait for other machines: requests and names.

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use countersign_expr::{HostError, Value};
use countersign_outbound::{Answer, Family, Limits, Method, Outbound, OutboundError, Request};

use super::{arguments::Arguments, reach::Reach};

/// Their names; the first is what the `requests` of expressions is made of.
pub(super) const FUNCTIONS: &[&str] = &["_cs_http", "resolve_dns", "reverse_dns"];

/// Calls one.
pub(super) fn call(reach: &Reach, function: &str, arguments: Arguments<'_>) -> Result<Value, HostError> {
    match function {
        "_cs_http" => request(reach, arguments),
        "resolve_dns" => resolve(reach, arguments),
        _ => reverse(reach, arguments),
    }
}

fn outbound(reach: &Reach) -> Result<&Outbound, HostError> {
    reach.outbound.as_ref().ok_or_else(|| HostError::Denied("nothing may be reached from here".to_owned()))
}

/// The same, for questions about names.
fn resolver(reach: &Reach) -> Result<&Outbound, HostError> {
    if reach.dns {
        outbound(reach)
    } else {
        Err(HostError::Denied("names are not looked up here".to_owned()))
    }
}

fn failed(error: &OutboundError) -> HostError {
    match error {
        OutboundError::Refused(_) => HostError::Denied(error.to_string()),
        OutboundError::Invalid(what) => HostError::Value((*what).to_owned()),
        OutboundError::Time | OutboundError::TooLarge | OutboundError::Failed | OutboundError::Busy => {
            HostError::System(error.to_string())
        }
    }
}

/// Status, address, headers and text of what came back.
fn request(reach: &Reach, mut arguments: Arguments<'_>) -> Result<Value, HostError> {
    let method = arguments.text("method")?;
    let method = Method::named(&method).ok_or_else(|| HostError::Value(format!("no method {method}")))?;
    let url = arguments.text("url")?;
    let headers = match arguments.required("headers")? {
        Value::Dict(headers) => headers,
        other => return Err(HostError::Type(format!("headers must be a dict, not {}", other.type_name()))),
    };
    let headers = headers.into_iter().map(|(name, value)| match value {
        Value::Str(value) => Ok((name, value)),
        other => Err(HostError::Type(format!("header '{name}' must be str, not {}", other.type_name()))),
    });
    let headers = headers.collect::<Result<_, _>>()?;
    let body = arguments.text("body")?.into_bytes();
    let follow = arguments.required("follow")?.is_truthy();
    let time = time(reach, &arguments.take("timeout").unwrap_or_default());
    arguments.finish()?;
    let limits = Limits { time, bytes: reach.answer_bytes };
    let request = Request { method, url, headers, body, follow };
    let began = Instant::now();
    let answer = outbound(reach)?.send_blocking(request, limits).map_err(|error| failed(&error));
    tracing::debug!(ok = answer.is_ok(), elapsed = ?began.elapsed(), "an expression sent a request");
    answer.map(shown)
}

/// The time that was asked for, as far as it is allowed.
fn time(reach: &Reach, asked: &Value) -> Duration {
    let asked = match asked {
        Value::Int(seconds) => u64::try_from(*seconds).ok().map(Duration::from_secs),
        Value::Float(seconds) => Duration::try_from_secs_f64(*seconds).ok(),
        _ => None,
    };
    asked.map_or(reach.answer_time, |asked| asked.min(reach.answer_time))
}

fn shown(answer: Answer) -> Value {
    let headers = answer.headers.into_iter().map(|(name, value)| (capitalised(&name), Value::Str(value)));
    Value::Tuple(vec![
        Value::Int(answer.status.into()),
        Value::Str(answer.url),
        Value::dict(headers),
        Value::Str(String::from_utf8_lossy(&answer.body).into_owned()),
    ])
}

/// `content-type` as it is usually written: `Content-Type`.
fn capitalised(name: &str) -> String {
    let parts = name.split('-').map(|part| {
        let mut letters = part.chars();
        letters
            .next()
            .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
    });
    parts.collect::<Vec<_>>().join("-")
}

/// Addresses of a name; none for one that does not exist.
fn resolve(reach: &Reach, mut arguments: Arguments<'_>) -> Result<Value, HostError> {
    let host = arguments.text("host")?;
    let family = match arguments.take("ip_version").unwrap_or_default() {
        Value::None => Family::Any,
        Value::Int(4) => Family::V4,
        Value::Int(6) => Family::V6,
        _ => return Err(HostError::Value("ip_version is 4, 6 or None".to_owned())),
    };
    arguments.finish()?;
    let found = resolver(reach)?
        .resolve_blocking(&host, family, reach.answer_time)
        .map_err(|error| failed(&error))?;
    Ok(Value::list(found.into_iter().map(|address| Value::Str(address.to_string()))))
}

/// The name of an address; the address itself where it has none.
fn reverse(reach: &Reach, mut arguments: Arguments<'_>) -> Result<Value, HostError> {
    let text = match arguments.required("ip_addr")? {
        Value::Ip(address) => address.to_string(),
        Value::Str(text) => text,
        other => return Err(HostError::Type(format!("an address is needed, not {}", other.type_name()))),
    };
    arguments.finish()?;
    let address: IpAddr = text.parse().map_err(|_| HostError::Value(format!("'{text}' is no address")))?;
    let name =
        resolver(reach)?.reverse_blocking(address, reach.answer_time).map_err(|error| failed(&error))?;
    Ok(Value::Str(name.unwrap_or(text)))
}
