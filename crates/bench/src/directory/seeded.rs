//! People, groups and applications out of a seed: the same names in every run.

use countersign_types::Rng;
use std::sync::Mutex;

/// A family name that one in twelve users has (of groups and applications fewer), so that they fill two pages of a small
/// directory too.
pub(super) const COMMON: &str = "tamaku";
/// A given name with a number that one has.
pub(super) const RARE: &str = "sorena77";

const SYLLABLES: &[&str] = &[
    "ta", "ma", "ku", "so", "re", "na", "li", "vo", "du", "pe", "gi", "ha", "jo", "bu", "fe", "ni", "ro",
    "sa", "mi", "lo", "ke", "wa", "yu", "zo", "be", "di", "fa", "gu", "hi", "ju", "ka", "le",
];

/// A stream of numbers (SplitMix64), and the randomness of the store that writes them down.
#[derive(Debug)]
pub(super) struct Seeded(Mutex<u64>);

impl Seeded {
    pub(super) const fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }

    pub(super) fn next(&self) -> u64 {
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub(super) fn below(&self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    /// A name of three syllables; some are much more frequent than others, as names are.
    pub(super) fn name(&self) -> String {
        let often = self.below(3) > 0;
        (0..3)
            .map(|_| {
                let most = if often { 10 } else { SYLLABLES.len() };
                SYLLABLES.get(self.below(most)).copied().unwrap_or_default()
            })
            .collect()
    }
}

impl Rng for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(8) {
            let number = self.next().to_le_bytes();
            part.copy_from_slice(number.get(..part.len()).unwrap_or_default());
        }
    }
}

/// The name with a capital.
pub(super) fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
