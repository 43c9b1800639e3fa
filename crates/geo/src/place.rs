//! What files say of an address.

use serde::Deserialize;

/// Radius of the earth in km: the mean of its axes (IUGG).
const EARTH_KM: f64 = 6_371.008_8;

/// Where an address is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// Continent: `EU`.
    pub continent: Option<String>,
    /// Country by ISO 3166-1: `DE`.
    pub country: Option<String>,
    /// City, in English; empty when only the country is known.
    pub city: String,
    /// Latitude and longitude in degrees.
    pub location: Option<(f64, f64)>,
}

impl Place {
    /// The way to another place along the earth's surface; none when one of them has no coordinates.
    pub fn distance_km(&self, other: &Self) -> Option<f64> {
        let (latitude, longitude) = self.location?;
        let (other_latitude, other_longitude) = other.location?;
        let (one, two) = (latitude.to_radians(), other_latitude.to_radians());
        let across = ((two - one) / 2.0).sin().powi(2);
        let around = ((other_longitude - longitude).to_radians() / 2.0).sin().powi(2);
        let haversine = (across + one.cos() * two.cos() * around).clamp(0.0, 1.0);
        Some(2.0 * EARTH_KM * haversine.sqrt().asin())
    }
}

/// Whose network an address belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// Number of the autonomous system.
    pub asn: u32,
    /// Who runs it.
    pub organisation: String,
    /// The network within it.
    pub network: String,
}

#[derive(Deserialize)]
pub(crate) struct CityRecord<'a> {
    #[serde(borrow, default)]
    continent: Coded<'a>,
    #[serde(borrow, default)]
    country: Coded<'a>,
    #[serde(borrow, default)]
    city: Named<'a>,
    #[serde(default)]
    location: Located,
}

#[derive(Default, Deserialize)]
struct Coded<'a> {
    #[serde(alias = "iso_code", default)]
    code: Option<&'a str>,
}

#[derive(Default, Deserialize)]
struct Named<'a> {
    #[serde(borrow, default)]
    names: English<'a>,
}

#[derive(Default, Deserialize)]
struct English<'a> {
    #[serde(default)]
    en: Option<&'a str>,
}

#[derive(Default, Deserialize)]
struct Located {
    #[serde(default)]
    latitude: Option<f64>,
    #[serde(default)]
    longitude: Option<f64>,
}

impl CityRecord<'_> {
    /// None when the record says nothing.
    pub(crate) fn place(self) -> Option<Place> {
        let place = Place {
            continent: self.continent.code.map(str::to_owned),
            country: self.country.code.map(str::to_owned),
            city: self.city.names.en.unwrap_or_default().to_owned(),
            location: self.location.latitude.zip(self.location.longitude),
        };
        (place != Place::default()).then_some(place)
    }
}

#[derive(Deserialize)]
pub(crate) struct NetworkRecord<'a> {
    #[serde(default)]
    autonomous_system_number: Option<u32>,
    #[serde(default)]
    autonomous_system_organization: Option<&'a str>,
}

impl NetworkRecord<'_> {
    pub(crate) fn network(self, network: String) -> Option<Network> {
        let organisation = self.autonomous_system_organization.unwrap_or_default().to_owned();
        Some(Network { asn: self.autonomous_system_number?, organisation, network })
    }
}
