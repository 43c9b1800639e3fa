//! Making inputs of inputs: letters and words are put in, taken out, repeated and exchanged, two texts are cut and joined.

/// Longest input, in bytes.
const MAX_INPUT: usize = 16 * 1024;
/// Inputs that are kept beside those of people.
const MAX_KEPT: usize = 2_000;
/// Letters that often mean something.
const LETTERS: &[u8] =
    b"\n\t \0:-[]{}()<>!&*|'\"\\#%@`~,.?/=+0123456789_\x7f\xff\xc3\xa9\xe2\x80\xae\xf0\x9f\x92\xa9";
/// Numbers at the edge of something.
const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "1",
    "127",
    "256",
    "65536",
    "2147483648",
    "-2147483649",
    "9223372036854775808",
    "1e400",
    "-0.0",
    "NaN",
    "99999999999999999999999999999999999999",
];

/// Makes inputs.
pub(super) struct Mutator {
    state: u64,
    corpus: Vec<Vec<u8>>,
    /// How many of the corpus were written by people; they stay.
    written: usize,
    words: &'static [&'static str],
    fresh: usize,
}

impl Mutator {
    pub(super) fn new(seed: u64, corpus: Vec<String>, words: &'static [&'static str]) -> Self {
        let corpus: Vec<Vec<u8>> = corpus.into_iter().map(String::into_bytes).collect();
        Self { state: seed, written: corpus.len(), corpus, words, fresh: 0 }
    }

    /// Keeps an input that was taken for good, to make others of it.
    pub(super) fn keep(&mut self, input: &str) {
        if self.corpus.len() < self.written + MAX_KEPT {
            self.corpus.push(input.as_bytes().to_vec());
        } else {
            let place = self.written + self.below(MAX_KEPT);
            if let Some(kept) = self.corpus.get_mut(place) {
                *kept = input.as_bytes().to_vec();
            }
        }
    }

    /// The next input: first what people wrote, as they wrote it.
    pub(super) fn next(&mut self) -> String {
        let mut input = match self.corpus.get(self.fresh).filter(|_| self.fresh < self.written) {
            Some(written) => written.clone(),
            None => {
                let mut input = self.pick();
                for _ in 0..=self.below(6) {
                    self.mutate(&mut input);
                }
                input
            }
        };
        self.fresh += 1;
        input.truncate(MAX_INPUT);
        String::from_utf8_lossy(&input).into_owned()
    }

    /// `SplitMix64`.
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.random() % bound).unwrap_or(0)
    }

    fn pick(&mut self) -> Vec<u8> {
        let place = self.below(self.corpus.len());
        self.corpus.get(place).cloned().unwrap_or_default()
    }

    /// Part of a text.
    fn part(&mut self, of: &[u8], most: usize) -> std::ops::Range<usize> {
        let from = self.below(of.len() + 1);
        let length = self.below(most.min(of.len() - from) + 1);
        from..from + length
    }

    fn mutate(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len() + 1);
        match self.below(9) {
            0 => {
                let letter = self.letter();
                if let Some(place) = input.get_mut(at) {
                    *place = letter;
                }
            }
            1 => {
                let letter = self.letter();
                input.insert(at, letter);
            }
            2 => {
                let part = self.part(input, 40);
                input.drain(part);
            }
            3 | 4 => {
                let word = self.words.get(self.below(self.words.len())).copied().unwrap_or_default();
                input.splice(at..at, word.bytes());
            }
            5 => {
                let number = NUMBERS.get(self.below(NUMBERS.len())).copied().unwrap_or_default();
                let part = self.part(input, 4);
                input.splice(part, number.bytes());
            }
            // The same again, a few times or very often.
            6 => {
                let part = self.part(input, 60);
                let times = if self.below(8) == 0 { 200 } else { 1 + self.below(4) };
                let repeated = input.get(part).unwrap_or_default().repeat(times);
                input.splice(at..at, repeated);
            }
            // Part of another text.
            7 => {
                let other = self.pick();
                let part = self.part(&other, 400);
                input.splice(at..at, other.get(part).unwrap_or_default().iter().copied());
            }
            _ => {
                let other = self.pick();
                let rest = self.below(other.len() + 1);
                input.truncate(at);
                input.extend(other.get(rest..).unwrap_or_default());
            }
        }
        input.truncate(MAX_INPUT);
    }

    fn letter(&mut self) -> u8 {
        let chosen = LETTERS.get(self.below(LETTERS.len())).copied().unwrap_or_default();
        if self.below(4) == 0 { u8::try_from(self.below(256)).unwrap_or_default() } else { chosen }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_inputs() {
        let inputs = |seed| {
            let corpus = vec!["one: 1".to_owned(), "two: [2]".to_owned()];
            let mut mutator = Mutator::new(seed, corpus, &["three"]);
            (0..200).map(|_| mutator.next()).collect::<Vec<_>>()
        };
        assert_eq!(inputs(1), inputs(1));
        assert_ne!(inputs(1), inputs(2));
        assert_eq!(inputs(1)[..2], ["one: 1", "two: [2]"], "what people wrote comes first");
    }
}
