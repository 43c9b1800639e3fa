//! The mark that an authorization request carries to the sign-in page and back: when it was first made.
//!
//! A user who has proved who he is since then has done what `prompt=login` asks, and is not asked again. The
//! mark is sealed, bound to the request and to the browser, and worth nothing for any other.

use countersign_crypto::Sealer;
use countersign_flows::BrowserSecret;
use countersign_oauth2::Params;
use countersign_types::{Span, Timestamp};

/// The parameter. Applications do not send it; one that is not ours is passed over.
pub(super) const NAME: &str = "countersign_since";

const PURPOSE: &str = "oauth2 authorization mark";
/// How long a sign-in may take.
const LIFETIME: Span = Span::from_mins(60);

/// Marks a request that was made now.
pub(super) fn seal(sealer: &Sealer, params: &Params, browser: &BrowserSecret, now: Timestamp) -> String {
    sealer.seal_text(PURPOSE, &binding(params, browser), &now.as_micros().to_be_bytes())
}

/// When the request was first made; none without a mark of ours that is young enough.
pub(super) fn open(
    sealer: &Sealer,
    params: &Params,
    browser: &BrowserSecret,
    now: Timestamp,
) -> Option<Timestamp> {
    let plain = sealer.open_text(PURPOSE, &binding(params, browser), params.get(NAME)?).ok()?;
    let since = Timestamp::from_micros(i64::from_be_bytes(plain.try_into().ok()?));
    (since <= now && now.since(since) <= LIFETIME).then_some(since)
}

fn binding(params: &Params, browser: &BrowserSecret) -> Vec<u8> {
    let query = query(params.pairs().filter(|(name, _)| *name != NAME));
    let mut bound = countersign_crypto::digest(browser.expose()).as_bytes().to_vec();
    bound.extend_from_slice(countersign_crypto::digest(&query).as_bytes());
    bound
}

/// Parameters as a query string.
pub(super) fn query<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use countersign_crypto::{MasterKey, SystemRng};
    use countersign_types::Secret;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    fn sealer() -> Sealer {
        Sealer::new(MasterKey::from_secret(&"m".repeat(64).into()).unwrap(), &[], Arc::new(SystemRng))
    }

    fn marked(query: &str, mark: &str) -> Params {
        Params::from_pairs(
            Params::parse(query.as_bytes())
                .unwrap()
                .pairs()
                .chain([(NAME, mark)])
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
        )
        .unwrap()
    }

    #[test]
    fn a_mark_is_for_one_request_in_one_browser_and_for_an_hour() {
        let (sealer, browser) = (sealer(), Secret::from("browser"));
        let query = "client_id=a&prompt=login";
        let mark = seal(&sealer, &Params::parse(query.as_bytes()).unwrap(), &browser, NOW);
        let open = |query: &str, mark: &str, browser: &str, now| {
            open(&sealer, &marked(query, mark), &Secret::from(browser), now)
        };
        assert_eq!(open(query, &mark, "browser", NOW), Some(NOW));
        assert_eq!(open(query, &mark, "browser", NOW.plus(Span::from_mins(60))), Some(NOW));
        assert_eq!(open(query, &mark, "browser", NOW.plus(Span::from_mins(61))), None);
        assert_eq!(open(query, &mark, "browser", NOW.minus(Span::from_secs(1))), None);
        assert_eq!(open(query, &mark, "another", NOW), None);
        assert_eq!(open("client_id=b&prompt=login", &mark, "browser", NOW), None);
        assert_eq!(open(query, &mark[..mark.len() - 1], "browser", NOW), None);
        assert_eq!(open(query, "", "browser", NOW), None);
    }
}
