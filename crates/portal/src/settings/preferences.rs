//! Language and theme, kept among the user's attributes.

use actix_web::{HttpRequest, HttpResponse};
use countersign_model::User;
use countersign_store::{StoreError, users};
use countersign_types::{FieldErrors, JsonObject};
use countersign_web::{App, SessionForm, WebError, see_other};
use serde_json::Value;

/// The themes to choose from: value of `settings.theme.base`, and its word.
pub(crate) const THEMES: [(&str, &str); 3] =
    [("automatic", "portal-theme-automatic"), ("light", "portal-theme-light"), ("dark", "portal-theme-dark")];

/// Keeps what was chosen.
pub(crate) async fn save(request: HttpRequest, form: SessionForm) -> Result<HttpResponse, WebError> {
    let app = App::shared(&request)?;
    let locale = form.fields.only("locale")?.unwrap_or_default().to_owned();
    let theme = form.fields.only("theme")?.unwrap_or_default().to_owned();
    let is_known_locale =
        locale.is_empty() || app.catalogues().locales().any(|language| language.tag == locale);
    let is_known_theme = THEMES.iter().any(|(known, _)| *known == theme);
    if !is_known_locale || !is_known_theme {
        return Err(WebError::fields(FieldErrors::one("locale", "invalid_choice", "field-choice")));
    }
    let user = form.session.subject.user.id;
    app.store()
        .write(move |tx| {
            if let Some(mut user) = users::by_id(tx, user)? {
                choose(&mut user, &locale, &theme);
                user.last_updated = tx.now();
                users::update(tx, &user)?;
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    Ok(see_other("/if/user/settings/?done=saved"))
}

/// Writes `settings.locale` and `settings.theme.base`, and leaves every other attribute alone.
fn choose(user: &mut User, locale: &str, theme: &str) {
    let mut themes = match user.setting("theme") {
        Some(Value::Object(themes)) => themes.clone(),
        _ => JsonObject::new(),
    };
    themes.insert("base".to_owned(), theme.into());
    user.choose("theme", Value::Object(themes));
    user.choose("locale", locale.into());
}

#[cfg(test)]
mod tests {
    use countersign_store::testing::samples;
    use countersign_types::Timestamp;
    use serde_json::json;

    use super::*;

    #[test]
    fn other_attributes_are_left_alone() {
        let mut user = samples::user(1, "alice", Timestamp::from_secs(0));
        user.attributes.insert("team".to_owned(), json!("blue"));
        user.attributes.insert("settings".to_owned(), json!({ "navbar": 1, "theme": { "css": "x" } }));
        choose(&mut user, "ko", "dark");
        let expected = json!({
            "team": "blue",
            "settings": { "navbar": 1, "theme": { "css": "x", "base": "dark" }, "locale": "ko" },
        });
        assert_eq!(Value::Object(user.attributes), expected);
    }
}
