//! Writes small databases in MaxMind's format (<https://maxmind.github.io/MaxMind-DB/>), for tests.

use ipnet::IpNet;

/// First bytes of the metadata.
const MARK: &[u8] = b"\xab\xcd\xefMaxMind.com";

/// Where a bit of an address leads.
#[derive(Clone, Copy)]
enum Way {
    Nowhere,
    Node(u32),
    Data(u32),
}

/// A database in the making.
pub struct Writer {
    kind: &'static str,
    nodes: Vec<[Way; 2]>,
    data: Vec<u8>,
}

impl Writer {
    /// An empty one.
    pub fn new(kind: &'static str) -> Self {
        Self { kind, nodes: vec![[Way::Nowhere; 2]], data: Vec::new() }
    }

    /// Adds a place.
    #[must_use]
    pub fn place(
        mut self,
        network: &str,
        continent: &str,
        country: &str,
        city: &str,
        latitude: f64,
        longitude: f64,
    ) -> Self {
        let at = self.here();
        self.map(4);
        self.text("continent");
        self.map(1);
        self.text("code");
        self.text(continent);
        self.text("country");
        self.map(1);
        self.text("iso_code");
        self.text(country);
        self.text("city");
        self.map(1);
        self.text("names");
        self.map(1);
        self.text("en");
        self.text(city);
        self.text("location");
        self.map(2);
        self.text("latitude");
        self.double(latitude);
        self.text("longitude");
        self.double(longitude);
        self.lead(network, at);
        self
    }

    /// Adds an autonomous system.
    #[must_use]
    pub fn network(mut self, network: &str, asn: u32, organisation: &str) -> Self {
        let at = self.here();
        self.map(2);
        self.text("autonomous_system_number");
        self.number(6, &asn.to_be_bytes());
        self.text("autonomous_system_organization");
        self.text(organisation);
        self.lead(network, at);
        self
    }

    /// The file.
    pub fn bytes(mut self) -> Vec<u8> {
        let count = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        let mut file = Vec::new();
        for node in &self.nodes {
            for way in node {
                let record = match *way {
                    Way::Nowhere => count,
                    Way::Node(node) => node,
                    Way::Data(at) => count + 16 + at,
                };
                file.extend_from_slice(&record.to_be_bytes());
            }
        }
        file.extend_from_slice(&[0; 16]);
        file.append(&mut self.data);
        self.map(9);
        self.text("node_count");
        self.number(6, &count.to_be_bytes());
        for (name, value) in [
            ("record_size", 32_u16),
            ("ip_version", 6),
            ("binary_format_major_version", 2),
            ("binary_format_minor_version", 0),
        ] {
            self.text(name);
            self.number(5, &value.to_be_bytes());
        }
        self.text("database_type");
        let kind = self.kind;
        self.text(kind);
        self.text("languages");
        self.number(11, &[]);
        self.text("build_epoch");
        self.number(9, &1_700_000_000_u64.to_be_bytes());
        self.text("description");
        self.map(0);
        file.extend_from_slice(MARK);
        file.append(&mut self.data);
        file
    }

    fn here(&self) -> u32 {
        u32::try_from(self.data.len()).unwrap_or(u32::MAX)
    }

    /// A control byte, with the type in a second one where it is beyond seven, and what follows it.
    fn field(&mut self, kind: u8, size: usize, bytes: &[u8]) {
        let short = u8::try_from(size.min(29)).unwrap_or(29);
        self.data.push(if kind > 7 { short } else { kind << 5 | short });
        if kind > 7 {
            self.data.push(kind - 7);
        }
        if let Some(more) = size.checked_sub(29) {
            self.data.push(u8::try_from(more).unwrap_or(u8::MAX));
        }
        self.data.extend_from_slice(bytes);
    }

    fn map(&mut self, entries: usize) {
        self.field(7, entries, &[]);
    }

    fn text(&mut self, text: &str) {
        self.field(2, text.len(), text.as_bytes());
    }

    fn double(&mut self, value: f64) {
        self.field(3, 8, &value.to_be_bytes());
    }

    fn number(&mut self, kind: u8, bytes: &[u8]) {
        self.field(kind, bytes.len(), bytes);
    }

    /// Has every address of a network lead to what begins at `at`. IPv4 stands below `::/96`.
    fn lead(&mut self, network: &str, at: u32) {
        let Ok(network) = network.parse::<IpNet>() else { return };
        let (bits, length) = match network {
            IpNet::V4(network) => (u128::from(u32::from(network.network())), 96 + network.prefix_len()),
            IpNet::V6(network) => (u128::from(network.network()), network.prefix_len()),
        };
        let mut node = 0_usize;
        for place in 0..length {
            let side = usize::from(bits >> (127 - u32::from(place)) & 1 == 1);
            let is_last = place + 1 == length;
            let fresh = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
            let Some(way) = self.nodes.get_mut(node).and_then(|sides| sides.get_mut(side)) else { return };
            match *way {
                _ if is_last => *way = Way::Data(at),
                Way::Node(next) => node = usize::try_from(next).unwrap_or(usize::MAX),
                Way::Nowhere | Way::Data(_) => {
                    *way = Way::Node(fresh);
                    node = self.nodes.len();
                    self.nodes.push([Way::Nowhere; 2]);
                }
            }
        }
    }
}
