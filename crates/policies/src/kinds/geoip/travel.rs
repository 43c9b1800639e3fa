//! Earlier sign-ins, and what they say about this one. Pure.

use countersign_types::Span;

use super::GeoIpPolicy;
use crate::PolicyResult;

/// What the person is told; the catalogues have it in every language.
const TOO_FAR: &str = "You are too far from where you signed in before.";
const IMPOSSIBLE: &str = "You cannot have come here from where you signed in before.";
/// Speed of an aircraft.
const KM_PER_HOUR: f64 = 1_000.0;

/// An earlier sign-in.
pub(super) struct Visit {
    /// How far it is from here.
    pub(super) km: f64,
    /// How long ago.
    pub(super) ago: Span,
}

pub(super) fn judge(policy: &GeoIpPolicy, visits: &[Visit]) -> PolicyResult {
    let slack = f64::from(policy.distance_tolerance_km);
    for visit in visits {
        if policy.check_history_distance && visit.km > f64::from(policy.history_max_distance_km) + slack {
            return PolicyResult::deny_with(TOO_FAR);
        }
        if policy.check_impossible_travel {
            #[expect(clippy::cast_precision_loss, reason = "seconds of any lifetime fit")]
            let hours = visit.ago.as_secs().max(0) as f64 / 3_600.0;
            if visit.km > KM_PER_HOUR * hours + f64::from(policy.impossible_tolerance_km) {
                return PolicyResult::deny_with(IMPOSSIBLE);
            }
        }
    }
    PolicyResult::pass()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(policy: serde_json::Value, visits: &[(f64, i64)]) -> bool {
        let visits: Vec<Visit> =
            visits.iter().map(|(km, hours)| Visit { km: *km, ago: Span::from_hours(*hours) }).collect();
        judge(&serde_json::from_value(policy).unwrap(), &visits).passing
    }

    #[test]
    fn who_is_far_from_any_earlier_sign_in_does_not_pass() {
        let policy = || serde_json::json!({ "check_history_distance": true });
        assert!(passes(policy(), &[]));
        assert!(passes(policy(), &[(10.0, 1), (149.0, 9_000)]));
        assert!(!passes(policy(), &[(10.0, 1), (151.0, 9_000)]));
    }

    #[test]
    fn who_would_have_had_to_fly_faster_than_an_aircraft_does_not_pass() {
        let policy = || serde_json::json!({ "check_impossible_travel": true });
        assert!(passes(policy(), &[(90.0, 0), (8_000.0, 10)]));
        assert!(!passes(policy(), &[(8_000.0, 7)]), "eight hours away");
        assert!(!passes(policy(), &[(101.0, 0)]));
        assert!(!passes(policy(), &[(101.0, -5)]), "a clock that was set back");
    }
}
