//! Pages of results, keyed by the last row seen rather than by an offset.

/// What part of a list is wanted.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// Opaque position after which to continue; none for the start.
    pub after: Option<String>,
    /// At most so many rows, 1 to 1000.
    pub limit: u32,
}

impl PageRequest {
    /// The first rows.
    pub const fn first(limit: u32) -> Self {
        Self { after: None, limit }
    }
}

/// Part of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where to continue, when there is more.
    pub next: Option<String>,
}
