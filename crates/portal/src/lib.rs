//! Floor 5: the pages of people who sign in.
//!
//! Owns the two faces of flows (the page and the JSON executor), the doors that lead to them, the library of
//! applications with its launches, the user's own settings, and recovery links. Names no kind of stage or
//! provider: a flow page is rendered from the nodes of its challenge, and where an application without a launch
//! address leads is asked of a hook.
//!
//! ```text
//! actix_web::App::new()
//!     .configure(countersign_web::routes)
//!     .configure(countersign_portal::routes(Arc::new(Portal::new().launching("kind", provider::launch_url))))
//!     .wrap(from_fn(countersign_portal::lead_to_setup))
//!     .wrap(from_fn(countersign_web::edge))
//! ```

mod farewell;
mod flow;
mod frame;
mod gate;
mod house;
mod launch;
mod library;
mod notifications;
mod portal;
mod recovery;
mod robots;
mod root;
mod routes;
mod settings;

pub use gate::lead_to_setup;
pub use portal::{LaunchUrl, Portal};
pub use routes::routes;
