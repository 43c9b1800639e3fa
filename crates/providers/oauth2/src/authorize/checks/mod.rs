//! The checks of an authorization request, in the order in which they are made.
//!
//! Until the first phase is over nothing is known about where an answer may go, so that its errors are shown
//! on a page; those of the second go back to the client.

mod client;
mod grant_type;
mod pkce;
mod redirect_uri;
mod request;
mod response_type;
mod scope;

use super::draft::{Draft, Refused, Stop, Validated};

/// Where the error of a check goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// On a page: whom to send it to is not known.
    Page,
    /// Back to the client.
    Redirect,
}

/// A check.
pub(super) struct Check {
    name: &'static str,
    phase: Phase,
    /// What it enforces.
    source: &'static str,
    run: fn(&mut Draft<'_>) -> Result<(), Refused>,
}

impl Check {
    const fn new(
        phase: Phase,
        name: &'static str,
        source: &'static str,
        run: fn(&mut Draft<'_>) -> Result<(), Refused>,
    ) -> Self {
        Self { name, phase, source, run }
    }

    /// The row, for people.
    #[cfg(test)]
    pub(super) fn line(&self) -> String {
        format!("{:8} {:13} {}", format!("{:?}", self.phase), self.name, self.source)
    }
}

/// Every check there is.
pub(super) const CHECKS: &[Check] = &[
    Check::new(Phase::Page, "client", "RFC 6749 §4.1.2.1", client::check),
    Check::new(Phase::Page, "redirect_uri", "RFC 9700 §2.1, §4.1.3", redirect_uri::check),
    Check::new(Phase::Redirect, "request", "OpenID Connect Core §3.1.2.2", request::check),
    Check::new(Phase::Redirect, "response_type", "RFC 9700 §2.1.2", response_type::check),
    Check::new(Phase::Redirect, "grant_type", "RFC 6749 §4.1.2.1", grant_type::check),
    Check::new(Phase::Redirect, "pkce", "RFC 9700 §2.1.1", pkce::check),
    Check::new(Phase::Redirect, "scope", "RFC 6749 §3.3", scope::check),
];

/// Makes every check.
pub(super) fn run(mut draft: Draft<'_>) -> Result<Validated, Stop> {
    for check in CHECKS {
        if let Err(refused) = (check.run)(&mut draft) {
            return Err(stop(check, &draft, refused));
        }
    }
    let answer = draft.answer();
    draft.finish().map_err(|refused| match (refused, answer) {
        (Refused::Fault(fault), _) => Stop::Fault(fault),
        (Refused::Request(error), Some(answer)) => Stop::Redirect(answer, error),
        (Refused::Request(error), None) => Stop::Page(error),
    })
}

fn stop(check: &Check, draft: &Draft<'_>, refused: Refused) -> Stop {
    let request_id = draft.call.facts.request_id.as_str();
    match refused {
        Refused::Fault(fault) => Stop::Fault(fault),
        Refused::Request(error) => {
            let (check_name, source) = (check.name, check.source);
            tracing::info!(request_id, check = check_name, source, %error, "an authorization request was refused");
            match (check.phase, draft.answer()) {
                (Phase::Redirect, Some(answer)) => Stop::Redirect(answer, error),
                (Phase::Page, _) | (Phase::Redirect, None) => Stop::Page(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_of_checks() {
        assert_eq!(
            super::super::table(),
            [
                "Page     client        RFC 6749 §4.1.2.1",
                "Page     redirect_uri  RFC 9700 §2.1, §4.1.3",
                "Redirect request       OpenID Connect Core §3.1.2.2",
                "Redirect response_type RFC 9700 §2.1.2",
                "Redirect grant_type    RFC 6749 §4.1.2.1",
                "Redirect pkce          RFC 9700 §2.1.1",
                "Redirect scope         RFC 6749 §3.3",
            ]
        );
    }
}
