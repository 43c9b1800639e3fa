//! Which database, in one value.

use std::path::PathBuf;

use countersign_types::Secret;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{Config, Postgresql, value::Value};

/// Everything but the unreserved characters of RFC 3986 §2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// File name of the database under `data_dir`.
const SQLITE_FILE: &str = "countersign.sqlite3";

/// Where the rows are.
#[derive(Clone, Debug)]
pub enum Database {
    /// A file of the embedded database.
    Sqlite(PathBuf),
    /// A `postgres://` URL, which may hold a password.
    Postgres(Secret<String>),
}

impl Database {
    /// What the store opens: the path of a file or a `postgres://` URL.
    pub fn url(&self) -> Secret<String> {
        match self {
            Self::Sqlite(path) => Secret::from(path.display().to_string()),
            Self::Postgres(url) => url.clone(),
        }
    }

    /// The same without its password, for the log.
    pub fn redacted(&self) -> String {
        match self {
            Self::Sqlite(path) => path.display().to_string(),
            Self::Postgres(url) => redacted(url.expose()),
        }
    }
}

impl Config {
    /// The database: `database_url`, else PostgreSQL when it has a host, else a file under `data_dir`.
    pub fn database(&self) -> Database {
        match (&self.database_url, &self.postgresql.host) {
            (Some(database), _) => database.clone(),
            (None, Some(host)) => Database::Postgres(self.postgresql.url(host)),
            (None, None) => Database::Sqlite(self.data_dir.join(SQLITE_FILE)),
        }
    }
}

impl Postgresql {
    fn url(&self, host: &str) -> Secret<String> {
        // A socket's directory is percent-encoded in the place of the host, an IPv6 address is bracketed.
        let host = match host.parse::<std::net::Ipv6Addr>() {
            Ok(address) => format!("[{address}]"),
            Err(_) => encoded(host),
        };
        let mut url = format!("postgres://{}", encoded(&self.user));
        if let Some(password) = &self.password {
            url.push(':');
            url.push_str(&encoded(password.expose()));
        }
        url.push_str(&format!(
            "@{host}:{}/{}?sslmode={}",
            self.port,
            encoded(&self.name),
            self.sslmode.as_str()
        ));
        let files =
            [("sslrootcert", &self.sslrootcert), ("sslcert", &self.sslcert), ("sslkey", &self.sslkey)];
        for (name, path) in files {
            if let Some(path) = path {
                url.push_str(&format!("&{name}={}", encoded(&path.display().to_string())));
            }
        }
        Secret::from(url)
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Nothing of an unreadable URL is shown: the password may be anywhere in it.
fn redacted(url: &str) -> String {
    let Ok(mut url) = url::Url::parse(url) else { return "postgres://***".to_owned() };
    if url.password().is_some() && url.set_password(Some("***")).is_err() {
        return "postgres://***".to_owned();
    }
    let shown: Vec<(String, String)> = url
        .query_pairs()
        .map(|(name, value)| {
            let is_secret = name.to_ascii_lowercase().contains("pass");
            (name.into_owned(), if is_secret { "***".to_owned() } else { value.into_owned() })
        })
        .collect();
    if !shown.is_empty() {
        url.query_pairs_mut().clear().extend_pairs(shown);
    }
    url.to_string()
}

impl Value for Database {
    const SHAPE: &'static str = "`postgres://` URL or path";
    const SECRET: bool = true;

    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let complaint =
            || "must be postgres://user:password@host/name, or the path of an SQLite file".to_owned();
        match text.split_once("://") {
            Some(("postgres" | "postgresql", rest)) => {
                let url = format!("postgres://{rest}");
                url::Url::parse(&url).map_err(|_| complaint())?;
                Ok(Self::Postgres(Secret::from(url)))
            }
            Some(("sqlite" | "file", path)) if !path.is_empty() => Ok(Self::Sqlite(PathBuf::from(path))),
            Some(_) => Err(complaint()),
            None => match text.strip_prefix("sqlite:").unwrap_or(text) {
                "" => Err(complaint()),
                path if path.contains('\0') => Err(complaint()),
                path => Ok(Self::Sqlite(PathBuf::from(path))),
            },
        }
    }

    fn shown(&self) -> String {
        self.redacted()
    }
}
