//! Beside the house: the real server inside a test.
//!
//! A test starts a [`TestApp`] on a fresh database, asks it for people ([`Person`]) who speak public HTTP like
//! a browser without scripts, moves its clock, and ends with [`TestApp::verify`], which looks round: nothing
//! points to nothing, no job failed, and no secret that was planted stands in the log.
//!
//! ```ignore
//! let app = TestApp::start(Backend::Sqlite).await.unwrap();
//! app.finish_setup().await;
//! let ada = app.enrol("ada").await;
//! assert_eq!(ada.get("/if/user/").await.status, 200);
//! app.verify().await;
//! ```

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test whose world does not stand has failed"
)]

mod app;
mod log;
mod page;
mod person;
mod secrets;
mod sink;

pub use app::{ADMINISTRATOR, TestApp};
pub use countersign_blueprints::{Done, Selection};
pub use page::{Form, Page};
pub use person::Person;
pub use sink::{MailSink, Received};

/// Makes two tests of one story, `<story>::sqlite` and `<story>::postgres`. The story takes a [`TestApp`]
/// whose initial set-up is done and returns it for the look round.
///
/// ```ignore
/// on_both_databases! {
///     async fn a_session_ends(app: TestApp) { … }
/// }
/// ```
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$meta:meta])* async fn $story:ident($app:ident: TestApp) $body:block)+) => {$(
        $(#[$meta])*
        mod $story {
            use super::*;

            async fn story($app: &$crate::TestApp) $body

            #[tokio::test]
            async fn sqlite() {
                let app = $crate::TestApp::start($crate::Backend::Sqlite).await.unwrap();
                app.finish_setup().await;
                story(&app).await;
                app.verify().await;
            }

            #[tokio::test]
            async fn postgres() {
                // Without a server this side of the story is skipped.
                let Some(app) = $crate::TestApp::start($crate::Backend::Postgres).await else { return };
                app.finish_setup().await;
                story(&app).await;
                app.verify().await;
            }
        }
    )+};
}

pub use countersign_store::Backend;
