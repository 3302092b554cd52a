//! Who asks too often is told to wait: guests by the address they come from, clients by their id, staff by their sign-in.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use kyc_wire::problem::ProblemCode;

use super::error::ApiError;
use crate::rates::Limit;
use crate::state::App;

/// Refuses a caller who asks more often than `limit` at `door`.
pub fn ask(app: &App, door: &'static str, caller: &str, limit: Limit) -> Result<(), ApiError> {
    app.rates.ask((door, caller), limit, app.clock.now()).map_err(|seconds| too_many(door, seconds))
}

/// The refusal of who must wait.
pub fn too_many(door: &'static str, seconds: u32) -> ApiError {
    metrics::counter!("kyc_requests_limited_total", "door" => door).increment(1);
    ApiError::Later(ProblemCode::TooMany, seconds)
}

/// The network that a request comes from.
pub fn network_of(request: &Parts, proxies: &[IpAddr]) -> String {
    address_of(request, proxies).map_or_else(|| "here".to_owned(), |address| network(address).to_string())
}

/// The address that a request comes from.
fn address_of(request: &Parts, proxies: &[IpAddr]) -> Option<IpAddr> {
    let peer = request.extensions.get::<ConnectInfo<SocketAddr>>()?.0.ip();
    Some(address(peer, &request.headers, proxies))
}

/// Where a request comes from, for those who are known by their address; none where the listener does not say. Not for logs.
#[derive(Clone, Copy)]
pub struct Sender(pub Option<IpAddr>);

impl FromRequestParts<Arc<App>> for Sender {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        Ok(Self(address_of(parts, &app.config.http.trusted_proxies)))
    }
}

/// Where a request comes from. Only a proxy of ours is believed about others: the last address in `X-Forwarded-For` that is not one of
/// them is the one that reached us.
fn address(peer: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> IpAddr {
    let is_ours = |address: IpAddr| proxies.iter().any(|proxy| proxy.to_canonical() == address.to_canonical());
    if !is_ours(peer) {
        return peer;
    }
    let said = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let said: Vec<&str> = said.flat_map(|value| value.split(',')).map(str::trim).collect();
    for text in said.into_iter().rev() {
        match text.parse::<IpAddr>() {
            Ok(address) if is_ours(address) => {}
            Ok(address) => return address,
            Err(_) => break,
        }
    }
    peer
}

/// One household or office has a whole /64 of addresses of version 6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from(u128::from(address) & !u128::from(u64::MAX))),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(peer: &str, said: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for value in said {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let proxies = ["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        network(address(peer.parse().unwrap(), &headers, &proxies)).to_string()
    }

    #[test]
    fn only_our_own_proxy_is_believed_about_others() {
        assert_eq!(from("203.0.113.9", &["198.51.100.7"]), "203.0.113.9", "anybody can send the header");
        assert_eq!(from("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(from("10.0.0.1", &["192.0.2.1, 198.51.100.7, 10.0.0.2"]), "198.51.100.7");
        assert_eq!(from("10.0.0.1", &["192.0.2.1", "198.51.100.7"]), "198.51.100.7");
        assert_eq!(from("10.0.0.1", &["198.51.100.7, nonsense"]), "10.0.0.1", "what cannot be read is not skipped");
        assert_eq!(from("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(
            from("::ffff:10.0.0.1", &["198.51.100.7"]),
            "198.51.100.7",
            "as a listener for both versions sees it"
        );
    }

    #[test]
    fn neighbours_in_one_network_are_one_caller() {
        assert_eq!(from("2001:db8:1:2:3:4:5:6", &[]), from("2001:db8:1:2::1", &[]));
        assert_ne!(from("2001:db8:1:3::1", &[]), from("2001:db8:1:2::1", &[]));
        assert_eq!(from("::ffff:203.0.113.9", &[]), "203.0.113.9");
    }
}
