//! Whom a rule notifies.

use countersign_model::{Event, GroupId, User, UserId};
use countersign_store::{StoreError, Tx, groups, users};

use crate::NotificationRule;

/// Users that one event notifies by one rule.
const MOST: usize = 2_000;
/// Groups below the group of a rule.
const MOST_GROUPS: usize = 1_000;
/// Rows that one statement reads.
const PART: u32 = 500;

/// The active users that a rule notifies of an event, each once: the event's own first.
pub(crate) fn of(tx: &mut Tx<'_>, rule: &NotificationRule, event: &Event) -> Result<Vec<User>, StoreError> {
    let mut found: Vec<User> = Vec::new();
    if let Some(by) = event.user.as_ref().filter(|_| rule.destination_event_user) {
        found.extend(users::by_pk(tx, by.pk)?);
    }
    if let Some(group) = &rule.destination_group {
        let mut members = members(tx, GroupId(group.id()))?;
        members.retain(|id| found.iter().all(|user| user.id != *id));
        for part in members.chunks(PART as usize) {
            found.extend(users::by_ids(tx, part)?);
        }
    }
    found.retain(|user| user.is_active);
    Ok(found)
}

/// The members of a group and of those below it, by identifier.
fn members(tx: &mut Tx<'_>, group: GroupId) -> Result<Vec<UserId>, StoreError> {
    let mut members = Vec::new();
    for group in with_those_below(tx, group)? {
        let mut after = None;
        loop {
            let part = groups::members(tx, group, after, PART)?;
            after = part.last().copied();
            members.extend(&part);
            if part.len() < PART as usize || members.len() > 2 * MOST {
                break;
            }
        }
    }
    members.sort_unstable();
    members.dedup();
    if members.len() > MOST {
        tracing::warn!(%group, most = MOST, "a notification rule has too many recipients; not all are notified");
        members.truncate(MOST);
    }
    Ok(members)
}

fn with_those_below(tx: &mut Tx<'_>, group: GroupId) -> Result<Vec<GroupId>, StoreError> {
    let mut all = vec![group];
    let mut level = vec![group];
    while !level.is_empty() && all.len() < MOST_GROUPS {
        let below = groups::children_of(tx, &level)?;
        level = below.into_values().flatten().filter(|group| !all.contains(group)).collect();
        level.sort_unstable();
        level.dedup();
        all.extend(&level);
    }
    Ok(all)
}
