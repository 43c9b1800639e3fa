//! provider-oauth2
