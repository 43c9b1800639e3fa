//! Floor 4: the kinds of stage.
//!
//! Owns what each stage asks and what an answer to it means, one folder below `kinds` for each kind: its
//! specification (the fields of administrators), its challenge, its logic. Owns how passwords are checked
//! and how often they may be guessed at, and what counts as [`proof`] of who somebody is. Does not move
//! plans, set cookies, render or write: stages queue effects, and the executor of `flows` does the rest.
//!
//! Kinds do not import each other and no surface names them: `server/src/registry.rs` lists them.

mod captcha_check;
mod confirm;
mod flow_links;
mod invited;
mod kinds;
mod limits;
mod mailbox;
mod merge;
mod password_check;
pub mod proof;
mod throttle;
mod trail;
mod words;

pub use kinds::{
    account_lockdown::AccountLockdownStage,
    captcha::{CaptchaStage, RequestContentType},
    consent::{ConsentMode, ConsentStage, RequiredConsent},
    deny::DenyStage,
    dummy::DummyStage,
    email::EmailStage,
    email_proof::{EmailProofStage, LetterContents, ProvedAddress},
    identification::{IdentificationStage, UserField},
    invitation::InvitationStage,
    mtls::{CertAttribute, MtlsMode, MutualTlsStage, UserAttribute},
    password::PasswordStage,
    prompt::{Prompt, PromptKind, PromptStage},
    redirect::{RedirectMode, RedirectStage},
    setup::{InitialSetupStage, SETUP_CODE, SetupMode, kept_setup_code},
    user_delete::UserDeleteStage,
    user_login::UserLoginStage,
    user_logout::{CONFIRMED as LOGOUT_CONFIRMED, UserLogoutStage},
    user_write::{UserCreationMode, UserWriteStage},
};
pub use limits::SignInLimits;
pub use password_check::Backend;
