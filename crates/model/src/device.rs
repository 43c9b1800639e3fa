//! What a browser's `User-Agent` says, in two words. It is a hint, never a decision.

use countersign_types::Text;

/// Browser and system; either may be unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// The browser.
    pub browser: Option<&'static str>,
    /// The system that it runs on.
    pub system: Option<System>,
}

/// A system by both its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct System {
    /// As people know it.
    pub name: &'static str,
    /// As authentik's API has it.
    pub family: &'static str,
}

/// Marks in the order of their weight: most browsers name the ones that they descend from as well.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Whale/", "Whale"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

const SYSTEMS: [(&str, System); 7] = [
    ("Android", System { name: "Android", family: "Android" }),
    ("iPhone", System { name: "iOS", family: "iOS" }),
    ("iPad", System { name: "iPadOS", family: "iOS" }),
    ("Windows", System { name: "Windows", family: "Windows" }),
    ("CrOS", System { name: "ChromeOS", family: "Chrome OS" }),
    ("Mac OS X", System { name: "macOS", family: "Mac OS X" }),
    ("Linux", System { name: "Linux", family: "Linux" }),
];

impl Device {
    /// Reads a `User-Agent`.
    pub fn of(user_agent: &str) -> Self {
        Self { browser: first(&BROWSERS, user_agent), system: first(&SYSTEMS, user_agent) }
    }

    /// What it is called.
    pub fn words(self) -> Text {
        match self {
            Self { browser: Some(browser), system: Some(system) } => {
                Text::key("portal-device").with("browser", browser).with("system", system.name)
            }
            Self { browser: Some(name), system: None } => Text::literal(name),
            Self { browser: None, system: Some(system) } => Text::literal(system.name),
            Self { browser: None, system: None } => Text::key("portal-device-unknown"),
        }
    }
}

fn first<T: Copy>(marks: &[(&str, T)], user_agent: &str) -> Option<T> {
    marks.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, what)| *what)
}

#[cfg(test)]
mod tests {
    use super::Device;

    #[test]
    fn browsers_are_told_by_their_most_particular_mark() {
        for (user_agent, browser, system) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0",
                Some("Edge"),
                Some("Windows"),
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
                Some("Firefox"),
                Some("Linux"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1",
                Some("Safari"),
                Some("iOS"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36",
                Some("Chrome"),
                Some("Android"),
            ),
            ("curl/8.0", None, None),
            ("", None, None),
        ] {
            let device = Device::of(user_agent);
            assert_eq!(
                (device.browser, device.system.map(|system| system.name)),
                (browser, system),
                "{user_agent}"
            );
        }
    }

    #[test]
    fn a_system_has_the_name_that_people_know_and_the_one_of_the_api() {
        let system =
            Device::of("Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) Version/17.5 Safari/604.1").system;
        assert_eq!(system.map(|system| (system.name, system.family)), Some(("iPadOS", "iOS")));
    }
}
