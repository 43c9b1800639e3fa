//! Names and addresses. The system's own resolver is asked, which blocks: so many at once and no more.

use std::{net::IpAddr, sync::Arc};

use tokio::sync::Semaphore;

use crate::OutboundError;

/// Longest name (RFC 1035 §3.1), with a dot to end it.
const LONGEST: usize = 254;
/// Addresses of one name that are told.
const TOLD: usize = 64;

/// Which addresses are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Any.
    Any,
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// Addresses of a name, in the order in which they are told; none for a name that does not exist.
pub(crate) async fn addresses(
    places: Arc<Semaphore>,
    name: String,
    family: Family,
) -> Result<Vec<IpAddr>, OutboundError> {
    if name.is_empty() || name.len() > LONGEST || name.contains(|byte: char| byte.is_control() || byte == ' ')
    {
        return Err(OutboundError::Invalid("that is no name of a host"));
    }
    let _place = places.try_acquire_owned().map_err(|_| OutboundError::Busy)?;
    let found = tokio::net::lookup_host((name, 0)).await;
    let mut addresses: Vec<IpAddr> = Vec::new();
    for address in found.into_iter().flatten().map(|found| found.ip().to_canonical()) {
        let wanted = match family {
            Family::Any => true,
            Family::V4 => address.is_ipv4(),
            Family::V6 => address.is_ipv6(),
        };
        if wanted && !addresses.contains(&address) && addresses.len() < TOLD {
            addresses.push(address);
        }
    }
    Ok(addresses)
}

/// The name of an address, if it has one.
pub(crate) async fn name_of(
    places: Arc<Semaphore>,
    address: IpAddr,
) -> Result<Option<String>, OutboundError> {
    let place = places.try_acquire_owned().map_err(|_| OutboundError::Busy)?;
    let asked = tokio::task::spawn_blocking(move || {
        // Held until the resolver answers, be anybody still waiting or not.
        let _place = place;
        dns_lookup::lookup_addr(&address).ok()
    });
    let name = asked.await.map_err(|_| OutboundError::Failed)?;
    // Without a name the resolver gives the address back.
    Ok(name.filter(|name| name.parse::<IpAddr>().is_err() && name.len() <= LONGEST))
}
