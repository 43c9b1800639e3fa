//! Endpoints that are written by hand, a file for each area of paths.

mod admin;

use crate::Endpoint;

/// The rows of every area. One that has method and path of a generated row takes its place.
pub(crate) fn rows() -> Vec<Endpoint> {
    let areas = [admin::rows()];
    areas.into_iter().flatten().collect()
}
