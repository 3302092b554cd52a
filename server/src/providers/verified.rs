//! A webhook before and after its signature was checked.

use std::fmt;
use std::net::IpAddr;

use http::HeaderMap;
use kyc_wire::ids::Micros;
use zeroize::Zeroizing;

use super::signature::{Keys, SignatureRefused};

/// A webhook as it came in: nobody knows from whom. All it can do is be checked.
pub struct Unverified {
    headers: HeaderMap,
    body: Zeroizing<Vec<u8>>,
    received_at: Micros,
    sender: Option<IpAddr>,
}

impl Unverified {
    /// Wraps the request's headers and its raw body, unparsed and unchanged: a signature covers bytes, not JSON. The caller has
    /// capped the size.
    pub fn new(headers: HeaderMap, body: Vec<u8>, received_at: Micros) -> Self {
        Self { headers, body: Zeroizing::new(body), received_at, sender: None }
    }

    /// Adds the address it came from, for providers that are known by theirs.
    #[must_use]
    pub fn sent_by(self, sender: Option<IpAddr>) -> Self {
        Self { sender, ..self }
    }

    /// Where it came from, if that is known.
    pub(super) const fn sender(&self) -> Option<IpAddr> {
        self.sender
    }

    /// When it arrived, by our clock.
    pub(super) const fn received_at(&self) -> Micros {
        self.received_at
    }

    /// Checks that one member of the body holds a code of ours, for providers that sign nothing themselves: `check` is given the body and
    /// finds and checks it.
    pub(super) fn check_echo(
        self,
        check: impl FnOnce(&[u8]) -> Result<(), SignatureRefused>,
    ) -> Result<Verified, SignatureRefused> {
        check(&self.body)?;
        Ok(Verified { body: self.body, received_at: self.received_at })
    }

    /// The one value of a header. A header given twice is refused: a proxy in between may have checked the other one.
    pub(super) fn header(&self, name: &str) -> Result<&str, SignatureRefused> {
        super::signature::only_value(&self.headers, name)?.ok_or(SignatureRefused::Missing)
    }

    /// Whether the header is there at all.
    pub(super) fn has_header(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    /// Checks that the body's HMAC-SHA256 under one of the keys is in the header, in hexadecimal.
    pub(super) fn check_body_mac(self, header: &str, keys: &Keys) -> Result<Verified, SignatureRefused> {
        keys.check(&self.body, self.header(header)?)?;
        Ok(Verified { body: self.body, received_at: self.received_at })
    }
}

impl fmt::Debug for Unverified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unverified").field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

/// A webhook that its provider has signed. Its fields are private, and only a check in this module makes one:
///
/// ```compile_fail,E0451
/// # use kyc_desk::providers::Verified;
/// # use kyc_wire::ids::Micros;
/// let forged = Verified { body: Vec::new().into(), received_at: Micros(0) };
/// ```
///
/// ```compile_fail
/// # use kyc_desk::providers::Verified;
/// # use kyc_wire::ids::Micros;
/// let forged = Verified::from_inbox(Vec::new(), Micros(0));
/// ```
///
/// The body may be full of personal data, so it does not leave the crate in clear text and is wiped when dropped.
pub struct Verified {
    body: Zeroizing<Vec<u8>>,
    received_at: Micros,
}

impl Verified {
    /// Takes up again a webhook that was checked on arrival and has since lain sealed in the inbox. The seal authenticates the
    /// bytes; the provider's signature is not checked twice, because its key may have been rotated in between.
    pub(crate) fn from_inbox(body: Vec<u8>, received_at: Micros) -> Self {
        Self { body: Zeroizing::new(body), received_at }
    }

    /// The raw bytes, to be sealed into the inbox or parsed by the provider's client. Not for logs.
    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    /// When it arrived, by our clock.
    pub const fn received_at(&self) -> Micros {
        self.received_at
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified").field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}
