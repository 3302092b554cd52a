//! Encrypted assertions (XML Encryption 1.1): AES-GCM, its key by RSA-OAEP.

use aes_gcm::aead::{Aead as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::sha2::Sha256;

use super::sign::DS;

const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";

/// How the key is wrapped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wrapping {
    /// RSA-OAEP with SHA-256.
    #[default]
    Oaep,
    /// PKCS #1 v1.5, which nobody should take any more.
    Pkcs1,
}

/// An `EncryptedAssertion` in canonical form for whoever has the private half of `to`.
pub fn sealed(clear: &str, to: &rsa::RsaPublicKey, wrapping: Wrapping) -> String {
    let key: [u8; 32] = rand::random();
    let nonce: [u8; 12] = rand::random();
    let cipher = Aes256Gcm::new(&key.into());
    let secret = cipher.encrypt(&Nonce::from(nonce), clear.as_bytes()).expect("this much can be encrypted");
    let random = &mut rsa::rand_core::OsRng;
    let (method, wrapped) = match wrapping {
        Wrapping::Oaep => {
            let method = format!(
                "<xenc:EncryptionMethod Algorithm=\"{XENC11}rsa-oaep\">\
                 <ds:DigestMethod Algorithm=\"{XENC}sha256\"></ds:DigestMethod>\
                 <xenc11:MGF xmlns:xenc11=\"{XENC11}\" Algorithm=\"{XENC11}mgf1sha256\"></xenc11:MGF></xenc:EncryptionMethod>"
            );
            (method, to.encrypt(random, rsa::Oaep::new::<Sha256>(), &key))
        }
        Wrapping::Pkcs1 => {
            let method = format!("<xenc:EncryptionMethod Algorithm=\"{XENC}rsa-1_5\"></xenc:EncryptionMethod>");
            (method, to.encrypt(random, rsa::Pkcs1v15Encrypt, &key))
        }
    };
    let wrapped = STANDARD.encode(wrapped.expect("a key of 32 bytes fits"));
    let secret = STANDARD.encode([&nonce[..], &secret].concat());
    format!(
        "<saml:EncryptedAssertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">\
         <xenc:EncryptedData xmlns:xenc=\"{XENC}\" Type=\"{XENC}Element\">\
         <xenc:EncryptionMethod Algorithm=\"{XENC11}aes256-gcm\"></xenc:EncryptionMethod>\
         <ds:KeyInfo xmlns:ds=\"{DS}\"><xenc:EncryptedKey>{method}\
         <xenc:CipherData><xenc:CipherValue>{wrapped}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>\
         <xenc:CipherData><xenc:CipherValue>{secret}</xenc:CipherValue></xenc:CipherData>\
         </xenc:EncryptedData></saml:EncryptedAssertion>"
    )
}
