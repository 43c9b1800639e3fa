//! Settings of authentik that have no meaning here: accepted with a warning, so that its files still start.

/// Names, or sections ending in `.*`.
const IGNORED: &[&str] = &[
    "avatars",
    "base_url",
    "broker.*",
    "cache.*",
    "cert_discovery_dir",
    "compliance.*",
    "cookie_domain",
    "debug",
    "debugger",
    "default_token_length",
    "default_user_change_email",
    "default_user_change_name",
    "default_user_change_username",
    "disable_embedded_outpost",
    "disable_startup_analytics",
    "disable_update_check",
    "enterprise.*",
    "error_reporting.*",
    "footer_links",
    "gdpr_compliance",
    "image",
    "impersonation",
    "ldap.*",
    "listen.debug",
    "listen.debug_py",
    "listen.ldap",
    "listen.ldaps",
    "listen.radius",
    "outposts.*",
    "postgresql.conn_health_checks",
    "postgresql.conn_max_age",
    "postgresql.conn_options",
    "postgresql.default_schema",
    "postgresql.direct.*",
    "postgresql.disable_server_side_cursors",
    "postgresql.pool_options",
    "postgresql.read_replicas.*",
    "postgresql.test.*",
    "postgresql.use_pgbouncer",
    "postgresql.use_pool",
    "redis.*",
    "session_storage",
    "sessions.unauthenticated_age",
    "skip_migrations",
    "sources.*",
    "storage.*",
    "tag",
    "tenants.*",
    "throttle.default",
    "throttle.providers.*",
    "web.path",
    "web.threads",
    "worker.*",
];

/// Whether a dotted path is one of them, or a section of which every setting is.
pub(crate) fn is_ignored(path: &str) -> bool {
    IGNORED.iter().any(|known| match known.strip_suffix(".*") {
        Some(section) => {
            path.strip_prefix(section).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        }
        None => path == *known,
    })
}

/// Whether an ignored name stands below a dotted path.
pub(crate) fn is_ignored_below(path: &str) -> bool {
    IGNORED.iter().any(|known| known.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
}
