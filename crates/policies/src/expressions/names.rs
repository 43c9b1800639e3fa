//! The names that expressions may use, for those who write them. A test holds the list against what there is. What kinds
//! of property mapping have beside stands with each kind ([`Mapping`](super::Mapping)).

/// Where an expression stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// An expression policy.
    Policy,
    /// Placeholder or initial value of a prompt.
    Prompt,
    /// A property mapping, which has names of its kind beside these.
    Mapping,
}

/// What a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    /// An object or a value.
    Variable,
    /// Something to call.
    Function,
    /// A function or object that every expression has, whatever it is for.
    Builtin,
}

/// A name that expressions may use. What it means in words stands in the catalogues.
#[derive(Clone, Copy, Debug)]
pub struct KnownName {
    /// The name.
    pub name: &'static str,
    /// How it is written.
    pub usage: &'static str,
    /// What it is.
    pub kind: NameKind,
    /// Where it is there.
    pub areas: &'static [Area],
}

impl KnownName {
    /// Key of its explanation in the catalogues: `expression-name-ak-message`.
    pub fn key(&self) -> String {
        format!("expression-name-{}", self.name.replace('_', "-").to_lowercase())
    }
}

const EVERYWHERE: &[Area] = &[Area::Policy, Area::Prompt, Area::Mapping];
const FLOWS: &[Area] = &[Area::Policy, Area::Prompt];

const fn variable(name: &'static str, usage: &'static str, areas: &'static [Area]) -> KnownName {
    KnownName { name, usage, kind: NameKind::Variable, areas }
}

const fn function(name: &'static str, usage: &'static str, areas: &'static [Area]) -> KnownName {
    KnownName { name, usage, kind: NameKind::Function, areas }
}

const fn builtin(name: &'static str, usage: &'static str) -> KnownName {
    KnownName { name, usage, kind: NameKind::Builtin, areas: EVERYWHERE }
}

/// The names.
pub const KNOWN_NAMES: &[KnownName] = &[
    variable("request", "request.user.email", EVERYWHERE),
    variable("user", "user.username", EVERYWHERE),
    variable("context", "context[\"prompt_data\"]", EVERYWHERE),
    variable("flow_plan", "flow_plan.context[\"key\"] = value", FLOWS),
    variable("prompt_data", "prompt_data[\"email\"]", FLOWS),
    variable("http_request", "http_request.GET.get(\"next\")", EVERYWHERE),
    variable("ak_client_ip", "ak_client_ip in ip_network(\"10.0.0.0/8\")", EVERYWHERE),
    variable("ak_is_sso_flow", "ak_is_sso_flow", FLOWS),
    function("ak_message", "ak_message(\"Only from the office.\")", FLOWS),
    function("ak_is_group_member", "ak_is_group_member(user, name=\"staff\")", EVERYWHERE),
    function("ak_user_by", "ak_user_by(username=\"ada\")", EVERYWHERE),
    function("ak_user_has_authenticator", "ak_user_has_authenticator(user, \"totp\")", EVERYWHERE),
    function("ak_call_policy", "ak_call_policy(\"office-hours\").passing", EVERYWHERE),
    function("ak_create_event", "ak_create_event(\"badge_missing\", door=3)", EVERYWHERE),
    function("ak_create_jwt", "ak_create_jwt(user, \"app\", [\"openid\"])", EVERYWHERE),
    function("ak_create_jwt_raw", "ak_create_jwt_raw(\"app\", room=\"blue\")", EVERYWHERE),
    function("ak_send_email", "ak_send_email(user.email, \"Hello\", body=\"Good morning.\")", EVERYWHERE),
    function("resolve_dns", "resolve_dns(\"localhost\", 4)", EVERYWHERE),
    function("reverse_dns", "reverse_dns(\"127.0.0.1\")", EVERYWHERE),
    function("requests", "import requests", EVERYWHERE),
    variable("geoip", "context[\"geoip\"][\"country\"]", EVERYWHERE),
    variable("asn", "context[\"asn\"][\"asn\"]", EVERYWHERE),
    builtin("ak_obj_attr", "ak_obj_attr(user, \"title\", \"\")"),
    builtin("ak_logger", "ak_logger.info(\"asked\", user=user.username)"),
    builtin("regex_match", "regex_match(user.email, \"@example[.]com$\")"),
    builtin("regex_replace", "regex_replace(value, \"[^a-z]\", \"\")"),
    builtin("list_flatten", "list_flatten(value)"),
    builtin("slugify", "slugify(\"Some words\")"),
    builtin("delete_none_values", "delete_none_values({\"a\": None})"),
    builtin("ip_address", "ip_address(\"10.1.2.3\")"),
    builtin("ip_network", "ip_network(\"10.0.0.0/8\")"),
    KnownName { areas: &[Area::Mapping], ..builtin("SkipObject", "raise SkipObject") },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_the_house_offers_is_left_out() {
        let known = |name: &str| KNOWN_NAMES.iter().any(|known| known.name == name);
        let waiting = super::super::outside::FUNCTIONS.iter().filter(|name| !name.starts_with('_'));
        for name in super::super::HOUSE.iter().chain(super::super::functions::FUNCTIONS).chain(waiting) {
            assert!(known(name), "{name}");
        }
    }
}
