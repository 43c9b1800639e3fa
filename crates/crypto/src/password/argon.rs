//! argon2 in PHC string form: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use countersign_types::Rng;
use zeroize::Zeroize;

use super::foreign::Unverifiable;

/// What a stored hash may ask for: 256 MiB, and work of 16 passes over 64 MiB.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
const MAX_WORK_KIB: u64 = 1024 * 1024;
const MAX_LANES: u32 = 64;
/// A shorter tag would match by chance, a longer one is nobody's.
const TAG_LEN: std::ops::RangeInclusive<usize> = 16..=64;
const SALT_LEN: usize = 16;
const OWN_TAG_LEN: usize = 32;

/// The memory that argon2 fills, kept between passwords.
pub(super) struct Memory {
    kept: Vec<Block>,
    /// Blocks of a hash of our own parameters; more than that is given back at once.
    own: usize,
}

impl Memory {
    pub(super) fn new(own: &Params) -> Self {
        Self { kept: Vec::new(), own: own.block_count() }
    }

    /// Gives the memory back, wiped.
    pub(super) fn release(&mut self) {
        // Block by block: the vector's own would touch the rest of its mapping as well.
        self.kept.iter_mut().for_each(Block::zeroize);
        self.kept = Vec::new();
    }

    fn with<T>(&mut self, count: usize, fill: impl FnOnce(&mut [Block]) -> T) -> T {
        if count > self.own {
            let mut blocks = apart(count);
            let done = fill(&mut blocks);
            blocks.iter_mut().for_each(Block::zeroize);
            return done;
        }
        if self.kept.is_empty() {
            self.kept = apart(self.own);
        }
        fill(&mut self.kept)
    }
}

/// Blocks in a mapping of their own. The system's allocator keeps what is freed to it, unless it is so large
/// (beyond 32 MiB) that it always comes from the system and goes back there at once. What is asked for and
/// not touched costs nothing.
fn apart(count: usize) -> Vec<Block> {
    let mut blocks = Vec::with_capacity(count.max(33 * 1024 * 1024 / Block::SIZE));
    blocks.resize(count, Block::new());
    blocks
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.release();
    }
}

/// A stored argon2 hash.
#[derive(Debug)]
pub(super) struct Argon2Hash {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Vec<u8>,
    tag: Vec<u8>,
}

impl Argon2Hash {
    /// Hashes with a fresh salt.
    pub(super) fn make(password: &[u8], params: &Params, memory: &mut Memory, rng: &dyn Rng) -> Option<Self> {
        let mut salt = vec![0; SALT_LEN];
        rng.fill(&mut salt);
        let mut hash = Self {
            algorithm: Algorithm::Argon2id,
            version: Version::V0x13,
            params: params.clone(),
            salt,
            tag: Vec::new(),
        };
        hash.tag = hash.compute(password, OWN_TAG_LEN, memory)?;
        Some(hash)
    }

    /// A hash that nothing matches, of the cost of one of ours.
    pub(super) fn dummy(params: &Params) -> Self {
        Self {
            algorithm: Algorithm::Argon2id,
            version: Version::V0x13,
            params: params.clone(),
            salt: vec![0; SALT_LEN],
            tag: vec![0; OWN_TAG_LEN],
        }
    }

    /// Reads the PHC form; refuses what would take too long.
    pub(super) fn parse(text: &str) -> Result<Self, Unverifiable> {
        let mut parts = text.strip_prefix('$').ok_or(Unverifiable::Unknown)?.split('$').peekable();
        let name = parts.next().unwrap_or_default();
        let algorithm = name.parse().map_err(|_| Unverifiable::Unknown)?;
        let version = match parts.peek().and_then(|part| part.strip_prefix("v=")) {
            Some("19") => Version::V0x13,
            Some("16") | None => Version::V0x10,
            Some(_) => return Err(Unverifiable::Unknown),
        };
        let _ = parts.next_if(|part| part.starts_with("v="));
        let params = parameters(parts.next().unwrap_or_default())?;
        let mut bytes = || STANDARD_NO_PAD.decode(parts.next()?).ok();
        let (salt, tag) = bytes().zip(bytes()).ok_or(Unverifiable::Unknown)?;
        if parts.next().is_some() || !(8..=64).contains(&salt.len()) || !TAG_LEN.contains(&tag.len()) {
            return Err(Unverifiable::Unknown);
        }
        Ok(Self { algorithm, version, params, salt, tag })
    }

    /// The PHC form.
    pub(super) fn encode(&self) -> String {
        format!(
            "${}$v={}$m={},t={},p={}${}${}",
            self.algorithm.as_str(),
            u32::from(self.version),
            self.params.m_cost(),
            self.params.t_cost(),
            self.params.p_cost(),
            STANDARD_NO_PAD.encode(&self.salt),
            STANDARD_NO_PAD.encode(&self.tag)
        )
    }

    /// Whether it is of this password. Constant time in the tag.
    pub(super) fn matches(&self, password: &[u8], memory: &mut Memory) -> bool {
        self.compute(password, self.tag.len(), memory)
            .is_some_and(|tag| verify_slices_are_equal(&tag, &self.tag).is_ok())
    }

    /// Whether we would hash the password the same way today.
    pub(super) fn is_current(&self, params: &Params) -> bool {
        self.algorithm == Algorithm::Argon2id
            && self.version == Version::V0x13
            && self.params.m_cost() == params.m_cost()
            && self.params.t_cost() == params.t_cost()
            && self.params.p_cost() == params.p_cost()
            && self.salt.len() >= SALT_LEN
            && self.tag.len() >= OWN_TAG_LEN
    }

    fn compute(&self, password: &[u8], tag_len: usize, memory: &mut Memory) -> Option<Vec<u8>> {
        let argon = Argon2::new(self.algorithm, self.version, self.params.clone());
        let mut tag = vec![0; tag_len];
        let count = self.params.block_count();
        memory
            .with(count, |blocks| {
                argon.hash_password_into_with_memory(password, &self.salt, &mut tag, blocks)
            })
            .ok()?;
        Some(tag)
    }
}

/// `m=…,t=…,p=…`, in this order, as every implementation writes them.
fn parameters(text: &str) -> Result<Params, Unverifiable> {
    let mut parts = text.split(',');
    let mut number = |name: &str| -> Option<u32> { parts.next()?.strip_prefix(name)?.parse().ok() };
    let (Some(m), Some(t), Some(p)) = (number("m="), number("t="), number("p=")) else {
        return Err(Unverifiable::Unknown);
    };
    if parts.next().is_some() {
        return Err(Unverifiable::Unknown);
    }
    if m > MAX_MEMORY_KIB || p > MAX_LANES || u64::from(m) * u64::from(t) > MAX_WORK_KIB {
        return Err(Unverifiable::TooCostly);
    }
    Params::new(m, t, p, None).map_err(|_| Unverifiable::Unknown)
}
