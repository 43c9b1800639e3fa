//! What every page of a signed-in user has around it: who he is, and where else he can go.

use countersign_types::Text;
use countersign_web::{Avatar, PageCx};

/// The surroundings of a page of the house.
pub(crate) struct House {
    /// Which of the tabs the page belongs to.
    pub(crate) tab: &'static str,
    /// Display name, else the user name.
    pub(crate) name: String,
    /// His picture.
    pub(crate) avatar: Avatar,
    /// Whether the administration is open to him.
    pub(crate) administers: bool,
}

impl House {
    /// Around a page for whoever is signed in.
    pub(crate) fn of(cx: &PageCx, tab: &'static str) -> Self {
        let user = cx.subject.as_ref().map(|subject| &subject.user);
        let name = user.map(|user| if user.name.trim().is_empty() { &user.username } else { &user.name });
        let name = name.cloned().unwrap_or_default();
        Self { tab, avatar: Avatar::of(&name), name, administers: cx.administers }
    }
}

/// What was just done, as `?done=` of the page that follows says it. Only words of ours are shown.
pub(crate) fn done(cx: &PageCx, said: Option<&str>, known: &[(&str, &'static str)]) -> Option<String> {
    let (_, key) = known.iter().find(|(name, _)| Some(*name) == said)?;
    Some(cx.text(&Text::key(key)))
}
