//! The system's random source.

use countersign_types::Rng;

/// Random bytes of aws-lc, seeded by the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRng;

impl Rng for SystemRng {
    fn fill(&self, bytes: &mut [u8]) {
        if aws_lc_rs::rand::fill(bytes).is_err() {
            // Going on without randomness would hand out guessable secrets, and there is nobody to tell.
            std::process::abort();
        }
    }
}
