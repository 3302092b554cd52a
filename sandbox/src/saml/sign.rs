//! The provider's key, its certificate, and signatures over documents that are already canonical.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::EncodePrivateKey as _;
use rsa::sha2::{Digest as _, Sha256, Sha512};
use rsa::signature::{SignatureEncoding as _, Signer as _};
use sha1::Sha1;
use time::OffsetDateTime;

use super::draft::{Draft, instant};

pub(super) const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const EXC_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// By what is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA with SHA-256.
    #[default]
    Sha256,
    /// RSA with SHA-512.
    Sha512,
    /// RSA with SHA-1, which nobody should take any more.
    Sha1,
}

impl Algorithm {
    /// The signature method and the digest method.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Sha256 => {
                ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256")
            }
            Self::Sha512 => {
                ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", "http://www.w3.org/2001/04/xmlenc#sha512")
            }
            Self::Sha1 => ("http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2000/09/xmldsig#sha1"),
        }
    }

    fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
            Self::Sha1 => Sha1::digest(message).to_vec(),
        }
    }
}

/// Which parts are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signs {
    /// The assertion.
    Assertion,
    /// The response.
    Response,
    /// Both.
    Both,
    /// Neither.
    Nothing,
}

/// A key with its certificate.
pub struct Signer {
    key: rsa::RsaPrivateKey,
    certificate: Vec<u8>,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    /// A fresh RSA key of at least 2048 bits, with a certificate of its own that ends then.
    pub fn fresh(bits: usize, until: OffsetDateTime) -> Self {
        let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, bits).expect("this size can be made");
        let der = key.to_pkcs8_der().expect("a key can be written");
        let der = rustls_pki_types::PrivatePkcs8KeyDer::from(der.as_bytes());
        let pair =
            rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&der, &rcgen::PKCS_RSA_SHA256).expect("an RSA key signs");
        let mut parameters = rcgen::CertificateParams::new(Vec::new()).expect("no names are right names");
        parameters.not_after = until;
        let certificate = parameters.self_signed(&pair).expect("a certificate can be signed").der().to_vec();
        Self { key, certificate }
    }

    /// Its certificate in DER.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// Its certificate as PEM.
    pub fn certificate_pem(&self) -> String {
        let lines: Vec<String> = STANDARD
            .encode(&self.certificate)
            .as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
    }

    /// Its private key as PEM (PKCS #8).
    pub fn key_pem(&self) -> String {
        self.key.to_pkcs8_pem(rsa::pkcs8::LineEnding::LF).expect("a key can be written").to_string()
    }

    /// Its public key.
    pub fn public_key(&self) -> rsa::RsaPublicKey {
        self.key.to_public_key()
    }

    /// Signs bytes.
    pub fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        match algorithm {
            Algorithm::Sha256 => SigningKey::<Sha256>::new(self.key.clone()).sign(message).to_vec(),
            Algorithm::Sha512 => SigningKey::<Sha512>::new(self.key.clone()).sign(message).to_vec(),
            Algorithm::Sha1 => SigningKey::<Sha1>::new(self.key.clone()).sign(message).to_vec(),
        }
    }

    /// An enveloped signature over an element, given in canonical form without it (XML Signature section 6.6.4).
    pub fn signature(&self, id: &str, canonical: &str, algorithm: Algorithm, prefixes: Option<&str>) -> String {
        let (method, digest) = algorithm.names();
        let list = prefixes.map(|prefixes| {
            format!(
                "<ec:InclusiveNamespaces xmlns:ec=\"{EXC_C14N}\" PrefixList=\"{prefixes}\"></ec:InclusiveNamespaces>"
            )
        });
        let sum = STANDARD.encode(algorithm.digest(canonical.as_bytes()));
        let info = format!(
            "<ds:CanonicalizationMethod Algorithm=\"{EXC_C14N}\"></ds:CanonicalizationMethod>\
             <ds:SignatureMethod Algorithm=\"{method}\"></ds:SignatureMethod>\
             <ds:Reference URI=\"#{id}\"><ds:Transforms>\
             <ds:Transform Algorithm=\"{DS}enveloped-signature\"></ds:Transform>\
             <ds:Transform Algorithm=\"{EXC_C14N}\">{}</ds:Transform>\
             </ds:Transforms><ds:DigestMethod Algorithm=\"{digest}\"></ds:DigestMethod>\
             <ds:DigestValue>{sum}</ds:DigestValue></ds:Reference>",
            list.unwrap_or_default()
        );
        let signed = format!("<ds:SignedInfo xmlns:ds=\"{DS}\">{info}</ds:SignedInfo>");
        let value = STANDARD.encode(self.sign(algorithm, signed.as_bytes()));
        format!(
            "<ds:Signature xmlns:ds=\"{DS}\"><ds:SignedInfo>{info}</ds:SignedInfo>\
             <ds:SignatureValue>{value}</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}\
             </ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>",
            STANDARD.encode(&self.certificate)
        )
    }

    /// The signed assertion of a draft.
    pub fn assertion(&self, draft: &Draft, is_signed: bool, algorithm: Algorithm) -> String {
        let assertion = &draft.assertion;
        if !is_signed {
            return assertion.xml("");
        }
        let prefixes = assertion.is_typed.then_some("xs");
        assertion.xml(&self.signature(&assertion.id, &assertion.xml(""), algorithm, prefixes))
    }

    /// The response of a draft, with what stands in it.
    pub fn response(&self, draft: &Draft, body: &str, is_signed: bool, algorithm: Algorithm) -> String {
        if !is_signed {
            return draft.xml("", body);
        }
        let prefixes = draft.assertion.is_typed.then_some("xs");
        draft.xml(&self.signature(&draft.id, &draft.xml("", body), algorithm, prefixes), body)
    }

    /// Both in one.
    pub fn message(&self, draft: &Draft, signs: Signs, algorithm: Algorithm) -> String {
        let body = self.assertion(draft, matches!(signs, Signs::Assertion | Signs::Both), algorithm);
        self.response(draft, &body, matches!(signs, Signs::Response | Signs::Both), algorithm)
    }

    /// The text of a `LogoutRequest`. It goes by redirect, where the query is signed and not the document.
    pub fn logout_request(id: &str, to: &str, issuer: &str, who: (&str, Option<&str>), now: OffsetDateTime) -> String {
        let (name_id, session) = who;
        let session =
            session.map(|index| format!("<samlp:SessionIndex>{index}</samlp:SessionIndex>")).unwrap_or_default();
        format!(
            "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
             xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"{id}\" Version=\"2.0\" IssueInstant=\"{}\" \
             Destination=\"{to}\"><saml:Issuer>{issuer}</saml:Issuer><saml:NameID>{name_id}</saml:NameID>{session}\
             </samlp:LogoutRequest>",
            instant(now)
        )
    }
}
