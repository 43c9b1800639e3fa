//! How the types of settings are written.

use std::{net::IpAddr, path::PathBuf};

use countersign_types::{Secret, Span};
use ipnet::IpNet;

/// A type that a setting may have.
pub(crate) trait Value: Sized {
    /// What kind of value this is, in the words of the reference.
    const SHAPE: &'static str;
    /// Whether the value must never be shown.
    const SECRET: bool = false;
    /// Words that mean "none" when the setting is optional.
    const OFF: &'static [&'static str] = &[];

    /// Reads it. The complaint follows the name of the setting: `must be a whole number`.
    fn parse(text: &str) -> Result<Self, String>;

    /// How it is shown to the administrator.
    fn shown(&self) -> String;
}

impl<T: Value> Value for Option<T> {
    const SHAPE: &'static str = T::SHAPE;
    const SECRET: bool = T::SECRET;

    fn parse(text: &str) -> Result<Self, String> {
        let none = text.is_empty() || T::OFF.iter().any(|off| off.eq_ignore_ascii_case(text.trim()));
        if none { Ok(None) } else { T::parse(text).map(Some) }
    }

    fn shown(&self) -> String {
        match self {
            Some(value) => value.shown(),
            None => T::OFF.first().copied().unwrap_or_default().to_owned(),
        }
    }
}

impl Value for String {
    const SHAPE: &'static str = "text";

    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.contains(char::is_control) {
            return Err("must be one line without control characters".to_owned());
        }
        Ok(text.to_owned())
    }

    fn shown(&self) -> String {
        self.clone()
    }
}

impl Value for Secret<String> {
    const SHAPE: &'static str = "secret";
    const SECRET: bool = true;

    fn parse(text: &str) -> Result<Self, String> {
        Ok(Self::from(text))
    }

    fn shown(&self) -> String {
        "***".to_owned()
    }
}

impl Value for PathBuf {
    const SHAPE: &'static str = "path";

    fn parse(text: &str) -> Result<Self, String> {
        if text.contains('\0') { Err("must be a path".to_owned()) } else { Ok(Self::from(text.trim())) }
    }

    fn shown(&self) -> String {
        self.display().to_string()
    }
}

impl Value for bool {
    const SHAPE: &'static str = "`true` or `false`";

    fn parse(text: &str) -> Result<Self, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(true),
            "false" | "no" | "off" | "0" => Ok(false),
            _ => Err("must be true or false".to_owned()),
        }
    }

    fn shown(&self) -> String {
        self.to_string()
    }
}

/// Numbers whose text is what their type parses.
macro_rules! whole_numbers {
    ($($type:ty),+) => {
        $(impl Value for $type {
            const SHAPE: &'static str = "whole number";

            fn parse(text: &str) -> Result<Self, String> {
                text.trim().parse().map_err(|_| "must be a whole number".to_owned())
            }

            fn shown(&self) -> String {
                self.to_string()
            }
        })+
    };
}

whole_numbers!(u16, u32, u64, usize);

impl Value for Span {
    const SHAPE: &'static str = "span of time, such as `hours=1;minutes=30`, or seconds";

    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        // authentik writes some spans, such as email.timeout, as a bare number of seconds.
        let span = match text.parse::<u32>() {
            Ok(seconds) => Self::from_secs(seconds.into()),
            Err(_) => text.parse().map_err(|error| format!("must be a span of time: {error}"))?,
        };
        if span <= Self::ZERO {
            return Err("must be longer than nothing".to_owned());
        }
        Ok(span)
    }

    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Value for Vec<IpNet> {
    const SHAPE: &'static str = "list of networks";

    fn parse(text: &str) -> Result<Self, String> {
        if text.trim().eq_ignore_ascii_case("none") {
            return Ok(Self::new());
        }
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(network).collect()
    }

    fn shown(&self) -> String {
        if self.is_empty() {
            return "none".to_owned();
        }
        self.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }
}

fn network(text: &str) -> Result<IpNet, String> {
    let address = text.parse::<IpAddr>().map(IpNet::from);
    address
        .or_else(|_| text.parse())
        .map_err(|_| "must be a list of networks such as 10.0.0.0/8,fd00::/8 (or none)".to_owned())
}
