//! `user`.

use countersign_config::Config;
use countersign_model::User;
use countersign_registry::{Actor, Prepared, accounts};
use countersign_store::{StoreError, Tx, groups, users};
use countersign_types::{JsonObject, PageRequest, Secret, Span};
use serde_json::{Value, json};

use super::{password, say, serve::own_address};
use crate::{Addresses, Failure, House, cli::UserCommand};

/// Model label of users.
const USER: &str = "authentik_core.user";

/// Does what the command line says about users.
pub(super) fn run(house: &House, command: UserCommand) -> Result<(), Failure> {
    match command {
        UserCommand::Create { username, name, email, admin, no_password } => {
            let password = if no_password { None } else { Some(password::ask()?) };
            create(house, json!({ "username": username, "name": name, "email": email }), admin, password)?;
            say(&format!("Made the user {username}."))?;
        }
        UserCommand::SetPassword { username } => {
            find(house, &username)?;
            set_password(house, &username, password::ask()?)?;
            say(&format!("Set the password of {username} and ended all sessions."))?;
        }
        UserCommand::RecoveryLink { username, minutes } => {
            let link = recovery_link(house, &username, Span::from_mins(i64::from(minutes)))?;
            say(&link)?;
        }
    }
    house.store.close();
    Ok(())
}

fn create(
    house: &House,
    document: Value,
    admin: bool,
    password: Option<Secret<String>>,
) -> Result<(), Failure> {
    let Value::Object(document) = document else { return Err(Failure::words("not a document")) };
    let (prepared, document) = with_password(house, document, password)?;
    let registry = std::sync::Arc::clone(&house.registry);
    house.store.write_blocking(move |tx| {
        let mut document = document.clone();
        if admin {
            document.insert("groups".to_owned(), json!([administrators(tx)?]));
        }
        let actor = Actor::System;
        registry.create(tx, registry.cx(&actor, None, &prepared), USER, &document)?;
        Ok::<_, Failure>(())
    })
}

/// The group of administrators: the first that makes its members superusers.
fn administrators(tx: &mut Tx<'_>) -> Result<String, Failure> {
    let mut request = PageRequest::first(100);
    loop {
        let page = groups::list(tx, None, &request)?;
        if let Some(group) = page.items.iter().find(|group| group.is_superuser) {
            return Ok(group.id.to_string());
        }
        match page.next {
            Some(next) => request.after = Some(next),
            None => {
                return Err(Failure::words(
                    "no group makes its members administrators yet; start the server once, and it makes one",
                ));
            }
        }
    }
}

/// Replaces a password. Whoever is signed in with the old one is signed out.
fn set_password(house: &House, username: &str, password: Secret<String>) -> Result<(), Failure> {
    let user = find(house, username)?.id;
    let mut prepared = Prepared::default();
    prepared.add_hash(password.clone(), house.hashes.hash_blocking(&password)?);
    let registry = std::sync::Arc::clone(&house.registry);
    house.store.write_blocking(move |tx| {
        let actor = Actor::System;
        Ok::<_, Failure>(accounts::set_password(tx, registry.cx(&actor, None, &prepared), user, &password)?)
    })
}

fn with_password(
    house: &House,
    mut document: JsonObject,
    password: Option<Secret<String>>,
) -> Result<(Prepared, JsonObject), Failure> {
    let mut prepared = Prepared::default();
    if let Some(password) = password {
        document.insert("password".to_owned(), Value::from(password.expose().as_str()));
        let hash = house.hashes.hash_blocking(&password)?;
        prepared.add_hash(password, hash);
    }
    Ok((prepared, document))
}

/// An address that signs the user in once; earlier ones are good no more.
fn recovery_link(house: &House, username: &str, lifetime: Span) -> Result<String, Failure> {
    let user = find(house, username)?.id;
    let registry = std::sync::Arc::clone(&house.registry);
    let path = house.store.write_blocking(move |tx| {
        let (actor, prepared) = (Actor::System, Prepared::default());
        Ok::<_, Failure>(accounts::recovery_link(tx, registry.cx(&actor, None, &prepared), user, lifetime)?)
    })?;
    Ok(format!("{}{}", public_address(&house.config), path.expose().trim_start_matches('/')))
}

/// How browsers reach the server, as far as the configuration says it.
fn public_address(config: &Config) -> String {
    let listen = &config.listen;
    let addresses = Addresses {
        http: listen.http.map(|address| address.socket()),
        https: listen.https.map(|address| address.socket()),
        metrics: None,
    };
    let configured = config.web.base_url.as_ref().map(|url| format!("{}/", url.as_str()));
    configured.or_else(|| own_address(addresses)).unwrap_or_default()
}

fn find(house: &House, username: &str) -> Result<User, Failure> {
    let wanted = username.to_owned();
    let found = house.store.read_blocking(move |tx| users::by_username(tx, &wanted));
    let found: Option<User> = found.map_err(|error: StoreError| Failure::from(error))?;
    found.ok_or_else(|| Failure::words(format!("there is no user {username}")))
}
