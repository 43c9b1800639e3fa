//! What we hand out, and how it is told from what we did not.
//!
//! | token | form | checked by | ends by |
//! |---|---|---|---|
//! | code | 256 random bits, kept as their digest | one conditional statement | first use, expiry |
//! | access token | JWT, `typ: at+jwt` | signature, and the set of revoked grants | expiry, end of its grant |
//! | ID token | JWT | signature | expiry; as a hint it counts beyond that |
//! | refresh token | grant, generation, 256 random bits, MAC | MAC, then one conditional statement | next use, end of its grant |

mod access;
mod bearer;
mod id;
mod refresh;

pub use access::subject_of_access_token;
pub(crate) use access::{TokenFault, Verified, verify_access};
pub(crate) use bearer::{Bearer, SignedIn, mint};
pub(crate) use id::read_hint;
pub(crate) use refresh::RefreshToken;
