//! The digest by which lists of breached passwords are asked.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

/// SHA-1 of a password, hexadecimal in capitals: what such lists are sorted by. It protects nothing.
pub fn breach_digest(password: &str) -> String {
    hex::encode_upper(digest(&SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_digest_is_the_one_of_the_lists() {
        assert_eq!(super::breach_digest("password"), "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8");
    }
}
