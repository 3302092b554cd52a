//! What the provider knows of its one client: the client's own metadata, imported as an administrator would.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1::DecodeRsaPublicKey as _;
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::sha2::Sha256;
use rsa::signature::Verifier as _;
use url::Url;
use x509_cert::der::Decode as _;

const MD: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";

/// The client.
#[derive(Clone, Debug)]
pub(super) struct Client {
    /// Its entity id.
    pub(super) entity: String,
    /// Where responses go.
    pub(super) acs: Url,
    /// Where the browser of somebody who signs out is sent.
    pub(super) slo: Option<Url>,
    /// Whether it signs its requests.
    pub(super) signs: bool,
    /// Its key.
    pub(super) key: Option<rsa::RsaPublicKey>,
}

impl Client {
    /// Reads metadata; none if something is missing.
    pub(super) fn read(metadata: &str) -> Option<Self> {
        let document = roxmltree::Document::parse(metadata).ok()?;
        let root = document.root_element();
        let role = root.children().find(|node| node.has_tag_name((MD, "SPSSODescriptor")))?;
        let address = |name: &str| {
            let node = role.children().find(|node| node.has_tag_name((MD, name)))?;
            Url::parse(node.attribute("Location")?).ok()
        };
        let certificate = role.descendants().find(|node| node.has_tag_name((DS, "X509Certificate")));
        Some(Self {
            entity: root.attribute("entityID")?.to_owned(),
            acs: address("AssertionConsumerService")?,
            slo: address("SingleLogoutService"),
            signs: role.attribute("AuthnRequestsSigned") == Some("true"),
            key: certificate.and_then(|node| key_of(node.text()?)),
        })
    }

    /// Whether it signed a query by RSA with SHA-256 (SAML bindings section 3.4.4.1). The signature is the last parameter.
    pub(super) fn has_signed(&self, query: &str) -> bool {
        let Some((signed, rest)) = query.split_once("&Signature=") else { return false };
        let value = rest.split('&').next().unwrap_or_default();
        let value =
            url::form_urlencoded::parse(format!("v={value}").as_bytes()).next().map(|(_, value)| value.into_owned());
        let signature = value.and_then(|value| Signature::try_from(&*STANDARD.decode(value).ok()?).ok());
        let (Some(key), Some(signature)) = (&self.key, signature) else { return false };
        VerifyingKey::<Sha256>::new(key.clone()).verify(signed.as_bytes(), &signature).is_ok()
    }
}

fn key_of(certificate: &str) -> Option<rsa::RsaPublicKey> {
    let der = STANDARD.decode(certificate.split_ascii_whitespace().collect::<String>()).ok()?;
    let read = x509_cert::Certificate::from_der(&der).ok()?;
    let bits = read.tbs_certificate.subject_public_key_info.subject_public_key;
    rsa::RsaPublicKey::from_pkcs1_der(bits.as_bytes()?).ok()
}
