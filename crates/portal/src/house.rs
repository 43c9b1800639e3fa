//! What every page of a signed-in user has around it: who he is, and where else he can go.

use countersign_store::notifications;
use countersign_types::Text;
use countersign_web::{App, Avatar, PageCx, WebError};

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
    /// Notifications that he has not seen, as far as they are counted.
    pub(crate) unseen: usize,
}

/// Notifications are counted so far.
const COUNTED: u32 = 100;

impl House {
    /// Around a page for whoever is signed in.
    pub(crate) async fn of(app: &App, cx: &PageCx, tab: &'static str) -> Result<Self, WebError> {
        let id = cx.subject.as_ref().map(|subject| subject.user.id);
        let unseen = match id {
            Some(id) => app.store().look_up(move |tx| notifications::unseen(tx, id, COUNTED)).await?,
            None => 0,
        };
        let user = cx.subject.as_ref().map(|subject| &subject.user);
        let name = user.map(|user| if user.name.trim().is_empty() { &user.username } else { &user.name });
        let name = name.cloned().unwrap_or_default();
        Ok(Self { tab, avatar: Avatar::of(&name), name, administers: cx.administers, unseen })
    }

    /// What stands beside the bell; nothing when everything is seen.
    pub(crate) fn count(&self) -> Option<String> {
        match self.unseen {
            0 => None,
            count if count >= COUNTED as usize => Some(format!("{}+", COUNTED - 1)),
            count => Some(count.to_string()),
        }
    }
}

/// What was just done, as `?done=` of the page that follows says it. Only words of ours are shown.
pub(crate) fn done(cx: &PageCx, said: Option<&str>, known: &[(&str, &'static str)]) -> Option<String> {
    let (_, key) = known.iter().find(|(name, _)| Some(*name) == said)?;
    Some(cx.text(&Text::key(key)))
}
