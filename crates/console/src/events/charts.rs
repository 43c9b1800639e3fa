//! The pictures of the log: sign-ins and failures over time, what happened, which applications were used.

use countersign_model::EventAction;
use countersign_registry::ResourceError;
use countersign_store::{
    Tx,
    events::{self, EventFilter, Ranked, Ranking},
};
use countersign_types::Timestamp;

use super::{HERE, sentence::action_name};
use crate::{
    chart::{Buckets, Rank, RankChart, Series, TimeChart, Tone},
    cx::ConsoleCx,
    kit::Button,
    parts::{Body, Part, Width},
    shell::with_parameter,
};

/// Bars of a chart by application or action.
const LINES: usize = 8;

/// Which time the pictures are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Picture {
    /// The last 24 hours, by the hour.
    Day,
    /// The last 30 days, by the day.
    Month,
}

/// What was counted.
#[derive(Clone, Debug)]
pub(crate) struct Counts {
    buckets: Buckets,
    logins: Vec<u64>,
    failures: Vec<u64>,
    actions: Vec<(EventAction, u64)>,
    applications: Option<Vec<Ranked>>,
}

impl Picture {
    /// As an address asks for it.
    pub(crate) fn of(range: Option<&str>) -> Self {
        if range == Some("month") { Self::Month } else { Self::Day }
    }

    fn buckets(self, now: Timestamp) -> Buckets {
        match self {
            Self::Day => Buckets::hours(now, 24),
            Self::Month => Buckets::days(now, 30),
        }
    }

    const fn ranking(self) -> Ranking {
        match self {
            Self::Day => Ranking::Day,
            Self::Month => Ranking::Month,
        }
    }

    /// Counts what all pictures show.
    pub(crate) fn count(self, tx: &mut Tx<'_>, now: Timestamp) -> Result<Counts, ResourceError> {
        let counts = self.count_actions(tx, now)?;
        let applications = events::ranked_applications(tx, self.ranking(), LINES)?;
        Ok(Counts { applications: Some(applications), ..counts })
    }

    /// The same without the applications, for pages that show much else.
    pub(crate) fn count_actions(self, tx: &mut Tx<'_>, now: Timestamp) -> Result<Counts, ResourceError> {
        let buckets = self.buckets(now);
        let since = EventFilter { since: Some(buckets.start), ..EventFilter::default() };
        let mut counts = Counts {
            buckets,
            logins: vec![0; buckets.count],
            failures: vec![0; buckets.count],
            actions: Vec::new(),
            applications: None,
        };
        for (action, begin, number) in events::volume_by_action(tx, &since, buckets.step)? {
            match counts.actions.iter_mut().find(|(known, _)| *known == action) {
                Some((_, sum)) => *sum += number,
                None => counts.actions.push((action, number)),
            }
            let series = match action {
                EventAction::Login => &mut counts.logins,
                EventAction::LoginFailed => &mut counts.failures,
                _ => continue,
            };
            if let Some(part) = buckets.part_of(begin).and_then(|part| series.get_mut(part)) {
                *part += number;
            }
        }
        // Those that happened as often stay in the order of their names.
        counts.actions.sort_by_key(|(action, number)| (std::cmp::Reverse(*number), action.as_str()));
        Ok(counts)
    }
}

/// Sign-ins over time, with the other range one press away.
pub(crate) fn sign_ins(cx: &ConsoleCx, picture: Picture, counts: &Counts, here: &str) -> Vec<Part> {
    let words = cx.localizer();
    let series = [
        Series {
            name: cx.t("console-events-chart-sign-ins"),
            tone: Tone::Accent,
            values: counts.logins.clone(),
        },
        Series {
            name: cx.t("console-events-chart-failures"),
            tone: Tone::Danger,
            values: counts.failures.clone(),
        },
    ];
    let (title, other, to) = match picture {
        Picture::Day => ("console-events-chart-day", "console-events-chart-month", "month"),
        Picture::Month => ("console-events-chart-month", "console-events-chart-day", "day"),
    };
    let chart = TimeChart::new(words, cx.t("console-events-chart-sign-ins"), &counts.buckets, &series);
    let time = Part::new(Body::Time(Box::new(chart)))
        .titled(cx.t(title))
        .with(Button::link(cx.t(other), with_parameter(here, "range", to)));
    let mut parts = vec![time];
    if !counts.actions.is_empty() {
        let ranks = counts.actions.iter().map(|(action, count)| Rank {
            name: action_name(words, *action),
            href: Some(format!("{HERE}?action={}", action.as_str())),
            count: *count,
        });
        let title = cx.t("console-events-chart-actions");
        let chart = RankChart::new("chart-actions", title, Tone::Accent, ranks.collect(), LINES);
        parts.push(ranked(cx, chart));
        parts.extend(counts.applications.as_deref().map(|ranks| applications(cx, ranks)));
    }
    parts
}

/// Which applications people were let in to.
fn applications(cx: &ConsoleCx, most: &[Ranked]) -> Part {
    let ranks = most.iter().map(|(id, count)| {
        let application = cx.snapshot.application(*id);
        let name = application.map_or_else(|| id.to_string(), |found| found.name.clone());
        let href = application.map(|found| format!("{}{}/", crate::applications::HERE, found.slug));
        Rank { name, href, count: *count }
    });
    let title = cx.t("console-events-chart-applications");
    ranked(cx, RankChart::new("chart-applications", title, Tone::Accent, ranks.collect(), LINES))
}

fn ranked(cx: &ConsoleCx, chart: RankChart) -> Part {
    Part::new(Body::Ranks(chart, cx.t("console-events-chart-nothing"))).wide(Width::Half)
}
