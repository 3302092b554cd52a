//! The link to a session in a provider's own console.
//!
//! It is shown to staff and opened in a new tab, so it must not lead anywhere the configuration does not name: neither a template
//! nor an address that a provider sent is used before its scheme and host were checked. Consoles are never framed.

use url::{Host, Url};

use super::ProviderRef;

/// Where the id goes in a template.
const PLACEHOLDER: &str = "{id}";

/// Why a template cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConsoleLinkRefused {
    /// It does not parse as an address.
    #[error("is not an address")]
    NotAnAddress,
    /// The session's id has no place in its path.
    #[error("must have one {{id}}, as a segment of its path")]
    NoPlaceholder,
    /// It is not https, or carries a user, a port, a query or a fragment.
    #[error("must be https with a host and a path only")]
    NotPlain,
    /// Its host is not on the list.
    #[error("its host is not among the allowed hosts")]
    HostNotAllowed,
}

/// A checked template with the hosts that may be linked to.
#[derive(Clone, Debug)]
pub struct ConsoleLink {
    template: Url,
    hosts: Vec<String>,
}

impl ConsoleLink {
    /// Checks a template such as `https://console.example/verifications/{id}` against the allowed hosts.
    pub fn new(template: &str, hosts: &[String]) -> Result<Self, ConsoleLinkRefused> {
        if template.matches(PLACEHOLDER).count() != 1 {
            return Err(ConsoleLinkRefused::NoPlaceholder);
        }
        let hosts: Vec<String> = hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        let url = Url::parse(template).map_err(|_| ConsoleLinkRefused::NotAnAddress)?;
        let link = Self { template: url, hosts };
        if !link.segments().any(is_placeholder) {
            return Err(ConsoleLinkRefused::NoPlaceholder);
        }
        link.check(&link.template)?;
        Ok(link)
    }

    /// The link to one session.
    pub fn session(&self, session: &ProviderRef) -> Option<Url> {
        let mut url = self.template.clone();
        let path: Vec<&str> =
            self.segments().map(|segment| if is_placeholder(segment) { session.id() } else { segment }).collect();
        url.set_path(&path.join("/"));
        self.check(&url).ok().map(|()| url)
    }

    /// An address that the provider sent (Onfido's `dashboard_url`), if it may be linked to.
    pub fn sent(&self, address: &str) -> Option<Url> {
        Url::parse(address).ok().filter(|url| self.check(url).is_ok())
    }

    fn segments(&self) -> impl Iterator<Item = &str> {
        self.template.path_segments().into_iter().flatten()
    }

    fn check(&self, url: &Url) -> Result<(), ConsoleLinkRefused> {
        let is_plain = url.scheme() == "https"
            && url.username().is_empty()
            && url.password().is_none()
            && url.port().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        match url.host() {
            _ if !is_plain => Err(ConsoleLinkRefused::NotPlain),
            Some(Host::Domain(host)) if self.hosts.iter().any(|allowed| allowed == host) => Ok(()),
            _ => Err(ConsoleLinkRefused::HostNotAllowed),
        }
    }
}

/// The parser turns the braces of a path into `%7B` and `%7D`.
fn is_placeholder(segment: &str) -> bool {
    segment == PLACEHOLDER || segment.eq_ignore_ascii_case("%7Bid%7D")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts() -> Vec<String> {
        vec!["Console.example".to_owned()]
    }

    #[test]
    fn the_id_is_put_into_the_path() {
        let link = ConsoleLink::new("https://console.example/verifications/{id}", &hosts()).unwrap();
        let session = ProviderRef::parse("7e3f5a90-2b1c").unwrap();
        assert_eq!(link.session(&session).unwrap().as_str(), "https://console.example/verifications/7e3f5a90-2b1c");
    }

    #[test]
    fn a_template_that_could_lead_astray_is_refused() {
        use ConsoleLinkRefused::{HostNotAllowed, NoPlaceholder, NotAnAddress, NotPlain};
        for (template, why) in [
            ("console.example/{id}", NotAnAddress),
            ("https://console.example/", NoPlaceholder),
            ("https://console.example/{id}/{id}", NoPlaceholder),
            ("https://{id}.console.example/", NoPlaceholder),
            ("https://console.example/?session={id}", NoPlaceholder),
            ("https://console.example/#{id}", NoPlaceholder),
            ("http://console.example/{id}", NotPlain),
            ("javascript:alert(1)//{id}", NoPlaceholder),
            ("https://user@console.example/{id}", NotPlain),
            ("https://console.example:8443/{id}", NotPlain),
            ("https://console.example.evil.example/{id}", HostNotAllowed),
            ("https://192.0.2.1/{id}", HostNotAllowed),
        ] {
            assert_eq!(ConsoleLink::new(template, &hosts()).unwrap_err(), why, "{template}");
        }
    }

    #[test]
    fn an_address_that_a_provider_sent_is_checked_alike() {
        let link = ConsoleLink::new("https://console.example/{id}", &hosts()).unwrap();
        assert!(link.sent("https://console.example/results/1").is_some());
        for bad in [
            "http://console.example/1",
            "https://evil.example/1",
            "https://console.example@evil.example/",
            "data:,x",
            "",
        ] {
            assert!(link.sent(bad).is_none(), "{bad}");
        }
    }
}
