//! What the log is asked for, as it stands in the address.

use std::net::IpAddr;

use countersign_model::EventAction;
use countersign_types::Timestamp;
use countersign_web::{Pairs, WebError, encode_next};

use super::{HERE, sentence::action_name};
use crate::{
    cx::ConsoleCx,
    parts::{SmallField, SmallForm, Widget},
};

/// Characters of a field that are looked for.
const MAX: usize = 255;

/// What the log is asked for; everything given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) action: Option<EventAction>,
    /// Name of a user.
    pub(super) user: String,
    /// Address.
    pub(super) address: String,
    /// Identifier of an object.
    pub(super) object: String,
    pub(super) since: String,
    pub(super) until: String,
    pub(super) after: Option<String>,
}

impl Wanted {
    pub(super) fn of(query: &Pairs) -> Result<Self, WebError> {
        let given = |name: &str| {
            let text = query.only(name)?.unwrap_or_default().trim();
            Ok::<_, WebError>(text.chars().take(MAX).collect::<String>())
        };
        Ok(Self {
            action: given("action")?.parse().ok(),
            user: given("user")?,
            address: given("address")?,
            object: given("object")?,
            since: given("since")?,
            until: given("until")?,
            after: Some(given("after")?).filter(|after| !after.is_empty()),
        })
    }

    /// The beginning of the time asked for.
    pub(super) fn since(&self) -> Option<Timestamp> {
        Timestamp::parse(&self.since)
    }

    /// The end of the time asked for; of a day alone, its last moment.
    pub(super) fn until(&self) -> Option<Timestamp> {
        let until = Timestamp::parse(&self.until)?;
        let is_day = !self.until.contains(['T', 't', ' ']);
        Some(if is_day { until.plus(countersign_types::Span::from_days(1)) } else { until })
    }

    /// Whether an address is asked for that is none: nothing can come from there.
    pub(super) fn is_no_address(&self) -> bool {
        !self.address.is_empty() && self.address.parse::<IpAddr>().is_err()
    }

    pub(super) fn is_narrowed(&self) -> bool {
        *self != Self { after: self.after.clone(), ..Self::default() }
    }

    /// The log as asked for, from another event on.
    pub(super) fn href(&self, after: Option<&str>) -> String {
        let pairs = [
            ("action", self.action.map(EventAction::as_str).unwrap_or_default()),
            ("user", &self.user),
            ("address", &self.address),
            ("object", &self.object),
            ("since", &self.since),
            ("until", &self.until),
            ("after", after.unwrap_or_default()),
        ];
        let pairs: Vec<String> = pairs
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", encode_next(value)))
            .collect();
        if pairs.is_empty() { HERE.to_owned() } else { format!("{HERE}?{}", pairs.join("&")) }
    }

    /// The form above the log.
    pub(super) fn form(&self, cx: &ConsoleCx) -> SmallForm {
        let words = cx.localizer();
        let mut actions: Vec<(String, String)> =
            EventAction::ALL.iter().map(|one| (one.as_str().to_owned(), action_name(words, *one))).collect();
        actions.sort_by(|one, other| one.1.cmp(&other.1));
        actions.insert(0, (String::new(), cx.t("console-events-all-actions")));
        let action = self.action.map(EventAction::as_str).unwrap_or_default();
        let text =
            |name: &str, label: &str, value: &str| SmallField::text(name, cx.t(label)).with_value(value);
        let day = |name: &str, label: &str, value: &str| {
            let day: String = value.chars().take(10).collect();
            SmallField::new(name, cx.t(label), Widget::Input("date", "off")).with_value(day)
        };
        let form = SmallForm::get(HERE, cx.t("console-events-apply"))
            .field(
                SmallField::new("action", cx.t("console-events-search-action"), Widget::Select(actions))
                    .with_value(action),
            )
            .field(text("user", "console-events-user", &self.user))
            .field(text("address", "console-events-address", &self.address))
            .field(text("object", "console-events-object", &self.object))
            .field(day("since", "console-events-since", &self.since))
            .field(day("until", "console-events-until", &self.until));
        if self.is_narrowed() { form.back(cx.t("console-events-clear"), HERE) } else { form }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(query: &str) -> Wanted {
        Wanted::of(&Pairs::parse(query.as_bytes(), 20).unwrap()).unwrap()
    }

    #[test]
    fn what_is_asked_stands_in_the_address_again() {
        let asked = wanted("action=login&user=ada&since=2026-11-01&junk=1&object=");
        assert_eq!(asked.action, Some(EventAction::Login));
        assert_eq!(asked.href(Some("x")), format!("{HERE}?action=login&user=ada&since=2026-11-01&after=x"));
        assert!(asked.is_narrowed() && !wanted("after=1").is_narrowed());
        assert_eq!(wanted("action=nonsense").action, None);
    }

    #[test]
    fn a_day_lasts_to_its_end() {
        let asked = wanted("since=2026-11-22&until=2026-11-22");
        let day = asked.until().unwrap().since(asked.since().unwrap());
        assert_eq!(day, countersign_types::Span::from_days(1));
        assert!(wanted("address=nonsense").is_no_address() && !wanted("address=::1").is_no_address());
    }
}
