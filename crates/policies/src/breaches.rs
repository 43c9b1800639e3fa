//! Lists of breached passwords, asked so that they learn nothing (k-anonymity): of the password's SHA-1 digest five
//! characters of forty go out, and what comes back are the rests of all digests that begin with them.

use std::time::Duration;

use countersign_crypto::breach_digest;
use countersign_outbound::{Limits, Outbound, OutboundError, Request, Rules};

/// Characters of the digest that go out.
const SHOWN: usize = 5;
/// What an answer may take. One has about 40 KiB, and with padding up to twice that.
const LIMITS: Limits = Limits { time: Duration::from_secs(3), bytes: 512 * 1024 };

/// A list of breached passwords.
#[derive(Clone)]
pub struct Breaches {
    outbound: Outbound,
    base_url: String,
}

impl Breaches {
    /// The list at this address, such as `https://api.pwnedpasswords.com`. It may stand inside the house: the
    /// address is the operator's.
    ///
    /// # Errors
    /// When requests cannot be sent from here at all.
    pub fn new(base_url: &str) -> Result<Self, OutboundError> {
        let base_url = base_url.trim_end_matches('/').to_owned();
        let origin = base_url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let hosts = vec![origin.parse().map_err(OutboundError::Invalid)?];
        let everywhere = ["0.0.0.0/0", "::/0"].iter().filter_map(|network| network.parse().ok()).collect();
        Ok(Self { outbound: Outbound::new(Rules { hosts, networks: everywhere })?, base_url })
    }

    /// How often a password is on the list.
    pub async fn count(&self, password: &str) -> Result<u64, OutboundError> {
        let digest = breach_digest(password);
        let (shown, rest) = digest.split_at_checked(SHOWN).ok_or(OutboundError::Failed)?;
        let request = Request {
            // Padding hides from who looks on which part of the list was asked for.
            headers: vec![("Add-Padding".to_owned(), "true".to_owned())],
            ..Request::get(format!("{}/range/{shown}", self.base_url))
        };
        let answer = self.outbound.send(request, LIMITS).await?;
        if answer.status != 200 {
            return Err(OutboundError::Failed);
        }
        counted(&String::from_utf8_lossy(&answer.body), rest).ok_or(OutboundError::Failed)
    }
}

/// The count beside the rest of a digest; none when that is no list at all.
fn counted(list: &str, rest: &str) -> Option<u64> {
    let mut lines = list.lines().filter(|line| !line.trim().is_empty()).peekable();
    lines.peek()?;
    let mut count = 0;
    for line in lines {
        let (candidate, found) = line.trim().split_once(':')?;
        let found: u64 = found.trim().parse().ok()?;
        if candidate.eq_ignore_ascii_case(rest) {
            count = found;
        }
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn a_list_is_read_and_what_is_none_is_no_answer() {
        let list = "00AA:0\r\n1E4C9B:37\n\nFFEE:1\n";
        assert_eq!(counted(list, "1e4c9b"), Some(37));
        assert_eq!(counted(list, "00AA"), Some(0), "padding");
        assert_eq!(counted(list, "ABCD"), Some(0));
        for wrong in ["", "<html>", "00AA", "00AA:many", "00AA:1\n<html>"] {
            assert_eq!(counted(wrong, "00AA"), None, "{wrong:?}");
        }
    }
}
