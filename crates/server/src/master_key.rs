//! Whether the master key at hand is the one that the secrets in the database were sealed with.
//!
//! Found out later, every secret would fail one by one, and new ones would be sealed with another key.

use countersign_crypto::Sealer;
use countersign_store::{Store, settings};
use serde_json::Value;

use crate::Failure;

/// Setting that only the right key opens.
const PROOF: &str = "master_key_proof";
/// Purpose under which it is sealed.
const PURPOSE: &str = "master-key-proof";

/// Refuses any other key than that of the first start.
pub(crate) fn check(store: &Store, sealer: &Sealer) -> Result<(), Failure> {
    let kept = store.read_blocking(|tx| settings::get(tx, PROOF))?;
    let kept = match kept {
        Some(kept) => kept,
        None => {
            let proof = Value::from(sealer.seal_text(PURPOSE, &[], &[]));
            // Of two processes that start at once, one was quicker.
            store.write_blocking(move |tx| {
                settings::put_once(tx, PROOF, &proof)?;
                Ok::<_, Failure>(settings::get(tx, PROOF)?.unwrap_or_default())
            })?
        }
    };
    sealer.open_text(PURPOSE, &[], kept.as_str().unwrap_or_default()).map(drop).map_err(|_| {
        Failure::words(
            "this is not the master key that the secrets in the database were sealed with: restore secret_key, \
             or the file keys/master below data_dir, from a backup",
        )
    })
}

#[cfg(test)]
mod tests {
    use countersign_config::Config;
    use countersign_types::{Secret, random_uuid};

    use crate::{Circumstances, House};

    #[test]
    fn a_database_of_another_master_key_is_refused() {
        let circumstances = Circumstances::real();
        let name = format!("countersign-{}", random_uuid(&*circumstances.rng));
        let folder = std::env::temp_dir().join(name);
        let open = |secret: Option<&str>| {
            let mut config = Config::defaults(&folder).unwrap();
            config.secret_key = secret.map(Secret::from);
            House::open(config, circumstances.clone()).map(|house| house.store.close())
        };
        let key = "a secret of at least fifty characters, for the tests only";
        let outcomes = [open(Some(key)), open(Some(key)), open(None), open(Some(key))];
        let refused = outcomes.map(|outcome| outcome.err().map(|failure| failure.to_string()));
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(
            matches!(&refused, [None, None, Some(words), None] if words.contains("master key")),
            "{refused:?}"
        );
    }
}
