//! Rows that point to nothing: what no test may leave behind.

use diesel::{QueryableByName, sql_types::BigInt};

use crate::{StoreError, Tx, conn::load};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// What may not be, and how it is counted. Revoked and dead grants outlive their users on purpose: tokens
/// that name them must be known as revoked.
const CHECKS: [(&str, &str); 7] = [
    (
        "sessions without a user",
        "SELECT COUNT(*) AS count FROM sessions s
         WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = s.user_id)",
    ),
    (
        "tokens without a user",
        "SELECT COUNT(*) AS count FROM tokens t
         WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = t.user_id)",
    ),
    (
        "consents without a user",
        "SELECT COUNT(*) AS count FROM consents c
         WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = c.user_id)",
    ),
    (
        "living grants without a user",
        "SELECT COUNT(*) AS count FROM grants g
         WHERE g.revoked IS NULL AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = g.user_id)",
    ),
    (
        "living grants without a provider",
        "SELECT COUNT(*) AS count FROM grants g
         WHERE g.revoked IS NULL AND NOT EXISTS (SELECT 1 FROM providers p WHERE p.id = g.provider_id)",
    ),
    (
        "codes without a grant",
        "SELECT COUNT(*) AS count FROM authorization_codes c
         WHERE NOT EXISTS (SELECT 1 FROM grants g WHERE g.id = c.grant_id)",
    ),
    (
        "references to nothing",
        "SELECT COUNT(*) AS count FROM object_refs r WHERE r.to_id NOT IN (
           SELECT id FROM config_objects UNION ALL SELECT id FROM flows UNION ALL SELECT id FROM providers
           UNION ALL SELECT id FROM flow_stage_bindings UNION ALL SELECT id FROM applications
           UNION ALL SELECT id FROM groups UNION ALL SELECT id FROM users UNION ALL SELECT id FROM brands
           UNION ALL SELECT id FROM key_pairs UNION ALL SELECT id FROM policy_bindings
           UNION ALL SELECT id FROM roles)",
    ),
];

/// What points to nothing, in words; empty when all is well.
pub fn orphans(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    for (what, query) in CHECKS {
        let rows: Vec<Count> = load!(tx, diesel::sql_query(query))?;
        let count = rows.first().map_or(0, |row| row.count);
        if count > 0 {
            found.push(format!("{count} {what}"));
        }
    }
    Ok(found)
}
