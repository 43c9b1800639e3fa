//! Which route an address belongs to, remembered: matching every pattern once more costs a request to a busy
//! endpoint more than finding its handler.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use actix_web::HttpRequest;

/// Addresses that are remembered. Most belong to objects, of which there may be many; then it begins anew.
const MOST: usize = 512;
/// Longer addresses are nobody's habit.
const LONGEST: usize = 256;

/// Routes by address.
#[derive(Default)]
pub(crate) struct Routes(RwLock<HashMap<String, Arc<str>>>);

impl Routes {
    /// The pattern of a request's address; a hyphen where there is none.
    pub(super) fn of(&self, request: &HttpRequest) -> Arc<str> {
        let path = request.path();
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        if let Some(route) = known {
            return route;
        }
        let Some(pattern) = request.match_pattern() else { return Arc::from("-") };
        let route: Arc<str> = Arc::from(pattern);
        if path.len() > LONGEST {
            return route;
        }
        let mut routes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if routes.len() >= MOST {
            routes.clear();
        }
        routes.insert(path.to_owned(), Arc::clone(&route));
        route
    }
}
