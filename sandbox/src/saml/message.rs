//! The redirect binding (SAML bindings section 3.4), written here once more on purpose: the server has its own.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use url::Url;
use url::form_urlencoded::Serializer;

use super::{Algorithm, Signer};

/// What the client asks.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) id: String,
    pub(super) issuer: String,
    pub(super) acs: Option<String>,
    pub(super) is_forced: bool,
    pub(super) contexts: Vec<String>,
    pub(super) relay_state: String,
}

fn value(query: &str, name: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The message that a query carries.
pub(super) fn unpacked(query: &str, name: &str) -> Option<String> {
    let packed = STANDARD.decode(value(query, name)?).ok()?;
    let mut xml = String::new();
    DeflateDecoder::new(&*packed).take(64 * 1024).read_to_string(&mut xml).ok()?;
    Some(xml)
}

impl Request {
    /// Reads a query; none if it holds no request to sign in.
    pub(super) fn read(query: &str) -> Option<Self> {
        let xml = unpacked(query, "SAMLRequest")?;
        let document = roxmltree::Document::parse(&xml).ok()?;
        let root = document.root_element();
        let texts = |name: &str| {
            let found = root.descendants().filter(|node| node.tag_name().name() == name);
            found.filter_map(|node| node.text().map(str::to_owned)).collect::<Vec<_>>()
        };
        (root.tag_name().name() == "AuthnRequest").then_some(())?;
        Some(Self {
            id: root.attribute("ID")?.to_owned(),
            issuer: texts("Issuer").pop()?,
            acs: root.attribute("AssertionConsumerServiceURL").map(str::to_owned),
            is_forced: root.attribute("ForceAuthn") == Some("true"),
            contexts: texts("AuthnContextClassRef"),
            relay_state: value(query, "RelayState").unwrap_or_default(),
        })
    }
}

impl Request {
    /// Whether somebody who is known already need not be asked again (SAML core section 3.4.1).
    pub(super) fn is_met_by(&self, context: &str) -> bool {
        !self.is_forced && (self.contexts.is_empty() || self.contexts.iter().any(|wanted| wanted == context))
    }
}

/// The address that carries a message, signed.
pub(super) fn signed(signer: &Signer, to: &Url, (name, xml): (&str, &str), relay_state: Option<&str>) -> Url {
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
    packed.write_all(xml.as_bytes()).expect("memory takes bytes");
    let packed = STANDARD.encode(packed.finish().expect("memory takes bytes"));
    let mut query = Serializer::new(String::new());
    query.append_pair(name, &packed);
    if let Some(relay_state) = relay_state {
        query.append_pair("RelayState", relay_state);
    }
    query.append_pair("SigAlg", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256");
    let query = query.finish();
    let signature = STANDARD.encode(signer.sign(Algorithm::Sha256, query.as_bytes()));
    let signature = Serializer::new(String::new()).append_pair("Signature", &signature).finish();
    let mut url = to.clone();
    url.set_query(Some(&format!("{query}&{signature}")));
    url
}
