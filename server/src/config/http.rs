//! `[http]`: three listeners, who may frame the widget.

use std::net::{IpAddr, SocketAddr};

use serde::Deserialize;
use url::{Host, Url};

use super::Problems;

/// The section as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSection {
    desk_url: Url,
    edge_url: Url,
    #[serde(default = "desk_listen")]
    desk_listen: SocketAddr,
    #[serde(default = "edge_listen")]
    edge_listen: SocketAddr,
    #[serde(default = "operator_listen")]
    operator_listen: SocketAddr,
    #[serde(default)]
    frame_ancestors: Vec<String>,
    #[serde(default)]
    trusted_proxies: Vec<IpAddr>,
    #[serde(default = "guest_requests")]
    guest_requests_per_minute: u32,
    #[serde(default = "client_requests")]
    client_requests_per_minute: u32,
    #[serde(default = "staff_requests")]
    staff_requests_per_minute: u32,
}

const fn guest_requests() -> u32 {
    300
}

// Ten times what a busy floor needs.
const fn client_requests() -> u32 {
    12_000
}

// A person with ten widgets does not come near it.
const fn staff_requests() -> u32 {
    3_000
}

fn desk_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 7310))
}

fn edge_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 7311))
}

fn operator_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 7312))
}

/// Addresses and pages.
#[derive(Clone, Debug)]
pub struct Http {
    /// Where agents reach the widget.
    pub desk_url: Url,
    /// Where customers, providers, the flow and the bank reach us.
    pub edge_url: Url,
    /// Address of the desk listener.
    pub desk_listen: SocketAddr,
    /// Address of the edge listener.
    pub edge_listen: SocketAddr,
    /// Address of the operator's listener.
    pub operator_listen: SocketAddr,
    /// Origins that may frame the widget: every ancestor must be listed.
    pub frame_ancestors: Vec<String>,
    /// Reverse proxies that are believed about where a request comes from.
    pub trusted_proxies: Vec<IpAddr>,
    /// Requests of one address at the doors that are open to everybody.
    pub guest_requests_per_minute: u32,
    /// Requests of one client of the flow and bank APIs.
    pub client_requests_per_minute: u32,
    /// Requests of one person in one sign-in.
    pub staff_requests_per_minute: u32,
}

impl Http {
    /// The origin of the desk, as browsers write it.
    pub fn desk_origin(&self) -> String {
        self.desk_url.origin().ascii_serialization()
    }
}

impl HttpSection {
    pub(super) fn validate(self, problems: &mut Problems) -> Http {
        for (setting, url) in [("http.desk_url", &self.desk_url), ("http.edge_url", &self.edge_url)] {
            require_https(setting, url, problems);
            if url.path() != "/" || url.query().is_some() {
                problems.add(setting, "must be an origin without path, such as https://kyc.bank.example");
            }
        }
        if self.desk_url.origin() == self.edge_url.origin() {
            problems.add("http.edge_url", "must differ from http.desk_url: customers must not reach the desk");
        }
        for ancestor in &self.frame_ancestors {
            if !is_origin(ancestor) {
                problems.add(
                    "http.frame_ancestors",
                    format!("{ancestor} is not an exact origin such as https://apps.mypurecloud.de"),
                );
            }
        }
        for (setting, requests) in [
            ("http.guest_requests_per_minute", self.guest_requests_per_minute),
            ("http.client_requests_per_minute", self.client_requests_per_minute),
            ("http.staff_requests_per_minute", self.staff_requests_per_minute),
        ] {
            if requests == 0 {
                problems.add(setting, "must let somebody in");
            }
        }
        Http {
            desk_url: self.desk_url,
            edge_url: self.edge_url,
            desk_listen: self.desk_listen,
            edge_listen: self.edge_listen,
            operator_listen: self.operator_listen,
            frame_ancestors: self.frame_ancestors,
            trusted_proxies: self.trusted_proxies,
            guest_requests_per_minute: self.guest_requests_per_minute,
            client_requests_per_minute: self.client_requests_per_minute,
            staff_requests_per_minute: self.staff_requests_per_minute,
        }
    }
}

fn is_origin(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.origin().ascii_serialization() == text)
}

/// Whether an address is on this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Only https, except on this machine (browsers treat loopback as a secure context too).
pub fn require_https(setting: &str, url: &Url, problems: &mut Problems) {
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(url)) {
        problems.add(setting, "must begin with https:// (http:// is for loopback only)");
    }
}
