//! Functions every expression has that are pure but better said in Rust.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use regex::{Captures, Regex, RegexBuilder};
use unicode_normalization::UnicodeNormalization;

use crate::{HostError, Value, digests, urls};

/// Longest text a regular expression is run over, in bytes.
const MAX_SUBJECT: usize = 64 * 1024;
/// Longest regular expression, in bytes.
const MAX_PATTERN: usize = 2 * 1024;
/// Largest compiled regular expression, in bytes: bounds the time per character.
const MAX_COMPILED: usize = 256 * 1024;
/// Compiled regular expressions a thread keeps.
const KEPT_PATTERNS: usize = 64;

type Arguments = (Vec<Value>, Vec<(String, Value)>);
type Builtin = fn(Arguments) -> Result<Value, HostError>;

/// The function of this name, if it is built in.
pub(crate) fn find(name: &str) -> Option<Builtin> {
    Some(match name {
        "regex_match" => regex_match,
        "regex_replace" => regex_replace,
        "slugify" => slugify,
        "_cs_parse_address" => parse_address,
        "_cs_parse_network" => parse_network,
        "_cs_digest" => |arguments| {
            let [name, bytes] = bind("digest", ["name", "data"], arguments)?;
            digests::digest(text("digest", &name)?, text("digest", &bytes)?)
        },
        "_cs_uuid" => |arguments| {
            let [value] = bind("UUID", ["hex"], arguments)?;
            digests::uuid(text("UUID", &value)?)
        },
        "_cs_uuid_of" => |arguments| {
            let [name, namespace, of] = bind("uuid5", ["hash", "namespace", "name"], arguments)?;
            digests::uuid_of(text("uuid5", &name)?, text("uuid5", &namespace)?, text("uuid5", &of)?)
        },
        "_cs_quote" => |arguments| {
            let [value, safe, plus] = bind("quote", ["string", "safe", "plus"], arguments)?;
            Ok(urls::quote(text("quote", &value)?, text("quote", &safe)?, plus.is_truthy()))
        },
        "_cs_unquote" => |arguments| {
            let [value, plus] = bind("unquote", ["string", "plus"], arguments)?;
            Ok(urls::unquote(text("unquote", &value)?, plus.is_truthy()))
        },
        "_cs_urlsplit" => |arguments| {
            let [value] = bind("urlparse", ["url"], arguments)?;
            urls::split(text("urlparse", &value)?)
        },
        "_cs_urljoin" => |arguments| {
            let [base, url] = bind("urljoin", ["base", "url"], arguments)?;
            Ok(urls::join(text("urljoin", &base)?, text("urljoin", &url)?))
        },
        _ => return None,
    })
}

/// Takes exactly the named arguments, by position or by name.
fn bind<const N: usize>(
    function: &str,
    names: [&str; N],
    (args, kwargs): Arguments,
) -> Result<[Value; N], HostError> {
    let complain = |what: String| HostError::Type(format!("{function}() {what}"));
    if args.len() > N {
        return Err(complain(format!("takes {N} arguments, {} were given", args.len())));
    }
    let mut bound = [const { None }; N];
    for (slot, value) in bound.iter_mut().zip(args) {
        *slot = Some(value);
    }
    for (name, value) in kwargs {
        let index = names.iter().position(|known| *known == name);
        match index.and_then(|index| bound.get_mut(index)) {
            Some(slot @ None) => *slot = Some(value),
            Some(Some(_)) => return Err(complain(format!("got '{name}' twice"))),
            None => return Err(complain(format!("has no argument '{name}'"))),
        }
    }
    for (slot, name) in bound.iter().zip(names) {
        if slot.is_none() {
            return Err(complain(format!("misses the argument '{name}'")));
        }
    }
    Ok(bound.map(Option::unwrap_or_default))
}

fn text<'v>(function: &str, value: &'v Value) -> Result<&'v str, HostError> {
    value
        .as_str()
        .ok_or_else(|| HostError::Type(format!("{function}() expects text, not '{}'", value.type_name())))
}

fn subject<'v>(function: &str, value: &'v Value) -> Result<&'v str, HostError> {
    let text = text(function, value)?;
    if text.len() > MAX_SUBJECT {
        return Err(HostError::Value(format!("{function}() takes at most {MAX_SUBJECT} bytes of text")));
    }
    Ok(text)
}

fn regex_match(arguments: Arguments) -> Result<Value, HostError> {
    let [value, pattern] = bind("regex_match", ["value", "regex"], arguments)?;
    let subject = subject("regex_match", &value)?;
    with_pattern(text("regex_match", &pattern)?, |pattern| Ok(Value::Bool(pattern.is_match(subject))))
}

fn regex_replace(arguments: Arguments) -> Result<Value, HostError> {
    let [value, pattern, replacement] = bind("regex_replace", ["value", "regex", "repl"], arguments)?;
    let subject = subject("regex_replace", &value)?;
    let template = template(text("regex_replace", &replacement)?);
    with_pattern(text("regex_replace", &pattern)?, |pattern| {
        let mut result = String::new();
        let mut copied = 0;
        for captures in pattern.captures_iter(subject) {
            let Some(found) = captures.get(0) else { continue };
            result.push_str(subject.get(copied..found.start()).unwrap_or_default());
            expand(&captures, &template, &mut result);
            copied = found.end();
            if result.len() > 2 * MAX_SUBJECT {
                return Err(HostError::Value("the result of regex_replace() is too long".to_owned()));
            }
        }
        result.push_str(subject.get(copied..).unwrap_or_default());
        Ok(Value::Str(result))
    })
}

fn expand(captures: &Captures<'_>, template: &str, result: &mut String) {
    captures.expand(template, result);
}

/// Python's replacement template (`\1`, `\g<name>`, `\\`) in the words of the regex crate.
fn template(python: &str) -> String {
    let mut result = String::new();
    let mut rest = python.chars().peekable();
    while let Some(letter) = rest.next() {
        match (letter, rest.peek().copied()) {
            ('$', _) => result.push_str("$$"),
            ('\\', Some(digit)) if digit.is_ascii_digit() => {
                let mut group = String::new();
                while let Some(digit) = rest.next_if(char::is_ascii_digit) {
                    group.push(digit);
                }
                result.push_str(&format!("${{{group}}}"));
            }
            ('\\', Some('g')) => {
                rest.next();
                let name: String = rest
                    .by_ref()
                    .skip_while(|letter| *letter == '<')
                    .take_while(|letter| *letter != '>')
                    .collect();
                result.push_str(&format!("${{{name}}}"));
            }
            ('\\', Some('n')) => {
                rest.next();
                result.push('\n');
            }
            ('\\', Some('\\')) => {
                rest.next();
                result.push('\\');
            }
            _ => result.push(letter),
        }
    }
    result
}

thread_local! {
    static PATTERNS: RefCell<HashMap<String, Regex>> = RefCell::new(HashMap::new());
}

fn with_pattern<T>(pattern: &str, work: impl FnOnce(&Regex) -> Result<T, HostError>) -> Result<T, HostError> {
    PATTERNS.with_borrow_mut(|kept| {
        if let Some(compiled) = kept.get(pattern) {
            return work(compiled);
        }
        let compiled = compile(pattern)?;
        if kept.len() >= KEPT_PATTERNS {
            kept.clear();
        }
        work(kept.entry(pattern.to_owned()).or_insert(compiled))
    })
}

/// The engine is linear in the text; what it cannot do (look-around, back-references) is refused.
fn compile(pattern: &str) -> Result<Regex, HostError> {
    if pattern.len() > MAX_PATTERN {
        return Err(HostError::Value(format!("a regular expression has at most {MAX_PATTERN} bytes")));
    }
    RegexBuilder::new(pattern)
        .size_limit(MAX_COMPILED)
        .dfa_size_limit(MAX_COMPILED)
        .nest_limit(50)
        .build()
        .map_err(|error| HostError::Value(format!("invalid regular expression: {error}")))
}

/// Text for an address: decomposed, ASCII, lower case, runs of what is neither letter nor digit as one
/// hyphen.
fn slugify(arguments: Arguments) -> Result<Value, HostError> {
    let [value] = bind("slugify", ["value"], arguments)?;
    let subject = subject("slugify", &value)?;
    let mut slug = String::new();
    for letter in subject.nfkd().filter(char::is_ascii) {
        match letter.to_ascii_lowercase() {
            kept @ ('a'..='z' | '0'..='9' | '_') => slug.push(kept),
            '-' | ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c' if !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    Ok(Value::Str(slug.trim_matches(['-', '_']).to_owned()))
}

fn parse_address(arguments: Arguments) -> Result<Value, HostError> {
    let [value] = bind("ip_address", ["address"], arguments)?;
    let given = text("ip_address", &value)?;
    let address: IpAddr = given
        .parse()
        .map_err(|_| HostError::Value(format!("'{given}' does not appear to be an IPv4 or IPv6 address")))?;
    Ok(Value::Tuple(address_parts(address)))
}

/// What the class `ip_address` of the prelude is made of.
pub(crate) fn address_parts(address: IpAddr) -> Vec<Value> {
    let address = address.to_canonical();
    let private = in_any(address, PRIVATE);
    let link_local = in_any(address, &["169.254.0.0/16", "fe80::/10"]);
    vec![
        Value::Str(sortable(address)),
        Value::Str(address.to_string()),
        Value::Int(if address.is_ipv4() { 4 } else { 6 }),
        Value::Bool(private),
        Value::Bool(!private && !in_any(address, &["100.64.0.0/10"])),
        Value::Bool(address.is_loopback()),
        Value::Bool(link_local),
        Value::Bool(address.is_multicast()),
        Value::Bool(address.is_unspecified()),
    ]
}

/// Not globally reachable by the registries of special-purpose addresses (RFC 6890), as Python counts.
const PRIVATE: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "240.0.0.0/4",
    "::/127",
    "64:ff9b:1::/48",
    "100::/64",
    "2001:db8::/32",
    "fc00::/7",
    "fe80::/10",
];

fn in_any(address: IpAddr, networks: &[&str]) -> bool {
    networks
        .iter()
        .filter_map(|network| network.parse::<IpNet>().ok())
        .any(|network| network.contains(&address))
}

/// Text of one width that sorts like the address.
fn sortable(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => format!("{:08x}", u32::from(address)),
        IpAddr::V6(address) => format!("{:032x}", u128::from(address)),
    }
}

fn parse_network(arguments: Arguments) -> Result<Value, HostError> {
    let [value, strict] = bind("ip_network", ["address", "strict"], arguments)?;
    let given = text("ip_network", &value)?;
    let wrong = || HostError::Value(format!("'{given}' does not appear to be an IPv4 or IPv6 network"));
    let network: IpNet = match given.split_once('/') {
        Some((address, mask)) if mask.contains('.') => {
            let mask: Ipv4Addr = mask.parse().map_err(|_| wrong())?;
            IpNet::with_netmask(address.parse().map_err(|_| wrong())?, mask.into()).map_err(|_| wrong())?
        }
        Some(_) => given.parse().map_err(|_| wrong())?,
        None => IpNet::from(given.parse::<IpAddr>().map_err(|_| wrong())?),
    };
    if strict.is_truthy() && network.addr() != network.network() {
        return Err(HostError::Value(format!("{given} has host bits set")));
    }
    let network = network.trunc();
    let last = match network {
        IpNet::V4(network) => IpAddr::V4(network.broadcast()),
        IpNet::V6(network) => IpAddr::V6(Ipv6Addr::from(
            u128::from(network.network()) | u128::MAX.checked_shr(network.prefix_len().into()).unwrap_or(0),
        )),
    };
    Ok(Value::Tuple(vec![
        Value::Str(sortable(network.network())),
        Value::Str(sortable(last)),
        Value::Str(network.to_string()),
        Value::Int(if matches!(network, IpNet::V4(_)) { 4 } else { 6 }),
        Value::Int(network.prefix_len().into()),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(name: &str, args: &[&str]) -> Result<Value, HostError> {
        let args = args.iter().map(|text| Value::from(*text)).collect();
        find(name).unwrap()((args, Vec::new()))
    }

    #[test]
    fn slugs_are_as_django_makes_them() {
        for (given, slug) in [
            ("Hello, World!", "hello-world"),
            ("  Ünïcödé -- text ", "unicode-text"),
            ("_under_score_", "under_score"),
            ("日本語", ""),
        ] {
            assert_eq!(call("slugify", &[given]).unwrap(), Value::from(slug), "{given}");
        }
    }

    #[test]
    fn replacements_use_the_words_of_python() {
        let replaced = call("regex_replace", &["jane.doe", r"(?P<first>\w+)\.(\w+)", r"\2 $1 \g<first>"]);
        assert_eq!(replaced.unwrap(), Value::from("doe $1 jane"));
    }

    #[test]
    fn a_pattern_that_would_explode_is_run_in_linear_time_or_refused() {
        let subject = "a".repeat(60_000) + "!";
        assert_eq!(call("regex_match", &[&subject, r"^(a+)+$"]).unwrap(), Value::Bool(false));
        assert!(call("regex_match", &["x", r"((a{100}){100}){100}"]).is_err());
        assert!(call("regex_match", &["x", r"(?=x)"]).is_err());
    }

    #[test]
    fn a_replacement_that_would_explode_is_refused() {
        let subject = "a".repeat(60_000);
        assert!(call("regex_replace", &[&subject, "a", &"b".repeat(1000)]).is_err());
    }

    #[test]
    fn a_mapped_address_is_the_address_it_maps() {
        assert_eq!(call("_cs_parse_address", &["::ffff:10.0.0.1"]), call("_cs_parse_address", &["10.0.0.1"]));
    }
}
