//! Which columns a list has: the place's own, or those that somebody chose. The choice is kept with his account
//! (`attributes.settings.columns`), so that it is there in every browser.

use actix_web::HttpResponse;
use countersign_resource::{Descriptor, FieldInfo};
use countersign_store::{StoreError, users};
use countersign_types::JsonObject;
use countersign_web::{WebError, see_other};
use serde_json::Value;

use super::{find::At, places::Place};
use crate::cx::{ConsoleCx, ConsoleForm, Permit};

/// Name of the choice among the user's settings: columns by place.
const SETTING: &str = "columns";
/// Most columns of a list.
const MAX_COLUMNS: usize = 6;

/// Names of the columns beside the name.
pub(crate) fn of(cx: &ConsoleCx, place: &Place) -> Vec<String> {
    match kept(cx.session.subject.user.setting(SETTING), place) {
        Some(names) => names,
        None => place.columns.iter().map(|name| (*name).to_owned()).collect(),
    }
}

fn kept(setting: Option<&Value>, place: &Place) -> Option<Vec<String>> {
    let names = setting?.get(place.name())?.as_array()?;
    let names = names.iter().filter_map(Value::as_str).filter(|name| is_name(name));
    Some(names.map(str::to_owned).take(MAX_COLUMNS).collect())
}

/// `POST <place>~columns/`.
pub(crate) async fn keep(form: ConsoleForm, At(place): At) -> Result<HttpResponse, WebError> {
    let ConsoleForm { cx, body } = form;
    let fields = body.read(Permit::when(may_see(&cx, &place))?).await?;
    let names: Vec<String> =
        fields.values("column").filter(|name| is_name(name)).map(str::to_owned).collect();
    let to = place.path.clone();
    let id = cx.session.subject.user.id;
    cx.app
        .store()
        .write(move |tx| {
            if let Some(mut user) = users::by_id(tx, id)? {
                let chosen = chosen(user.setting(SETTING), &place, &names);
                user.choose(SETTING, chosen);
                user.last_updated = tx.now();
                users::update(tx, &user)?;
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    Ok(see_other(&to))
}

/// The setting with the columns of one place, and those of others as they are.
fn chosen(setting: Option<&Value>, place: &Place, names: &[String]) -> Value {
    let mut places = match setting {
        Some(Value::Object(places)) => places.clone(),
        _ => JsonObject::new(),
    };
    let names = names.iter().take(MAX_COLUMNS).map(|name| Value::from(name.as_str())).collect();
    places.insert(place.name().to_owned(), Value::Array(names));
    Value::Object(places)
}

/// Fields that can be columns: what stands in one line.
pub(crate) fn possible(kind: &Descriptor) -> impl Iterator<Item = &FieldInfo> {
    kind.fields.iter().filter(|field| {
        let is_short = !matches!(field.widget.as_str(), "json" | "expression" | "css" | "pem" | "hidden");
        field.path.is_top_level() && !field.secret && is_short
    })
}

/// Something that can be the name of a field.
fn is_name(name: &str) -> bool {
    (1..=60).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether the reader may see any kind of a place.
pub(crate) fn may_see(cx: &ConsoleCx, place: &Place) -> bool {
    place.models.iter().any(|model| {
        let (app, name) = model.split_once('.').unwrap_or(("", model));
        cx.may_somewhere(&format!("{app}.view_{name}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str) -> Place {
        Place { path: path.to_owned(), label: None, at: "", models: Vec::new(), columns: &["slug"] }
    }

    #[test]
    fn the_columns_of_one_list_are_no_others() {
        let (flows, stages) = (place("/if/admin/flow/flows/"), place("/if/admin/flow/stages/"));
        assert_eq!(kept(None, &flows), None);
        let once = chosen(None, &flows, &["slug".to_owned(), "title".to_owned()]);
        let twice = chosen(Some(&once), &stages, &[]);
        assert_eq!(kept(Some(&twice), &flows), Some(vec!["slug".to_owned(), "title".to_owned()]));
        assert_eq!(kept(Some(&twice), &stages), Some(Vec::new()));
    }

    #[test]
    fn what_is_no_name_is_no_column() {
        let flows = place("/if/admin/flow/flows/");
        let many: Vec<String> = (0..20).map(|number| format!("field_{number}")).collect();
        let setting = chosen(None, &flows, &many);
        assert_eq!(kept(Some(&setting), &flows).unwrap().len(), MAX_COLUMNS);
        let setting = chosen(None, &flows, &["<b>".to_owned(), "slug".to_owned()]);
        assert_eq!(kept(Some(&setting), &flows), Some(vec!["slug".to_owned()]));
    }
}
