//! The files that can be chosen: addresses that brands, flows and applications name already.

use std::collections::BTreeSet;

use super::shape::{Edit, Shape};
use crate::cx::ConsoleCx;

/// Most addresses that a form suggests.
const MOST: usize = 50;

/// The addresses, each once; none for a form that asks for no file. Costs no query.
pub(crate) fn files(cx: &ConsoleCx, shapes: &[Shape<'_>]) -> Vec<String> {
    if !shapes.iter().any(|shape| matches!(shape.edit, Edit::File)) {
        return Vec::new();
    }
    let sees = |permission: &str| cx.may(permission, None);
    let mut found = BTreeSet::new();
    if sees("authentik_brands.view_brand") {
        for brand in cx.snapshot.brands() {
            let own =
                [&brand.branding_logo, &brand.branding_favicon, &brand.branding_default_flow_background];
            found.extend(own.into_iter().cloned());
        }
    }
    if sees("authentik_flows.view_flow") {
        found.extend(cx.snapshot.flows().iter().map(|flow| flow.background.clone()));
    }
    if sees("authentik_core.view_application") {
        found.extend(cx.snapshot.applications().iter().map(|application| application.meta_icon.clone()));
    }
    // A picture written out in its address is no file to choose.
    let is_file = |address: &String| !address.is_empty() && !address.starts_with("data:");
    found.into_iter().filter(is_file).take(MOST).collect()
}
