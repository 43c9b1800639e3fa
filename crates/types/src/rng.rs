//! Randomness is a parameter: the binary passes the system's, tests a seeded one.

/// A cryptographically secure source of random bytes.
pub trait Rng: Send + Sync {
    /// Fills the whole slice.
    fn fill(&self, bytes: &mut [u8]);
}
