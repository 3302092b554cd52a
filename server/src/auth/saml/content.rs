//! What an assertion says, and whether that is for us, for now and for this sign-in (SAML profiles section 4.1.4.3).

use std::collections::BTreeMap;

use kyc_wire::ids::Micros;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::signature::Signed;
use super::tree::{Node, SAML};
use super::{Expected, Refused};

/// Clocks may differ by this much (SAML V2.0 Interoperability Deployment Profile 2.0, SDP-G01: 3 to 5 minutes).
pub(super) const SKEW_SECONDS: i64 = 180;
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
const ENTITY: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";
/// Ids and names: nobody's are longer.
const MAX_TEXT: usize = 1024;

/// What an identity provider vouches for, all of it verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The assertion's id: it counts once.
    pub id: String,
    /// Until when it would count, if it had not.
    pub expires_at: Micros,
    /// When it was made.
    pub issued_at: Micros,
    /// The identity provider's lasting id of the person; none when it gave another kind.
    pub name_id: Option<String>,
    /// Its session.
    pub session: Option<String>,
    /// When its session ends.
    pub session_ends_at: Option<Micros>,
    /// When she proved who she is.
    pub authenticated_at: Micros,
    /// How (authentication context class).
    pub context: Option<String>,
    /// What else it says of her.
    pub attributes: BTreeMap<String, Vec<String>>,
}

/// `xs:dateTime` in UTC (SAML core section 1.3.3).
pub(super) fn time(text: &str) -> Result<Micros, Refused> {
    let at = text.ends_with('Z').then(|| OffsetDateTime::parse(text, &Rfc3339).ok()).flatten();
    let nanos = at.ok_or(Refused("time"))?.unix_timestamp_nanos();
    i64::try_from(nanos / 1000).map(Micros).map_err(|_| Refused("time"))
}

/// The response names who it is for and what it answers.
pub(super) fn response(root: Node<'_, '_>, expected: &Expected<'_>, is_telling: bool) -> Result<(), Refused> {
    match root.one(SAML, "Issuer") {
        Some(found) => issuer(found, expected)?,
        // Where the response is signed or what is in it encrypted (SAML profiles section 4.1.4.2).
        None if is_telling => return Err(Refused("issuer_missing")),
        None => {}
    }
    if root.attribute("Destination") != Some(expected.acs) {
        return Err(Refused("destination"));
    }
    answers(root.attribute("InResponseTo"), expected)?;
    made_now(root.attribute("IssueInstant"), expected).map(drop)
}

/// Everything about the assertion itself.
pub(super) fn assertion(signed: &Signed<'_, '_>, expected: &Expected<'_>) -> Result<Accepted, Refused> {
    let node = signed.node();
    issuer(node.one(SAML, "Issuer").ok_or(Refused("issuer_missing"))?, expected)?;
    let id = node.attribute("ID").ok_or(Refused("id_missing"))?.to_owned();
    let issued_at = made_now(node.attribute("IssueInstant"), expected)?;
    let subject = node.one(SAML, "Subject").ok_or(Refused("subject_missing"))?;
    let (name_id, expires_at) = confirmed(subject, expected)?;
    let conditions_end = conditions(node.one(SAML, "Conditions").ok_or(Refused("conditions_missing"))?, expected)?;
    let expires_at = conditions_end.map_or(expires_at, |end| end.max(expires_at)).plus_seconds(SKEW_SECONDS);
    let statement = node.one(SAML, "AuthnStatement").ok_or(Refused("authn_statement"))?;
    let (authenticated_at, context) = authentication(statement, expected)?;
    let session_ends_at = statement.attribute("SessionNotOnOrAfter").map(time).transpose()?;
    if session_ends_at.is_some_and(|end| end <= expected.now) {
        return Err(Refused("session_over"));
    }
    let session = statement.attribute("SessionIndex").map(str::to_owned);
    let attributes = attributes(node)?;
    Ok(Accepted { id, expires_at, issued_at, name_id, session, session_ends_at, authenticated_at, context, attributes })
}

fn issuer(node: Node<'_, '_>, expected: &Expected<'_>) -> Result<(), Refused> {
    let is_entity = node.attribute("Format").is_none_or(|format| format == ENTITY);
    if is_entity && node.text()? == expected.issuer { Ok(()) } else { Err(Refused("issuer")) }
}

fn answers(in_response_to: Option<&str>, expected: &Expected<'_>) -> Result<(), Refused> {
    match in_response_to {
        None => Err(Refused("unsolicited")),
        Some(id) if id == expected.request => Ok(()),
        Some(_) => Err(Refused("in_response_to")),
    }
}

/// Made within this sign-in, give or take the clocks.
fn made_now(instant: Option<&str>, expected: &Expected<'_>) -> Result<Micros, Refused> {
    let at = time(instant.ok_or(Refused("time"))?)?;
    let window = expected.begun_at.plus_seconds(-SKEW_SECONDS)..=expected.now.plus_seconds(SKEW_SECONDS);
    if window.contains(&at) { Ok(at) } else { Err(Refused("issue_instant")) }
}

fn not_before(text: Option<&str>, expected: &Expected<'_>) -> Result<(), Refused> {
    match text.map(time).transpose()? {
        Some(at) if at > expected.now.plus_seconds(SKEW_SECONDS) => Err(Refused("not_yet_valid")),
        _ => Ok(()),
    }
}

fn not_on_or_after(text: &str, expected: &Expected<'_>) -> Result<Micros, Refused> {
    let at = time(text)?;
    if at > expected.now.plus_seconds(-SKEW_SECONDS) { Ok(at) } else { Err(Refused("expired")) }
}

/// One name, and one confirmation that makes whoever brings the assertion the one it speaks of (profiles section 3.3).
fn confirmed(subject: Node<'_, '_>, expected: &Expected<'_>) -> Result<(Option<String>, Micros), Refused> {
    let mut name_id = None;
    let mut until = None;
    for child in subject.only_children()? {
        if child.is(SAML, "NameID") && name_id.is_none() && until.is_none() {
            name_id = Some(lasting(child)?);
        } else if child.is(SAML, "SubjectConfirmation") && until.is_none() {
            until = Some(confirmation(child, expected)?);
        } else {
            return Err(Refused("subject"));
        }
    }
    Ok((name_id.flatten(), until.ok_or(Refused("subject_confirmation"))?))
}

/// The name, if it lasts: a transient one is another each time, and an address may be somebody else's next year.
fn lasting(node: Node<'_, '_>) -> Result<Option<String>, Refused> {
    let text = node.text()?;
    if text.trim().is_empty() || text.len() > MAX_TEXT {
        return Err(Refused("subject"));
    }
    Ok((node.attribute("Format") == Some(PERSISTENT)).then_some(text))
}

fn confirmation(node: Node<'_, '_>, expected: &Expected<'_>) -> Result<Micros, Refused> {
    let data = node.one(SAML, "SubjectConfirmationData").ok_or(Refused("subject_confirmation"))?;
    if node.attribute("Method") != Some(BEARER) || node.only_children()?.len() != 1 {
        return Err(Refused("subject_confirmation"));
    }
    if data.attribute("Recipient") != Some(expected.acs) {
        return Err(Refused("recipient"));
    }
    answers(data.attribute("InResponseTo"), expected)?;
    if data.attribute("NotBefore").is_some() {
        return Err(Refused("subject_confirmation"));
    }
    not_on_or_after(data.attribute("NotOnOrAfter").ok_or(Refused("subject_confirmation"))?, expected)
}

/// Every restriction of the audience must name us (core section 2.5.1.4), and a condition that is not understood is not met.
fn conditions(node: Node<'_, '_>, expected: &Expected<'_>) -> Result<Option<Micros>, Refused> {
    not_before(node.attribute("NotBefore"), expected)?;
    let end = node.attribute("NotOnOrAfter").map(|text| not_on_or_after(text, expected)).transpose()?;
    let mut is_restricted = false;
    for child in node.only_children()? {
        if child.is(SAML, "AudienceRestriction") {
            is_restricted = true;
            let names: Result<Vec<String>, Refused> =
                child.only_children()?.into_iter().map(|audience| named(audience)?.text()).collect();
            if !names?.iter().any(|name| name == expected.entity) {
                return Err(Refused("audience"));
            }
        } else if !child.is(SAML, "OneTimeUse") {
            return Err(Refused("condition_unknown"));
        }
    }
    if is_restricted { Ok(end) } else { Err(Refused("audience")) }
}

fn named<'d, 'x>(node: Node<'d, 'x>) -> Result<Node<'d, 'x>, Refused> {
    if node.is(SAML, "Audience") { Ok(node) } else { Err(Refused("audience")) }
}

fn authentication(node: Node<'_, '_>, expected: &Expected<'_>) -> Result<(Micros, Option<String>), Refused> {
    let at = time(node.attribute("AuthnInstant").ok_or(Refused("authn_statement"))?)?;
    if at > expected.now.plus_seconds(SKEW_SECONDS) {
        return Err(Refused("authn_instant"));
    }
    let context = node.one(SAML, "AuthnContext").ok_or(Refused("authn_statement"))?;
    let class = context.one(SAML, "AuthnContextClassRef").map(Node::text).transpose()?;
    Ok((at, class))
}

/// Values by name. A name that comes twice adds up.
fn attributes(assertion: Node<'_, '_>) -> Result<BTreeMap<String, Vec<String>>, Refused> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for attribute in assertion.all(SAML, "AttributeStatement").flat_map(|statement| statement.all(SAML, "Attribute")) {
        let name = attribute.attribute("Name").ok_or(Refused("attribute"))?;
        let values = all.entry(name.to_owned()).or_default();
        for value in attribute.all(SAML, "AttributeValue") {
            // Values with elements in them name nobody's role.
            if value.children().next().is_none() {
                values.push(value.text()?);
            }
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_and_nothing_else() {
        assert_eq!(time("1970-01-01T00:00:01Z"), Ok(Micros(1_000_000)));
        assert_eq!(time("1970-01-01T00:00:00.25Z"), Ok(Micros(250_000)));
        for odd in ["1970-01-01T00:00:01", "1970-01-01T01:00:01+01:00", "1970-01-01", "", "1970-13-01T00:00:00Z"] {
            assert_eq!(time(odd), Err(Refused("time")), "{odd}");
        }
    }
}
