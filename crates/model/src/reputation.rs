//! How well an address does with an account.

use countersign_types::{JsonObject, Span, Timestamp};

countersign_types::ids! {
    /// A reputation.
    ReputationId,
}

/// The score of one name at one address.
#[derive(Clone, Debug, PartialEq)]
pub struct Reputation {
    /// Identifier.
    pub id: ReputationId,
    /// The name that was tried, in the form in which names are compared.
    pub identifier: String,
    /// From where.
    pub ip: String,
    /// What was right less what was wrong, within bounds.
    pub score: i32,
    /// Where the address is, as far as that is known.
    pub place: JsonObject,
    /// Whose network the address belongs to, as far as that is known.
    pub network: JsonObject,
    /// When the score changed last.
    pub updated: Timestamp,
    /// After this moment the score is forgotten.
    pub expires: Timestamp,
}

/// Steps from a bound of scores back to nothing: [`ReputationRule::remembered`] is divided by it.
const STEPS: i64 = 5;

/// How scores move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReputationRule {
    /// No score falls below this.
    pub lower: i32,
    /// No score rises above this.
    pub upper: i32,
    /// So long after its last change a score is forgotten. On the way there it comes nearer to nothing, a step in
    /// each fifth of the time.
    pub remembered: Span,
}

impl ReputationRule {
    /// What a score that changed last at `updated` counts now.
    pub fn faded(&self, score: i32, updated: Timestamp, now: Timestamp) -> i32 {
        let step = self.remembered.as_micros() / STEPS;
        let passed = now.since(updated).as_micros().max(0);
        let steps = i32::try_from(passed.checked_div(step).unwrap_or(i64::MAX)).unwrap_or(i32::MAX);
        score.signum() * (score.abs() - steps).max(0)
    }

    /// A score after another sign-in.
    pub fn moved(&self, score: i32, by: i32) -> i32 {
        score.saturating_add(by).clamp(self.lower, self.upper.max(self.lower))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: ReputationRule = ReputationRule { lower: -5, upper: 5, remembered: Span::from_days(1) };

    #[test]
    fn a_score_comes_nearer_to_nothing_and_never_passes_it() {
        let then = Timestamp::from_secs(1_000_000);
        for (score, hours, expected) in [
            (-5, 0, -5),
            (-5, 4, -5),
            (-5, 5, -4),
            (-5, 15, -2),
            (-5, 25, 0),
            (-1, 90, 0),
            (3, 10, 1),
            (0, 9, 0),
        ] {
            assert_eq!(
                RULE.faded(score, then, then.plus(Span::from_hours(hours))),
                expected,
                "{score} {hours}"
            );
        }
        assert_eq!(RULE.faded(-5, then, then.minus(Span::from_hours(9))), -5, "a clock that was set back");
    }

    #[test]
    fn a_score_stays_within_its_bounds() {
        assert_eq!(RULE.moved(-5, -1), -5);
        assert_eq!(RULE.moved(4, 3), 5);
        assert_eq!(RULE.moved(-1, i32::MIN), -5);
        let turned = ReputationRule { lower: 3, upper: -3, ..RULE };
        assert_eq!(turned.moved(0, 1), 3, "bounds that are the wrong way round hurt nobody");
    }
}
