//! Sessions that are bound to where they began: what they are bound to, and whether they still are there.
//!
//! What the files of addresses do not know is bound to the address itself, so that nobody is shut out of a network
//! of his own and nothing is let through for want of knowledge. A session that is found elsewhere ends, for
//! whoever holds its cookie.

use std::net::{IpAddr, Ipv6Addr};

use countersign_events::EventDraft;
use countersign_geo::Atlas;
use countersign_model::{
    Bound, EventAction, GeoIpBinding, LiveSession, NetworkBinding, Session, SessionBinding,
};
use countersign_store::{StoreError, sessions};
use countersign_types::{ClientAddr, Digest};
use serde_json::json;

use crate::FlowServices;

/// Who says so in the audit trail.
const APP: &str = "countersign.flows.bound";

/// Why a session cannot be bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unbindable {
    /// Nobody knows from where the request comes.
    #[error("the address of the browser is not known")]
    NoAddress,
    /// There is no file of networks.
    #[error("there is no file of networks (events.context_processors.asn)")]
    NoNetworks,
    /// There is no file of places.
    #[error("there is no file of places (events.context_processors.geoip)")]
    NoPlaces,
}

/// What a session that begins there is bound to; none for nothing.
pub fn bind(
    atlas: &Atlas,
    client: Option<ClientAddr>,
    network: NetworkBinding,
    place: GeoIpBinding,
) -> Result<Option<SessionBinding>, Unbindable> {
    if network == NetworkBinding::NoBinding && place == GeoIpBinding::NoBinding {
        return Ok(None);
    }
    let ClientAddr(address) = client.ok_or(Unbindable::NoAddress)?;
    if matches!(network, NetworkBinding::BindAsn | NetworkBinding::BindAsnNetwork) && !atlas.has_networks() {
        return Err(Unbindable::NoNetworks);
    }
    if place != GeoIpBinding::NoBinding && !atlas.has_places() {
        return Err(Unbindable::NoPlaces);
    }
    let network = network_seen(atlas, address, network).map(|value| Bound { level: network, value });
    let place = place_seen(atlas, address, place).map(|value| Bound { level: place, value });
    Ok(Some(SessionBinding { network, place }))
}

/// The network as a level looks at it; none for the level that does not look.
fn network_seen(atlas: &Atlas, address: IpAddr, level: NetworkBinding) -> Option<String> {
    let known = || atlas.network(address);
    Some(match level {
        NetworkBinding::NoBinding => return None,
        NetworkBinding::BindAsn => known().map_or_else(|| host(address), |known| format!("AS{}", known.asn)),
        NetworkBinding::BindAsnNetwork => {
            known().map_or_else(|| host(address), |known| format!("AS{} {}", known.asn, known.network))
        }
        NetworkBinding::BindAsnNetworkIp => address.to_canonical().to_string(),
    })
}

/// The place as a level looks at it; none for the level that does not look.
fn place_seen(atlas: &Atlas, address: IpAddr, level: GeoIpBinding) -> Option<String> {
    if level == GeoIpBinding::NoBinding {
        return None;
    }
    let Some(place) = atlas.place(address) else { return Some(host(address)) };
    let continent = place.continent.unwrap_or_default();
    let country = place.country.unwrap_or_default();
    Some(match level {
        GeoIpBinding::NoBinding => return None,
        GeoIpBinding::BindContinent => continent,
        GeoIpBinding::BindContinentCountry => format!("{continent}/{country}"),
        GeoIpBinding::BindContinentCountryCity => format!("{continent}/{country}/{}", place.city),
    })
}

/// What stands for a host of which the files know nothing. Hosts change the lower half of an IPv6 address every
/// day (RFC 8981), so that the upper one has to do.
fn host(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let upper = u128::from(v6) & !u128::from(u64::MAX);
            format!("{}/64", Ipv6Addr::from(upper))
        }
    }
}

/// How a session broke its binding.
#[derive(Debug, PartialEq, Eq)]
struct Broken {
    /// What was looked at: `network.bind_asn`.
    reason: String,
    before: String,
    now: String,
}

impl Broken {
    fn of(atlas: &Atlas, binding: &SessionBinding, client: Option<ClientAddr>) -> Option<Self> {
        let now = |seen: &dyn Fn(IpAddr) -> Option<String>| {
            client.and_then(|ClientAddr(address)| seen(address)).unwrap_or_default()
        };
        let network = binding.network.as_ref().map(|bound| {
            let seen = now(&|address| network_seen(atlas, address, bound.level));
            (format!("network.{}", bound.level.as_str()), &bound.value, seen)
        });
        let place = binding.place.as_ref().map(|bound| {
            let seen = now(&|address| place_seen(atlas, address, bound.level));
            (format!("geoip.{}", bound.level.as_str()), &bound.value, seen)
        });
        let broken = network.into_iter().chain(place).find(|(_, before, now)| *before != now);
        broken.map(|(reason, before, now)| Self { reason, before: before.clone(), now })
    }
}

/// Whether a session is where it began without looking anything up: that is what most are.
fn is_at_home(session: &Session, client: Option<ClientAddr>) -> bool {
    client.is_some_and(|client| client.to_string() == session.last_ip)
}

impl FlowServices {
    /// The live session of a cookie's digest, if it is good where the request comes from. One that is found
    /// elsewhere ends. No trip when warm.
    pub async fn live_session(
        &self,
        key: &Digest,
        client: Option<ClientAddr>,
        request_id: &str,
    ) -> Result<Option<LiveSession>, StoreError> {
        let Some(live) = self.store.live_session(key).await? else { return Ok(None) };
        let Some(binding) = &live.session.binding else { return Ok(Some(live)) };
        if is_at_home(&live.session, client) {
            return Ok(Some(live));
        }
        let Some(broken) = Broken::of(self.policies.atlas(), binding, client) else { return Ok(Some(live)) };
        let event = EventDraft::new(EventAction::Logout, APP)
            .by(&live.subject.user)
            .from(client)
            .through(live.session.behind())
            .with("session", live.session.id.to_string())
            .with("request_id", request_id)
            .with(
                "binding",
                json!({
                    "reason": broken.reason,
                    "previous_value": broken.before,
                    "new_value": broken.now,
                }),
            );
        let key = *key;
        self.store
            .write(move |tx| {
                // Of several requests at once one ends it, and says so.
                if sessions::end(tx, &key)?.is_some() {
                    countersign_events::record(tx, event.clone())?;
                }
                Ok::<_, StoreError>(())
            })
            .await?;
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use countersign_geo::testing::Writer;

    use super::*;

    fn atlas(folder: &std::path::Path) -> Atlas {
        let (places, networks) = (folder.join("places.mmdb"), folder.join("networks.mmdb"));
        let writer = Writer::new("GeoLite2-City")
            .place("192.0.2.0/25", "EU", "DE", "Berlin", 52.5, 13.4)
            .place("192.0.2.128/25", "EU", "DE", "Potsdam", 52.4, 13.1)
            .place("198.51.100.0/24", "EU", "FR", "Paris", 48.9, 2.4)
            .place("203.0.113.0/24", "AS", "KR", "Seoul", 37.6, 127.0);
        std::fs::write(&places, writer.bytes()).unwrap();
        let writer = Writer::new("GeoLite2-ASN")
            .network("192.0.2.0/25", 64_500, "One")
            .network("192.0.2.128/25", 64_500, "One")
            .network("198.51.100.0/24", 64_501, "Two");
        std::fs::write(&networks, writer.bytes()).unwrap();
        Atlas::open(Some(places), Some(networks))
    }

    fn at(address: &str) -> Option<ClientAddr> {
        Some(ClientAddr(address.parse().unwrap()))
    }

    #[test]
    fn each_level_looks_more_closely() {
        let folder = tempfile::tempdir().unwrap();
        let atlas = atlas(folder.path());
        let (none, nowhere) = (NetworkBinding::NoBinding, GeoIpBinding::NoBinding);
        assert_eq!(bind(&atlas, None, none, nowhere), Ok(None));
        for (network, place, holds, breaks) in [
            (NetworkBinding::BindAsn, nowhere, "192.0.2.200", "198.51.100.1"),
            (NetworkBinding::BindAsnNetwork, nowhere, "192.0.2.8", "192.0.2.200"),
            (NetworkBinding::BindAsnNetworkIp, nowhere, "::ffff:192.0.2.7", "192.0.2.8"),
            (none, GeoIpBinding::BindContinent, "198.51.100.1", "203.0.113.1"),
            (none, GeoIpBinding::BindContinentCountry, "192.0.2.200", "198.51.100.1"),
            (none, GeoIpBinding::BindContinentCountryCity, "192.0.2.8", "192.0.2.200"),
            (NetworkBinding::BindAsn, GeoIpBinding::BindContinent, "192.0.2.200", "198.51.100.1"),
        ] {
            let binding = bind(&atlas, at("192.0.2.7"), network, place).unwrap().unwrap();
            assert_eq!(Broken::of(&atlas, &binding, at("192.0.2.7")), None);
            assert_eq!(Broken::of(&atlas, &binding, at(holds)), None, "{network:?} {place:?}");
            for elsewhere in [at(breaks), at("2001:db8::1"), None] {
                assert!(
                    Broken::of(&atlas, &binding, elsewhere).is_some(),
                    "{network:?} {place:?} {elsewhere:?}"
                );
            }
        }
    }

    #[test]
    fn what_is_not_known_is_bound_to_its_own_address() {
        let folder = tempfile::tempdir().unwrap();
        let atlas = atlas(folder.path());
        let (network, place) = (NetworkBinding::BindAsn, GeoIpBinding::BindContinent);
        for (home, holds, breaks) in
            [("10.1.2.3", "10.1.2.3", "10.1.2.4"), ("fd00::1", "fd00::2", "fd00:0:0:1::1")]
        {
            let binding = bind(&atlas, at(home), network, place).unwrap().unwrap();
            assert_eq!(Broken::of(&atlas, &binding, at(holds)), None, "{home}");
            assert!(Broken::of(&atlas, &binding, at(breaks)).is_some(), "{home}");
        }
    }

    #[test]
    fn nothing_is_bound_by_files_that_are_not_there() {
        let atlas = Atlas::empty();
        let (none, nowhere) = (NetworkBinding::NoBinding, GeoIpBinding::NoBinding);
        let here = at("192.0.2.7");
        assert_eq!(bind(&atlas, here, NetworkBinding::BindAsn, nowhere), Err(Unbindable::NoNetworks));
        assert_eq!(bind(&atlas, here, none, GeoIpBinding::BindContinent), Err(Unbindable::NoPlaces));
        assert_eq!(bind(&atlas, None, NetworkBinding::BindAsnNetworkIp, nowhere), Err(Unbindable::NoAddress));
        let binding = bind(&atlas, here, NetworkBinding::BindAsnNetworkIp, nowhere).unwrap().unwrap();
        assert!(Broken::of(&atlas, &binding, at("192.0.2.8")).is_some(), "an address needs no file");
    }
}
