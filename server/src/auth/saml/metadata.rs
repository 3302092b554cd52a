//! Metadata (SAML metadata 2.0): what an identity provider says of itself in a file that the bank has checked, and what we say of us.
//!
//! Theirs is read once, at the start, and what it holds is pinned: no certificate is ever fetched, and none is taken from a message.

use kyc_wire::ids::Micros;
use uppsala::Parser;
use url::Url;

use super::content;
use super::raw;
use super::redirect::BINDING;
use super::tree::{DS, Node, SAMLP};
use super::{Certificate, Refused, xml};

const MD: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
const MAX_BYTES: usize = 1024 * 1024;
const MAX_DEPTH: u32 = 40;

/// What an identity provider says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Its name (entity id), character by character.
    pub entity_id: String,
    /// The certificates by which it signs.
    pub certificates: Vec<Certificate>,
    /// Where it takes requests to sign in.
    pub sign_in: Url,
    /// Where it takes requests to sign out, if it does.
    pub sign_out: Option<Url>,
    /// Where it takes our answer to its own requests to sign out.
    pub signed_out: Option<Url>,
    /// Whether it takes only requests that we sign.
    pub wants_signed: bool,
    /// When the file ends.
    pub valid_until: Option<Micros>,
}

impl Metadata {
    /// Reads the file. What it says of services other than signing in by a browser is passed over.
    pub fn parse(xml: &str) -> Result<Self, &'static str> {
        let xml = xml.strip_prefix('\u{feff}').unwrap_or(xml);
        if xml.len() > MAX_BYTES {
            return Err("is larger than 1 MiB");
        }
        let parser = Parser::new().with_max_depth(MAX_DEPTH).with_forbid_dtd(true).with_forbid_entities(true);
        let document = parser.parse(xml).map_err(|_| "is no XML, or has a document type")?;
        let root = Node::root(&document).map_err(|_| "is no XML")?;
        if !root.is(MD, "EntityDescriptor") {
            return Err("must be the metadata of one identity provider (EntityDescriptor)");
        }
        let entity_id = root.attribute("entityID").filter(|id| !id.is_empty()).ok_or("has no entityID")?.to_owned();
        let speaks = |role: &Node<'_, '_>| {
            let protocols = role.attribute("protocolSupportEnumeration").unwrap_or_default();
            protocols.split_ascii_whitespace().any(|protocol| protocol == SAMLP)
        };
        let role = root.all(MD, "IDPSSODescriptor").find(speaks);
        let role = role.ok_or("describes no identity provider of SAML 2.0 (IDPSSODescriptor)")?;
        let valid_until = [root, role].into_iter().filter_map(|node| node.attribute("validUntil"));
        let valid_until: Result<Vec<Micros>, Refused> = valid_until.map(content::time).collect();
        let certificates = certificates(role)?;
        if certificates.is_empty() {
            return Err("has no certificate that signs");
        }
        let sign_out = service(role, "SingleLogoutService")?;
        Ok(Self {
            entity_id,
            certificates,
            sign_in: service(role, "SingleSignOnService")?
                .map(|(to, _)| to)
                .ok_or("has no SingleSignOnService for the HTTP-Redirect binding")?,
            signed_out: sign_out.as_ref().map(|(to, answer)| answer.as_ref().unwrap_or(to).clone()),
            sign_out: sign_out.map(|(to, _)| to),
            wants_signed: matches!(role.attribute("WantAuthnRequestsSigned"), Some("true" | "1")),
            valid_until: valid_until.map_err(|_| "has a validUntil that is no time in UTC")?.into_iter().min(),
        })
    }

    /// Every address in it.
    pub fn addresses(&self) -> impl Iterator<Item = &Url> {
        std::iter::once(&self.sign_in).chain(&self.sign_out).chain(&self.signed_out)
    }
}

fn certificates(role: Node<'_, '_>) -> Result<Vec<Certificate>, &'static str> {
    let mut found = Vec::new();
    for key in role.all(MD, "KeyDescriptor").filter(|key| key.attribute("use") != Some("encryption")) {
        let data = key.all(DS, "KeyInfo").flat_map(|info| info.all(DS, "X509Data"));
        for node in data.flat_map(|data| data.all(DS, "X509Certificate")) {
            let der = node.text().and_then(|text| raw::base64(&text));
            let certificate = Certificate::parse(&der.map_err(|_| "has a certificate that is no base64")?)?;
            if !found.contains(&certificate) {
                found.push(certificate);
            }
        }
    }
    Ok(found)
}

/// Where a service is, and where its answers go if that is elsewhere.
fn service(role: Node<'_, '_>, name: &'static str) -> Result<Option<(Url, Option<Url>)>, &'static str> {
    let Some(node) = role.all(MD, name).find(|node| node.attribute("Binding") == Some(BINDING)) else {
        return Ok(None);
    };
    let url = |name| match node.attribute(name) {
        Some(text) => Url::parse(text).map(Some).map_err(|_| "has a service whose address is no URL"),
        None => Ok(None),
    };
    Ok(Some((url("Location")?.ok_or("has a service without address")?, url("ResponseLocation")?)))
}

/// What we say of ourselves.
pub(super) struct Ours<'a> {
    pub(super) entity: &'a str,
    pub(super) acs: &'a str,
    /// Only who can sign its answers takes part in signing out.
    pub(super) slo: Option<&'a str>,
    /// By what we sign, and what is encrypted for us: DER.
    pub(super) certificate: Option<&'a [u8]>,
}

impl Ours<'_> {
    /// The document. The order of its parts is that of the schema.
    pub(super) fn xml(&self) -> String {
        let key = |usage: &str, methods: &str| match self.certificate {
            Some(der) => format!(
                "<md:KeyDescriptor use=\"{usage}\"><ds:KeyInfo xmlns:ds=\"{DS}\"><ds:X509Data><ds:X509Certificate>{}\
                 </ds:X509Certificate></ds:X509Data></ds:KeyInfo>{methods}</md:KeyDescriptor>",
                raw::written(der)
            ),
            None => String::new(),
        };
        let methods: String =
            ["http://www.w3.org/2009/xmlenc11#aes256-gcm", "http://www.w3.org/2009/xmlenc11#rsa-oaep"]
                .map(|method| format!("<md:EncryptionMethod Algorithm=\"{method}\"/>"))
                .concat();
        let slo = self
            .slo
            .map(|slo| format!("<md:SingleLogoutService Binding=\"{BINDING}\" Location=\"{}\"/>", xml::escaped(slo)));
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<md:EntityDescriptor xmlns:md=\"{MD}\" entityID=\"{}\">\
             <md:SPSSODescriptor AuthnRequestsSigned=\"{}\" WantAssertionsSigned=\"true\" \
             protocolSupportEnumeration=\"{SAMLP}\">{}{}{}<md:NameIDFormat>{PERSISTENT}</md:NameIDFormat>\
             <md:AssertionConsumerService Binding=\"{POST}\" Location=\"{}\" index=\"0\" isDefault=\"true\"/>\
             </md:SPSSODescriptor></md:EntityDescriptor>\n",
            xml::escaped(self.entity),
            self.certificate.is_some(),
            key("signing", ""),
            key("encryption", &methods),
            slo.unwrap_or_default(),
            xml::escaped(self.acs),
        )
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    fn certificate() -> String {
        BASE64_STANDARD.encode(include_bytes!("../../../../tests/fixtures/saml/idp.der"))
    }

    fn file() -> String {
        let key = |usage: &str| {
            format!(
                "<KeyDescriptor{usage}><d:KeyInfo xmlns:d=\"{DS}\"><d:X509Data><d:X509Certificate>\n{}\n</d:X509Certificate>\
                 </d:X509Data></d:KeyInfo></KeyDescriptor>",
                certificate()
            )
        };
        format!(
            "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><!-- as they come --><EntityDescriptor xmlns=\"{MD}\" entityID=\"urn:idp\">\
             <RoleDescriptor/><IDPSSODescriptor protocolSupportEnumeration=\"urn:other {SAMLP}\" validUntil=\"2027-01-01T00:00:00Z\">{}{}\
             <SingleLogoutService Binding=\"{BINDING}\" Location=\"https://idp.example/slo\" ResponseLocation=\"https://idp.example/done\"/>\
             <SingleSignOnService Binding=\"{POST}\" Location=\"https://idp.example/post\"/>\
             <SingleSignOnService Binding=\"{BINDING}\" Location=\"https://idp.example/sso\"/></IDPSSODescriptor></EntityDescriptor>",
            key(" use=\"signing\""),
            key(""),
        )
    }

    #[test]
    fn what_counts_of_the_file_is_read() {
        let read = Metadata::parse(&file()).unwrap();
        assert_eq!((read.entity_id.as_str(), read.certificates.len(), read.wants_signed), ("urn:idp", 1, false));
        let addresses: Vec<&str> = read.addresses().map(Url::as_str).collect();
        assert_eq!(addresses, ["https://idp.example/sso", "https://idp.example/slo", "https://idp.example/done"]);
        assert_eq!(read.valid_until, Some(Micros(1_798_761_600_000_000)));
        let wanting = file().replace(" validUntil", " WantAuthnRequestsSigned=\"1\" validUntil");
        assert!(Metadata::parse(&wanting).unwrap().wants_signed);
        let once = file().replace(" ResponseLocation=\"https://idp.example/done\"", "");
        let read = Metadata::parse(&once).unwrap();
        assert_eq!(read.signed_out, read.sign_out);
    }

    #[test]
    fn the_earlier_of_two_ends_counts() {
        let earlier = file().replace(" entityID", " validUntil=\"2026-12-01T00:00:00Z\" entityID");
        assert_eq!(Metadata::parse(&earlier).unwrap().valid_until, Some(Micros(1_796_083_200_000_000)));
    }

    #[test]
    fn each_mistake_is_named() {
        for (from, to, what) in [
            ("urn:idp", "", "has no entityID"),
            ("EntityDescriptor", "EntitiesDescriptor", "must be the metadata of one"),
            (SAMLP, "urn:oasis:names:tc:SAML:1.1:protocol", "describes no identity provider of SAML 2.0"),
            ("signing", "encryption", ""),
            ("MII", "!!!", "no base64"),
            ("MII", "AII", "is no certificate"),
            (BINDING, POST, "HTTP-Redirect"),
            ("https://idp.example/sso", "sso", "is no URL"),
            ("https://idp.example/slo\"", "slo\"", "is no URL"),
            ("2027-01-01T00:00:00Z", "soon", "validUntil"),
            ("</EntityDescriptor>", "", "is no XML"),
            ("<!-- as they come -->", "<!DOCTYPE a>", "document type"),
        ] {
            let text = file();
            assert!(text.contains(from), "{from}");
            match Metadata::parse(&text.replace(from, to)) {
                Ok(_) => assert!(what.is_empty(), "{from} was accepted"),
                Err(said) => assert!(!what.is_empty() && said.contains(what), "{from}: {said}"),
            }
        }
        let none = file().replace("<KeyDescriptor", "<X").replace("</KeyDescriptor", "</X");
        assert_eq!(Metadata::parse(&none), Err("has no certificate that signs"));
        assert_eq!(Metadata::parse(&" ".repeat(1024 * 1024 + 1)), Err("is larger than 1 MiB"));
    }
}
