//! Single logout by redirect (SAML profiles section 4.4): the identity provider sends the browser of somebody who signs out there.

use kyc_wire::ids::Micros;

use super::content::{SKEW_SECONDS, time};
use super::tree::{Node, SAML, SAMLP};
use super::{Refused, raw, xml};

const MAX_SESSIONS: usize = 16;
/// Longest id that is remembered.
const MAX_ID: usize = 255;

/// A request to sign somebody out, whose signature holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutRequest {
    /// Its id: it counts once.
    pub id: String,
    /// Who.
    pub name_id: String,
    /// In which sessions there; every one when none is named.
    pub sessions: Vec<String>,
    /// When it was made.
    pub issued_at: Micros,
    /// What to send back with the answer.
    pub relay_state: Option<String>,
}

/// Reads a verified message.
pub(super) fn request(xml: &str, issuer: &str, to: &str, now: Micros) -> Result<LogoutRequest, Refused> {
    let document = raw::tree(xml)?;
    let root = Node::root(&document)?;
    if !root.is(SAMLP, "LogoutRequest") || root.attribute("Version") != Some("2.0") {
        return Err(Refused("not_a_logout_request"));
    }
    let id = root.attribute("ID").filter(|id| (1..=MAX_ID).contains(&id.len())).ok_or(Refused("id_missing"))?;
    let issued_at = time(root.attribute("IssueInstant").ok_or(Refused("time"))?)?;
    if (now.0 - issued_at.0).abs() > SKEW_SECONDS * 1_000_000 {
        return Err(Refused("issue_instant"));
    }
    if root.attribute("NotOnOrAfter").map(time).transpose()?.is_some_and(|end| end.plus_seconds(SKEW_SECONDS) <= now) {
        return Err(Refused("expired"));
    }
    if root.attribute("Destination") != Some(to) {
        return Err(Refused("destination"));
    }
    let (mut from, mut names, mut sessions) = (Vec::new(), Vec::new(), Vec::new());
    for child in root.only_children()? {
        match (child.is_of(SAML), child.is_of(SAMLP), child.name()) {
            (true, _, "Issuer") => from.push(child.text()?),
            (true, _, "NameID") => names.push(child.text()?),
            (_, true, "SessionIndex") => sessions.push(child.text()?),
            (_, true, "Extensions") => {}
            _ => return Err(Refused("logout_shape")),
        }
    }
    if from != [issuer] {
        return Err(Refused("issuer"));
    }
    let [name_id] = <[String; 1]>::try_from(names).map_err(|_| Refused("subject"))?;
    if name_id.is_empty() || sessions.len() > MAX_SESSIONS {
        return Err(Refused("subject"));
    }
    Ok(LogoutRequest { id: id.to_owned(), name_id, sessions, issued_at, relay_state: None })
}

/// That it was done.
pub(super) fn response(id: &str, to: &str, (entity, request): (&str, &str), now: &str) -> String {
    format!(
        "<samlp:LogoutResponse xmlns:samlp=\"{SAMLP}\" xmlns:saml=\"{SAML}\" ID=\"{id}\" Version=\"2.0\" IssueInstant=\"{now}\" \
         Destination=\"{}\" InResponseTo=\"{}\"><saml:Issuer>{}</saml:Issuer><samlp:Status>\
         <samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status></samlp:LogoutResponse>",
        xml::escaped(to),
        xml::escaped(request),
        xml::escaped(entity)
    )
}
