//! What of its surroundings a session is bound to.

use serde::{Deserialize, Serialize};

use crate::text_enum;

text_enum! {
    /// What of the network a session is bound to.
    NetworkBinding {
        /// Nothing.
        NoBinding = "no_binding",
        /// The autonomous system.
        BindAsn = "bind_asn",
        /// And the network.
        BindAsnNetwork = "bind_asn_network",
        /// And the address.
        BindAsnNetworkIp = "bind_asn_network_ip",
    }
}

text_enum! {
    /// What of the place a session is bound to.
    GeoIpBinding {
        /// Nothing.
        NoBinding = "no_binding",
        /// The continent.
        BindContinent = "bind_continent",
        /// And the country.
        BindContinentCountry = "bind_continent_country",
        /// And the city.
        BindContinentCountryCity = "bind_continent_country_city",
    }
}

/// What a session is bound to, as it was when it began. What is not set binds nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionBinding {
    /// The network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<Bound<NetworkBinding>>,
    /// The place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Bound<GeoIpBinding>>,
}

/// What one of the surroundings was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound<L> {
    /// How exactly it is looked at.
    pub level: L,
    /// What was seen so.
    pub value: String,
}
