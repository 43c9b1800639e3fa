//! Small vocabularies of the authorization request.

use crate::OAuthError;

/// What the authorization endpoint is to return: a set, whose order on the wire does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResponseType {
    /// A code.
    pub code: bool,
    /// An ID token, in the front channel.
    pub id_token: bool,
    /// An access token, in the front channel.
    pub token: bool,
}

impl ResponseType {
    /// The code flow.
    pub const CODE: Self = Self { code: true, id_token: false, token: false };

    /// None for what no specification defines, `none` included.
    pub fn parse(text: &str) -> Option<Self> {
        let mut set = Self::default();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let flag = match word {
                "code" => &mut set.code,
                "id_token" => &mut set.id_token,
                "token" => &mut set.token,
                _ => return None,
            };
            if std::mem::replace(flag, true) {
                return None;
            }
        }
        (set != Self::default()).then_some(set)
    }

    /// How the answer goes back when nothing is said (OAuth 2.0 Multiple Response Types §5).
    pub const fn default_mode(self) -> ResponseMode {
        if self.id_token || self.token { ResponseMode::Fragment } else { ResponseMode::Query }
    }
}

impl std::fmt::Display for ResponseType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words = [(self.code, "code"), (self.id_token, "id_token"), (self.token, "token")];
        let words: Vec<_> = words.into_iter().filter(|(is_set, _)| *is_set).map(|(_, word)| word).collect();
        f.write_str(&words.join(" "))
    }
}

/// How the answer goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    Query,
    /// In its fragment.
    Fragment,
    /// In a form that the browser posts.
    FormPost,
}

impl ResponseMode {
    /// By its name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Query, Self::Fragment, Self::FormPost].into_iter().find(|mode| mode.as_str() == text)
    }

    /// As it stands on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }

    /// Never a query where tokens come back: it would end up in logs and Referer headers.
    pub(super) fn safe_for(self, by_type: Self) -> Self {
        if self == Self::Query { by_type } else { self }
    }
}

/// What the user is to be asked (OpenID Connect Core §3.1.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// Nothing; an error rather than a page.
    pub none: bool,
    /// To prove again who he is.
    pub login: bool,
    /// To consent again.
    pub consent: bool,
    /// Which account.
    pub select_account: bool,
    /// To enrol (Initiating User Registration via OpenID Connect).
    pub create: bool,
}

impl Prompt {
    /// Values that we do not know are ignored; `none` stands alone.
    pub fn parse(text: &str) -> Result<Self, OAuthError> {
        let mut prompt = Self::default();
        let mut count = 0;
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            count += 1;
            match word {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "consent" => prompt.consent = true,
                "select_account" => prompt.select_account = true,
                "create" => prompt.create = true,
                _ => {}
            }
        }
        if prompt.none && count > 1 {
            return Err(OAuthError::invalid_request("prompt=none stands alone"));
        }
        Ok(prompt)
    }
}
