//! Floor 0: where addresses are and whose networks they belong to, out of files in MaxMind's format.
//!
//! Owns reading the two files, and reading them again when they change. Does not own what follows from a place.
//! Without a file, or for an address that a file does not know, there is no answer: nobody takes that for a place.

mod countries;
mod place;
mod shelf;
#[cfg(feature = "testing")]
pub mod testing;

use std::{net::IpAddr, path::PathBuf, sync::Arc, time::Duration};

pub use countries::{countries, country_name};
pub use place::{Network, Place};

use self::{
    place::{CityRecord, NetworkRecord},
    shelf::Shelf,
};

/// Time between two looks at whether a file has changed.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Knows places and networks. Cheap to clone.
#[derive(Clone)]
pub struct Atlas(Arc<Shelves>);

struct Shelves {
    places: Option<Shelf>,
    networks: Option<Shelf>,
}

impl Atlas {
    /// One that knows nothing.
    pub fn empty() -> Self {
        Self::open(None, None)
    }

    /// Reads the files: cities or countries, and autonomous systems. A file that cannot be read is complained of in
    /// the log and looked at again later.
    pub fn open(places: Option<PathBuf>, networks: Option<PathBuf>) -> Self {
        Self::looking_every(LOOK_EVERY, places, networks)
    }

    /// The same, with another time between two looks at the files.
    pub fn looking_every(every: Duration, places: Option<PathBuf>, networks: Option<PathBuf>) -> Self {
        let shelf = |file: PathBuf| Shelf::open(file, every);
        Self(Arc::new(Shelves { places: places.map(shelf), networks: networks.map(shelf) }))
    }

    /// Whether there is a file of places at all.
    pub fn has_places(&self) -> bool {
        self.0.places.is_some()
    }

    /// Whether there is a file of networks at all.
    pub fn has_networks(&self) -> bool {
        self.0.networks.is_some()
    }

    /// Where an address is.
    pub fn place(&self, address: IpAddr) -> Option<Place> {
        let book = self.0.places.as_ref()?.book()?;
        let found = book.lookup(address.to_canonical()).ok()?;
        let record: CityRecord<'_> = found.decode().ok()??;
        record.place()
    }

    /// Whose network an address belongs to.
    pub fn network(&self, address: IpAddr) -> Option<Network> {
        let book = self.0.networks.as_ref()?.book()?;
        let found = book.lookup(address.to_canonical()).ok()?;
        let record: NetworkRecord<'_> = found.decode().ok()??;
        let network = found.network().map(|network| network.to_string()).unwrap_or_default();
        record.network(network)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::testing::Writer;

    fn written(folder: &std::path::Path, city: &str) -> PathBuf {
        let file = folder.join("places.mmdb");
        let next = folder.join("next.mmdb");
        let writer = Writer::new("GeoLite2-City").place("192.0.2.0/24", "EU", "DE", city, 52.5, 13.4);
        std::fs::write(&next, writer.place("2001:db8::/32", "AS", "KR", "Seoul", 37.6, 127.0).bytes())
            .unwrap();
        std::fs::rename(next, &file).unwrap();
        file
    }

    #[test]
    fn addresses_of_both_families_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let networks = folder.path().join("networks.mmdb");
        let writer = Writer::new("GeoLite2-ASN").network("192.0.2.0/25", 64_500, "Example Net");
        std::fs::write(&networks, writer.bytes()).unwrap();
        let atlas = Atlas::open(Some(written(folder.path(), "Berlin")), Some(networks));
        let place = atlas.place("192.0.2.7".parse().unwrap()).unwrap();
        assert_eq!((place.country.as_deref(), place.city.as_str()), (Some("DE"), "Berlin"));
        assert_eq!(atlas.place("::ffff:192.0.2.7".parse().unwrap()), Some(place));
        assert_eq!(atlas.place("2001:db8::1".parse().unwrap()).unwrap().city, "Seoul");
        let network = atlas.network("192.0.2.7".parse().unwrap()).unwrap();
        assert_eq!((network.asn, network.network.as_str()), (64_500, "192.0.2.0/25"));
        for unknown in ["198.51.100.1", "192.0.3.1", "::1"] {
            assert_eq!(atlas.place(unknown.parse().unwrap()), None, "{unknown}");
        }
        assert_eq!(atlas.network("192.0.2.200".parse().unwrap()), None);
    }

    #[test]
    fn a_file_that_changes_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let atlas = Atlas::looking_every(Duration::ZERO, Some(written(folder.path(), "Berlin")), None);
        let address = "192.0.2.7".parse().unwrap();
        let city = || atlas.place(address).map(|place| place.city).unwrap();
        let waits_for = |wanted: &str| {
            let begun = Instant::now();
            while city() != wanted {
                assert!(begun.elapsed() < Duration::from_secs(10), "{wanted} never came");
                std::thread::sleep(Duration::from_millis(5));
            }
        };
        assert_eq!(city(), "Berlin");
        written(folder.path(), "Potsdam, some way off");
        waits_for("Potsdam, some way off");
        std::fs::write(folder.path().join("places.mmdb"), b"not a database").unwrap();
        assert_eq!(city(), "Potsdam, some way off");
        std::thread::sleep(Duration::from_millis(50));
        assert_eq!(city(), "Potsdam, some way off", "what cannot be read replaces nothing");
        written(folder.path(), "Berlin");
        waits_for("Berlin");
    }

    #[test]
    fn a_file_that_is_not_there_knows_nothing() {
        let atlas = Atlas::open(Some(PathBuf::from("/nowhere/at/all.mmdb")), None);
        assert!(atlas.has_places());
        assert_eq!(atlas.place("192.0.2.7".parse().unwrap()), None);
        assert!(!Atlas::empty().has_places());
    }

    #[test]
    fn distances_are_those_of_the_globe() {
        let at = |latitude, longitude| Place { location: Some((latitude, longitude)), ..Place::default() };
        let (berlin, seoul) = (at(52.52, 13.40), at(37.57, 126.98));
        let far = berlin.distance_km(&seoul).unwrap();
        assert!((8_100.0..8_200.0).contains(&far), "{far}");
        assert!(berlin.distance_km(&berlin).unwrap() < 0.1);
        assert_eq!(berlin.distance_km(&Place::default()), None);
        let antipodes = at(0.0, 0.0).distance_km(&at(0.0, 180.0)).unwrap();
        assert!((20_000.0..20_050.0).contains(&antipodes), "{antipodes}");
    }
}
