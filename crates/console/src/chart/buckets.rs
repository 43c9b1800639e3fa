//! A stretch of time cut into equal parts that begin when the clock says so.

use countersign_i18n::{Localizer, UtcOffset};
use countersign_types::{Span, TextArg, Timestamp};

/// The parts, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Buckets {
    /// When the first begins.
    pub(crate) start: Timestamp,
    /// How long each is: an hour or a day.
    pub(crate) step: Span,
    /// How many there are.
    pub(crate) count: usize,
}

impl Buckets {
    /// The hours up to now; the last one has only begun.
    pub(crate) fn hours(now: Timestamp, count: u16) -> Self {
        Self::up_to(now, Span::from_hours(1), count)
    }

    /// The days (UTC) up to now.
    pub(crate) fn days(now: Timestamp, count: u16) -> Self {
        Self::up_to(now, Span::from_days(1), count)
    }

    fn up_to(now: Timestamp, step: Span, count: u16) -> Self {
        let into = Span::from_secs(now.as_secs().rem_euclid(step.as_secs()));
        let last = Timestamp::from_secs(now.minus(into).as_secs());
        let before = Span::from_secs(step.as_secs() * i64::from(count.saturating_sub(1)));
        Self { start: last.minus(before), step, count: count.into() }
    }

    /// When a part begins.
    pub(crate) fn begin(&self, at: usize) -> Timestamp {
        let steps = i64::try_from(at).unwrap_or(i64::MAX);
        self.start.plus(Span::from_secs(self.step.as_secs().saturating_mul(steps)))
    }

    /// The part in which a moment lies; none when it lies in none.
    pub(crate) fn part_of(&self, moment: Timestamp) -> Option<usize> {
        let into = moment.since(self.start).as_secs().div_euclid(self.step.as_secs().max(1));
        usize::try_from(into).ok().filter(|part| *part < self.count)
    }

    pub(crate) const fn are_days(&self) -> bool {
        self.step.as_secs() >= 86_400
    }

    /// Short words under the axis: `06:00`, or `16 Nov`.
    pub(crate) fn tick(&self, words: &Localizer, at: usize) -> String {
        let civil = self.begin(at).to_civil();
        if self.are_days() {
            let part = |value: i64| TextArg::Number(value);
            words.t_args("console-chart-day", &[("month", part(civil.month)), ("day", part(civil.day))])
        } else {
            format!("{:02}:{:02}", civil.hour, civil.minute)
        }
    }

    /// The whole of it, for the table.
    pub(crate) fn label(&self, words: &Localizer, at: usize) -> String {
        let begin = self.begin(at);
        if self.are_days() {
            words.date(begin, UtcOffset::UTC)
        } else {
            words.date_time(begin, UtcOffset::UTC)
        }
    }

    /// How many words stand under the axis: as many as part it evenly, near six.
    pub(crate) fn tick_count(&self) -> usize {
        let divides = |ticks: &usize| self.count > 0 && self.count.is_multiple_of(*ticks);
        [6, 7, 5, 4, 8, 3, 2].into_iter().find(divides).unwrap_or(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_hour_is_the_one_that_runs() {
        let now = Timestamp::from_secs(1_795_327_980); // 06:13 on 22 November 2026
        let buckets = Buckets::hours(now, 24);
        assert_eq!(buckets.begin(23).to_civil().minute, 0);
        assert!(buckets.begin(23) <= now && buckets.begin(24) > now);
        assert_eq!(buckets.tick_count(), 6);
        assert_eq!((buckets.part_of(now), buckets.part_of(buckets.start)), (Some(23), Some(0)));
        assert_eq!(
            (buckets.part_of(buckets.begin(24)), buckets.part_of(Timestamp::from_secs(0))),
            (None, None)
        );
        assert_eq!(Buckets::days(now, 7).tick_count(), 7);
        assert_eq!(Buckets::days(now, 30).tick_count(), 6);
        let day = Buckets::days(now, 30).begin(29).to_civil();
        assert_eq!((day.hour, day.minute, day.second), (0, 0, 0));
    }
}
