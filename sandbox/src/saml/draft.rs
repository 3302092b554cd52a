//! A response before it is signed: every part of it is a plain field, so that a test can make any of them wrong.
//!
//! It is written in the form that exclusive canonicalization (Exclusive XML Canonicalization 1.0) would give it, so that signing needs
//! nothing but a hash: this shares neither code nor idea with whoever verifies it.

use std::fmt::Write as _;

use time::{Duration, OffsetDateTime};

pub(super) const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";

/// What becomes a response.
#[derive(Clone, Debug)]
pub struct Draft {
    /// `ID` of the response.
    pub id: String,
    /// `Version` of both.
    pub version: String,
    /// `IssueInstant` of both.
    pub issue_instant: String,
    /// `Destination`.
    pub destination: Option<String>,
    /// `InResponseTo` of the response.
    pub in_response_to: Option<String>,
    /// `Issuer` of the response.
    pub issuer: Option<String>,
    /// `StatusCode`.
    pub status: String,
    /// The assertion.
    pub assertion: AssertionDraft,
}

/// What becomes an assertion.
#[derive(Clone, Debug)]
pub struct AssertionDraft {
    /// `ID`.
    pub id: String,
    /// `IssueInstant`.
    pub issue_instant: String,
    /// `Issuer`.
    pub issuer: String,
    /// `NameID`.
    pub name_id: String,
    /// Its `Format`.
    pub name_id_format: String,
    /// `Method` of the confirmation.
    pub method: String,
    /// `Recipient`.
    pub recipient: Option<String>,
    /// `InResponseTo` of the confirmation.
    pub in_response_to: Option<String>,
    /// `NotOnOrAfter` of the confirmation.
    pub confirmed_until: Option<String>,
    /// `NotBefore` of the conditions.
    pub not_before: Option<String>,
    /// `NotOnOrAfter` of the conditions.
    pub not_on_or_after: Option<String>,
    /// One list of audiences per restriction.
    pub audiences: Vec<Vec<String>>,
    /// XML behind the restrictions.
    pub more_conditions: String,
    /// `AuthnInstant`.
    pub authn_instant: String,
    /// `SessionIndex`.
    pub session_index: Option<String>,
    /// `SessionNotOnOrAfter`.
    pub session_until: Option<String>,
    /// `AuthnContextClassRef`.
    pub context: Option<String>,
    /// Attributes and their values.
    pub attributes: Vec<(String, Vec<String>)>,
    /// Whether values name their type, as some providers do; the prefix is then part of what is canonicalized.
    pub is_typed: bool,
}

/// Who a response is from and for.
#[derive(Clone, Debug)]
pub struct Parties<'a> {
    /// The provider's entity id.
    pub issuer: &'a str,
    /// The client's entity id.
    pub audience: &'a str,
    /// Where it is sent.
    pub acs: &'a str,
    /// The id of the request.
    pub request: &'a str,
    /// Now.
    pub now: OffsetDateTime,
}

/// `xs:dateTime` in UTC.
pub fn instant(at: OffsetDateTime) -> String {
    let text = time::format_description::well_known::Rfc3339;
    at.replace_nanosecond(0).unwrap_or(at).format(&text).expect("every date has these parts")
}

impl Draft {
    /// A right response about somebody. The ids are made from `id`.
    pub fn new(id: &str, parties: &Parties<'_>, name_id: &str) -> Self {
        let until = instant(parties.now + Duration::minutes(5));
        let now = instant(parties.now);
        Self {
            id: format!("_r{id}"),
            version: "2.0".to_owned(),
            issue_instant: now.clone(),
            destination: Some(parties.acs.to_owned()),
            in_response_to: Some(parties.request.to_owned()),
            issuer: Some(parties.issuer.to_owned()),
            status: "urn:oasis:names:tc:SAML:2.0:status:Success".to_owned(),
            assertion: AssertionDraft {
                id: format!("_a{id}"),
                issue_instant: now.clone(),
                issuer: parties.issuer.to_owned(),
                name_id: name_id.to_owned(),
                name_id_format: PERSISTENT.to_owned(),
                method: "urn:oasis:names:tc:SAML:2.0:cm:bearer".to_owned(),
                recipient: Some(parties.acs.to_owned()),
                in_response_to: Some(parties.request.to_owned()),
                confirmed_until: Some(until.clone()),
                not_before: Some(now.clone()),
                not_on_or_after: Some(until),
                audiences: vec![vec![parties.audience.to_owned()]],
                more_conditions: String::new(),
                authn_instant: now,
                session_index: Some(format!("_s{id}")),
                session_until: None,
                context: Some("urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport".to_owned()),
                attributes: Vec::new(),
                is_typed: false,
            },
        }
    }

    /// The response in canonical form, with a signature and a body in their places.
    pub(super) fn xml(&self, signature: &str, body: &str) -> String {
        let mut xml = format!("<samlp:Response xmlns:samlp=\"{SAMLP}\"");
        attribute(&mut xml, "Destination", self.destination.as_deref());
        attribute(&mut xml, "ID", Some(&self.id));
        attribute(&mut xml, "InResponseTo", self.in_response_to.as_deref());
        attribute(&mut xml, "IssueInstant", Some(&self.issue_instant));
        attribute(&mut xml, "Version", Some(&self.version));
        xml.push('>');
        if let Some(issuer) = &self.issuer {
            let _: Result<(), _> = write!(xml, "<saml:Issuer xmlns:saml=\"{SAML}\">{}</saml:Issuer>", text(issuer));
        }
        let status = format!(
            "<samlp:Status><samlp:StatusCode Value=\"{}\"></samlp:StatusCode></samlp:Status>",
            value(&self.status)
        );
        xml + signature + &status + body + "</samlp:Response>"
    }
}

impl AssertionDraft {
    /// The assertion in canonical form, with a signature in its place.
    pub(super) fn xml(&self, signature: &str) -> String {
        let mut xml = format!("<saml:Assertion xmlns:saml=\"{SAML}\"");
        if self.is_typed {
            xml.push_str(" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"");
        }
        attribute(&mut xml, "ID", Some(&self.id));
        attribute(&mut xml, "IssueInstant", Some(&self.issue_instant));
        attribute(&mut xml, "Version", Some("2.0"));
        let _: Result<(), _> = write!(xml, "><saml:Issuer>{}</saml:Issuer>", text(&self.issuer));
        xml + signature + &self.subject() + &self.conditions() + &self.statements() + "</saml:Assertion>"
    }

    fn subject(&self) -> String {
        let mut xml = "<saml:Subject><saml:NameID".to_owned();
        attribute(&mut xml, "Format", Some(&self.name_id_format));
        let _: Result<(), _> = write!(xml, ">{}</saml:NameID><saml:SubjectConfirmation", text(&self.name_id));
        attribute(&mut xml, "Method", Some(&self.method));
        xml.push_str("><saml:SubjectConfirmationData");
        attribute(&mut xml, "InResponseTo", self.in_response_to.as_deref());
        attribute(&mut xml, "NotOnOrAfter", self.confirmed_until.as_deref());
        attribute(&mut xml, "Recipient", self.recipient.as_deref());
        xml + "></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject>"
    }

    fn conditions(&self) -> String {
        let mut xml = "<saml:Conditions".to_owned();
        attribute(&mut xml, "NotBefore", self.not_before.as_deref());
        attribute(&mut xml, "NotOnOrAfter", self.not_on_or_after.as_deref());
        xml.push('>');
        for restriction in &self.audiences {
            let names = restriction.iter().map(|name| format!("<saml:Audience>{}</saml:Audience>", text(name)));
            let names: String = names.collect();
            let _: Result<(), _> = write!(xml, "<saml:AudienceRestriction>{names}</saml:AudienceRestriction>");
        }
        xml + &self.more_conditions + "</saml:Conditions>"
    }

    fn statements(&self) -> String {
        let mut xml = "<saml:AuthnStatement".to_owned();
        attribute(&mut xml, "AuthnInstant", Some(&self.authn_instant));
        attribute(&mut xml, "SessionIndex", self.session_index.as_deref());
        attribute(&mut xml, "SessionNotOnOrAfter", self.session_until.as_deref());
        xml.push_str("><saml:AuthnContext>");
        if let Some(class) = &self.context {
            let _: Result<(), _> =
                write!(xml, "<saml:AuthnContextClassRef>{}</saml:AuthnContextClassRef>", text(class));
        }
        xml.push_str("</saml:AuthnContext></saml:AuthnStatement>");
        if self.attributes.is_empty() {
            return xml;
        }
        xml.push_str("<saml:AttributeStatement>");
        let typed = " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"xs:string\"";
        let typed = if self.is_typed { typed } else { "" };
        for (name, values) in &self.attributes {
            let _: Result<(), _> = write!(xml, "<saml:Attribute Name=\"{}\">", value(name));
            for value in values {
                let _: Result<(), _> = write!(xml, "<saml:AttributeValue{typed}>{}</saml:AttributeValue>", text(value));
            }
            xml.push_str("</saml:Attribute>");
        }
        xml + "</saml:AttributeStatement>"
    }
}

fn attribute(xml: &mut String, name: &str, content: Option<&str>) {
    if let Some(content) = content {
        let _: Result<(), _> = write!(xml, " {name}=\"{}\"", value(content));
    }
}

/// Text as canonicalization writes it (Canonical XML 1.0 section 2.3).
fn text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#xD;")
}

/// The value of an attribute as canonicalization writes it.
fn value(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    text.replace('\t', "&#x9;").replace('\n', "&#xA;").replace('\r', "&#xD;")
}
