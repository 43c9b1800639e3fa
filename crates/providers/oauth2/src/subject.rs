//! What tokens say about a user and about how he proved who he is.

use countersign_model::User;
use countersign_policies::uid;
use countersign_store::Snapshot;

use crate::spec::SubMode;

/// The one authentication context there is (`acr`).
pub(crate) const ACR: &str = "goauthentik.io/providers/oauth2/default";

/// `sub`: what an application knows the user by.
pub(crate) fn sub(mode: SubMode, user: &User, snapshot: &Snapshot) -> String {
    match mode {
        SubMode::HashedUserId => uid(user, &snapshot.install_id().to_string()),
        SubMode::UserId => user.pk.to_string(),
        SubMode::UserUuid => user.id.to_string(),
        SubMode::UserUsername => user.username.clone(),
        SubMode::UserEmail => user.email.clone(),
        SubMode::UserUpn => {
            let upn = user.attributes.get("upn").and_then(|upn| upn.as_str());
            upn.filter(|upn| !upn.is_empty()).unwrap_or(&user.username).to_owned()
        }
    }
}

/// `amr` (RFC 8176 §2) of a way to sign in. Nothing is said of ways that the registry has no word for.
pub(crate) fn amr(auth_method: &str) -> Option<Vec<String>> {
    let words: &[&str] = match auth_method {
        "password" | "app_password" | "ldap" | "kerberos" => &["pwd"],
        "auth_mfa" => &["pwd", "mfa"],
        "auth_webauthn_pwl" => &["pop", "user"],
        "mtls" => &["sc"],
        _ => return None,
    };
    Some(words.iter().map(|word| (*word).to_owned()).collect())
}
