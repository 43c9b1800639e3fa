//! How the results of bindings make one result. Pure: what is asked of whom is the engine's business.
//!
//! ```text
//!   binding     off, expired ── does not count
//!               evaluated ───── passing, turned round by `negate`
//!               failed ──────── `failure_result` as it stands; `negate` does not turn a failure into a pass
//!   any         one that passes is enough
//!   all         every one must pass
//!   none counts pass, unless what guarded the object has merely expired
//! ```

use std::time::Duration;

use countersign_model::{BoundTo, PolicyBinding, PolicyBindingId, PolicyEngineMode};
use countersign_types::{RawId, Timestamp};

use crate::{LoggedLine, PolicyResult};

/// What one binding, or one policy of a list, said: for who looks on.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// What is guarded; none for a policy of a list.
    pub target: Option<RawId>,
    /// The binding; none for a policy of a list.
    pub binding: Option<PolicyBindingId>,
    /// What was asked.
    pub asked: BoundTo,
    /// Name of the policy; empty for groups and users.
    pub name: String,
    /// Whether the binding passes, after all its settings.
    pub passing: bool,
    /// Why the policy could not be evaluated, if so.
    pub failure: Option<String>,
    /// Messages for the person.
    pub messages: Vec<String>,
    /// What expressions wrote to `ak_logger`.
    pub lines: Vec<LoggedLine>,
    /// How long it took.
    pub elapsed: Duration,
}

/// Whether a binding counts now.
pub(crate) fn counts(binding: &PolicyBinding, now: Timestamp) -> bool {
    binding.enabled && !has_expired(binding, now)
}

fn has_expired(binding: &PolicyBinding, now: Timestamp) -> bool {
    binding.expires.is_some_and(|expires| expires <= now)
}

/// The result when no binding counts.
///
/// Without enabled bindings an object is open. A binding that let certain people in until yesterday must not
/// open the object to everybody today, so an expired binding that is not negated keeps it shut.
pub(crate) fn unguarded(bindings: &[PolicyBinding]) -> PolicyResult {
    let granted_once = bindings.iter().any(|binding| binding.enabled && !binding.negate);
    PolicyResult { passing: !granted_once, messages: Vec::new() }
}

/// The result of one binding. `outcome` is none when evaluation failed.
pub(crate) fn of_binding(binding: &PolicyBinding, outcome: Option<PolicyResult>) -> PolicyResult {
    match outcome {
        Some(PolicyResult { passing, messages }) => {
            PolicyResult { passing: passing != binding.negate, messages }
        }
        None => PolicyResult { passing: binding.failure_result, messages: Vec::new() },
    }
}

/// Results on their way to one.
pub(crate) struct Tally {
    mode: PolicyEngineMode,
    passed: bool,
    failed: bool,
    messages: Vec<String>,
}

impl Tally {
    pub(crate) const fn new(mode: PolicyEngineMode) -> Self {
        Self { mode, passed: false, failed: false, messages: Vec::new() }
    }

    pub(crate) fn add(&mut self, result: PolicyResult) {
        if result.passing {
            self.passed = true;
        } else {
            self.failed = true;
        }
        self.messages.extend(result.messages);
    }

    /// Whether nothing can pass any more.
    pub(crate) fn is_lost(&self) -> bool {
        self.mode == PolicyEngineMode::All && self.failed
    }

    /// The one result. Of nothing at all it is a denial: callers say themselves what an empty list means.
    pub(crate) fn finish(self) -> PolicyResult {
        let passing = match self.mode {
            PolicyEngineMode::Any => self.passed,
            PolicyEngineMode::All => self.passed && !self.failed,
        };
        PolicyResult { passing, messages: self.messages }
    }
}

#[cfg(test)]
mod tests {
    use countersign_model::{BoundTo, PolicyBindingId, UserId};
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000);

    fn binding() -> PolicyBinding {
        PolicyBinding {
            id: PolicyBindingId(Uuid::nil()),
            target: Uuid::nil(),
            bound_to: BoundTo::User(UserId(Uuid::nil())),
            enabled: true,
            negate: false,
            order: 0,
            timeout: 30,
            failure_result: false,
            expires: None,
        }
    }

    fn outcome(passing: bool) -> Option<PolicyResult> {
        Some(PolicyResult { passing, messages: Vec::new() })
    }

    fn tally(mode: PolicyEngineMode, results: &[bool]) -> bool {
        let mut tally = Tally::new(mode);
        for passing in results {
            tally.add(PolicyResult { passing: *passing, messages: Vec::new() });
        }
        tally.finish().passing
    }

    #[test]
    fn any_needs_one_and_all_needs_every_one() {
        use PolicyEngineMode::{All, Any};
        for (results, any, all) in [
            (&[true][..], true, true),
            (&[false], false, false),
            (&[true, true], true, true),
            (&[true, false], true, false),
            (&[false, true], true, false),
            (&[false, false], false, false),
            (&[], false, false),
        ] {
            assert_eq!(tally(Any, results), any, "any of {results:?}");
            assert_eq!(tally(All, results), all, "all of {results:?}");
        }
    }

    #[test]
    fn negate_turns_results_round_but_not_failures() {
        for (negate, failure_result, outcome, expected) in [
            (false, false, outcome(true), true),
            (false, false, outcome(false), false),
            (true, false, outcome(true), false),
            (true, false, outcome(false), true),
            (false, false, None, false),
            (false, true, None, true),
            (true, false, None, false),
            (true, true, None, true),
        ] {
            let binding = PolicyBinding { negate, failure_result, ..binding() };
            assert_eq!(of_binding(&binding, outcome.clone()).passing, expected, "{binding:?} {outcome:?}");
        }
    }

    #[test]
    fn a_binding_counts_while_enabled_and_until_it_expires() {
        for (enabled, expires, expected) in [
            (true, None, true),
            (false, None, false),
            (true, Some(Timestamp::from_secs(1_001)), true),
            (true, Some(NOW), false),
            (true, Some(Timestamp::from_secs(999)), false),
            (false, Some(Timestamp::from_secs(1_001)), false),
        ] {
            assert_eq!(counts(&PolicyBinding { enabled, expires, ..binding() }, NOW), expected);
        }
    }

    #[test]
    fn an_expired_grant_does_not_open_the_door_to_everybody() {
        let expired = PolicyBinding { expires: Some(NOW), ..binding() };
        assert!(unguarded(&[]).passing);
        assert!(unguarded(&[PolicyBinding { enabled: false, ..binding() }]).passing);
        assert!(!unguarded(std::slice::from_ref(&expired)).passing);
        assert!(unguarded(&[PolicyBinding { negate: true, ..expired }]).passing, "an expired ban is over");
    }
}
