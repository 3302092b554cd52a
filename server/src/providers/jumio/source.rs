//! Where callbacks come from: addresses and networks.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

/// A data centre.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// The United States.
    Amer,
    /// The European Union.
    Emea,
    /// Singapore.
    Apac,
}

impl Region {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Amer, Self::Emea, Self::Apac];

    /// The part of host names that says which one.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Amer => "amer-1",
            Self::Emea => "emea-1",
            Self::Apac => "apac-1",
        }
    }

    /// Where its callbacks come from, as published (docs.jumio.com, "Callback"). The list changes: it can be configured.
    pub fn sources(self) -> Vec<Source> {
        const AMER: [[u8; 4]; 6] = [
            [34, 202, 241, 227],
            [34, 226, 103, 119],
            [34, 226, 254, 127],
            [52, 8, 136, 236],
            [54, 177, 61, 57],
            [54, 183, 15, 212],
        ];
        const EMEA: [[u8; 4]; 6] = [
            [34, 253, 41, 236],
            [35, 157, 27, 193],
            [52, 48, 0, 25],
            [52, 57, 194, 92],
            [52, 58, 113, 86],
            [52, 209, 180, 134],
        ];
        const APAC: [[u8; 4]; 6] = [
            [3, 0, 109, 121],
            [52, 76, 184, 73],
            [52, 77, 102, 92],
            [13, 238, 100, 17],
            [13, 238, 203, 238],
            [52, 64, 132, 26],
        ];
        let list = match self {
            Self::Amer => AMER,
            Self::Emea => EMEA,
            Self::Apac => APAC,
        };
        list.map(|octets| Source { address: Ipv4Addr::from(octets).into(), bits: 32 }).to_vec()
    }
}

/// An address, or a network of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    address: IpAddr,
    bits: u8,
}

/// A text that is neither an address nor a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is neither an address nor a network such as 192.0.2.0/24")]
pub struct NoSource;

impl Source {
    /// Whether an address belongs to it.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                (u32::from(ours) ^ u32::from(theirs)).checked_shr(u32::from(32 - self.bits)).unwrap_or(0) == 0
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                (u128::from(ours) ^ u128::from(theirs)).checked_shr(u32::from(128 - self.bits)).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl FromStr for Source {
    type Err = NoSource;

    fn from_str(text: &str) -> Result<Self, NoSource> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| NoSource)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.parse().map_err(|_| NoSource))?;
        if bits > most { Err(NoSource) } else { Ok(Self { address, bits }) }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_belongs_to_itself_and_to_its_networks() {
        let is_in = |address: &str, source: &str| source.parse::<Source>().unwrap().contains(address.parse().unwrap());
        assert!(is_in("192.0.2.7", "192.0.2.7") && !is_in("192.0.2.8", "192.0.2.7"));
        assert!(is_in("192.0.2.255", "192.0.2.0/24") && !is_in("192.0.3.0", "192.0.2.0/24"));
        assert!(is_in("::ffff:192.0.2.7", "192.0.2.7"), "as a listener for both versions sees it");
        assert!(is_in("2001:db8:1::9", "2001:db8:1::/48") && !is_in("2001:db8:2::9", "2001:db8:1::/48"));
        assert!(is_in("203.0.113.5", "0.0.0.0/0") && is_in("2001:db8::1", "::/0"));
        assert!(!is_in("203.0.113.5", "::/0") && !is_in("2001:db8::1", "0.0.0.0/0"));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "jumio.ai", "192.0.2.0/33", "192.0.2.0/", "192.0.2/24", "::/129", "1.2.3.4/-1", "1.2.3.4/2/3"]
        {
            assert_eq!(text.parse::<Source>(), Err(NoSource), "{text}");
        }
    }

    #[test]
    fn each_region_has_its_own_addresses() {
        for region in Region::ALL {
            let ours = region.sources();
            assert_eq!(ours.len(), 6);
            for other in Region::ALL.into_iter().filter(|other| *other != region) {
                assert!(other.sources().iter().all(|source| !ours.contains(source)));
            }
        }
        assert!(Region::Emea.sources().iter().any(|source| source.contains("52.209.180.134".parse().unwrap())));
    }
}
