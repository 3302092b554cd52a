//! The redirect binding (SAML bindings section 3.4): a message in the query of an address, compressed, and signed there as bytes.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use kyc_wire::routes::encode;
use url::Url;

use super::{Certificate, Refused, raw};
use crate::config::auth::ClientKey;

/// Its name.
pub(super) const BINDING: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const DEFLATE: &str = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE";
const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
/// Longest query, and longest message that comes out of it: real ones have 1 KiB.
const MAX_QUERY: usize = 16 * 1024;
const MAX_BYTES: usize = 32 * 1024;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Request,
    Response,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Request => "SAMLRequest",
            Self::Response => "SAMLResponse",
        }
    }
}

/// The address that carries a message.
pub(super) fn address(to: &Url, (kind, xml): (Kind, &str), relay_state: Option<&str>, key: Option<&ClientKey>) -> Url {
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
    packed.write_all(xml.as_bytes()).expect("memory takes bytes");
    let packed = packed.finish().expect("memory takes bytes");
    let mut query = format!("{}={}", kind.name(), encode(&raw::written(&packed)));
    if let Some(relay_state) = relay_state {
        query = format!("{query}&RelayState={}", encode(relay_state));
    }
    if let Some(key) = key {
        query = format!("{query}&SigAlg={}", encode(RSA_SHA256));
        let signature = raw::written(&key.sign(query.as_bytes()));
        query = format!("{query}&Signature={}", encode(&signature));
    }
    let mut url = to.clone();
    let before = to.query().filter(|before| !before.is_empty()).map(|before| format!("{before}&"));
    url.set_query(Some(&format!("{}{query}", before.unwrap_or_default())));
    url
}

/// A message whose signature holds.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) xml: String,
    pub(super) relay_state: Option<String>,
}

/// Reads a query. What is signed are the values as they came, not as somebody would encode them again (section 3.4.4.1).
pub(super) fn message(query: &str, kind: Kind, certificates: &[Certificate]) -> Result<Message, Refused> {
    if query.len() > MAX_QUERY {
        return Err(Refused("too_large"));
    }
    let packed = only(query, kind.name())?.ok_or(Refused("no_message"))?;
    if only(query, "SAMLEncoding")?.is_some_and(|encoding| decoded(encoding).as_deref() != Ok(DEFLATE)) {
        return Err(Refused("encoding"));
    }
    let relay_state = only(query, "RelayState")?;
    let algorithm = only(query, "SigAlg")?.ok_or(Refused("signature_missing"))?;
    let signature = only(query, "Signature")?.ok_or(Refused("signature_missing"))?;
    let relayed = relay_state.map(|relay_state| format!("&RelayState={relay_state}")).unwrap_or_default();
    let signed = format!("{}={packed}{relayed}&SigAlg={algorithm}", kind.name());
    let (algorithm, signature) = (decoded(algorithm)?, raw::base64(&decoded(signature)?)?);
    let has_signed = |one: &Certificate| one.has_signed(&algorithm, signed.as_bytes(), &signature);
    if !certificates.iter().any(has_signed) {
        return Err(Refused("signature"));
    }
    let xml = unpacked(&raw::base64(&decoded(packed)?)?)?;
    Ok(Message { xml, relay_state: relay_state.map(decoded).transpose()? })
}

/// The value of a parameter, still encoded. One that comes twice is refused: the second could be read where the first was verified.
fn only<'q>(query: &'q str, name: &str) -> Result<Option<&'q str>, Refused> {
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut found = pairs.filter(|(key, _)| decoded(key).as_deref() == Ok(name)).map(|(_, value)| value);
    let value = found.next();
    if found.next().is_some() { Err(Refused("parameter_twice")) } else { Ok(value) }
}

fn decoded(text: &str) -> Result<String, Refused> {
    let text = text.replace('+', " ");
    let text = percent_encoding::percent_decode_str(&text).decode_utf8();
    text.map(std::borrow::Cow::into_owned).map_err(|_| Refused("not_utf8"))
}

/// Raw deflate (RFC 1951), no further than a message may be long.
fn unpacked(packed: &[u8]) -> Result<String, Refused> {
    let mut clear = Vec::new();
    let mut reader = DeflateDecoder::new(packed).take(MAX_BYTES as u64 + 1);
    reader.read_to_end(&mut clear).map_err(|_| Refused("deflate"))?;
    if clear.len() > MAX_BYTES {
        return Err(Refused("too_large"));
    }
    String::from_utf8(clear).map_err(|_| Refused("not_utf8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_the_query_it_had() {
        let to = Url::parse("https://idp.bank.example/sso?tenant=7").unwrap();
        let url = address(&to, (Kind::Request, "<a/>"), Some("r&s"), None);
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        assert_eq!(pairs[0], ("tenant".to_owned(), "7".to_owned()));
        assert_eq!(unpacked(&raw::base64(&pairs[1].1).unwrap()).unwrap(), "<a/>");
        assert_eq!(pairs[2], ("RelayState".to_owned(), "r&s".to_owned()));
    }

    #[test]
    fn a_bomb_is_stopped_before_it_goes_off() {
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
        packed.write_all(&vec![b'a'; 50 * 1024 * 1024]).unwrap();
        let packed = packed.finish().unwrap();
        assert_eq!(unpacked(&packed), Err(Refused("too_large")));
    }

    #[test]
    fn what_is_not_signed_is_not_read() {
        for (query, code) in [
            ("SAMLRequest=x", "signature_missing"),
            ("SAMLRequest=x&SigAlg=y", "signature_missing"),
            ("SAMLRequest=x&SAMLRequest=z&SigAlg=y&Signature=AA%3D%3D", "parameter_twice"),
            ("SAMLRequest=x&%53AMLRequest=z&SigAlg=y&Signature=AA%3D%3D", "parameter_twice"),
            ("SAMLRequest=x&SAMLEncoding=gzip&SigAlg=y&Signature=AA%3D%3D", "encoding"),
            ("SAMLRequest=x&SigAlg=y&Signature=AA%3D%3D", "signature"),
            ("SAMLResponse=x&SigAlg=y&Signature=AA%3D%3D", "no_message"),
        ] {
            assert_eq!(message(query, Kind::Request, &[]).unwrap_err(), Refused(code), "{query}");
        }
        assert_eq!(message(&"a".repeat(20_000), Kind::Request, &[]).unwrap_err(), Refused("too_large"));
    }
}
