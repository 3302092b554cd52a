//! One identity provider that speaks SAML: what we ask of it, and what we make of its answer.
//!
//! As with OpenID Connect, nothing about a sign-in is kept in clear: the id of the request and the relay state are derived from the
//! handle in the popup's cookie, of which only a hash is stored.

use std::sync::Arc;

use kyc_wire::ids::Micros;
use kyc_wire::routes as at;
use serde::Deserialize;
use serde_json::Value;
use subtle::ConstantTimeEq;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::Url;

use super::content::Accepted;
use super::logout::{self, LogoutRequest};
use super::metadata::Ours;
use super::redirect::{self, Kind};
use super::tree::{SAML, SAMLP};
use super::{Expected, Refused, accept, xml};
use crate::auth::demand::{self, Demand};
use crate::auth::derived;
use crate::auth::idp::{Identity, IdpError, Once};
use crate::clock::Clock;
use crate::config::saml::SamlIdp;

const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
/// Hex digits of the id of a request: 160 bits.
const ID_DIGITS: usize = 40;
/// Attributes that usually hold a name for people: AD FS, Entra ID, LDAP's displayName, and as Okta and Keycloak name theirs.
const NAMES: [&str; 5] = [
    "http://schemas.microsoft.com/identity/claims/displayname",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
    "urn:oid:2.16.840.1.113730.3.1.241",
    "displayName",
    "name",
];

/// The form that the identity provider's page posts (SAML bindings section 3.5.4).
#[derive(Clone, Default, Deserialize)]
pub struct Posted {
    /// The response.
    #[serde(rename = "SAMLResponse")]
    pub response: String,
    /// Echo of our relay state.
    #[serde(rename = "RelayState", default)]
    pub relay_state: String,
}

impl std::fmt::Debug for Posted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Posted")
    }
}

/// One identity provider.
pub struct Saml {
    config: SamlIdp,
    entity: String,
    acs: String,
    slo: String,
    clock: Arc<dyn Clock>,
}

impl From<Refused> for IdpError {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused.0)
    }
}

fn written(at: Micros) -> String {
    let at = OffsetDateTime::from_unix_timestamp(at.0.div_euclid(1_000_000)).expect("now is a date");
    at.format(&Rfc3339).expect("every date has these parts")
}

impl Saml {
    /// A service provider for this identity provider, by its `name` in the configuration, at this desk.
    pub fn new(config: SamlIdp, name: &str, desk: &Url, clock: Arc<dyn Clock>) -> Result<Self, url::ParseError> {
        let of = |route: &str| desk.join(&route.replace("{idp}", name)).map(String::from);
        let entity = config.entity_id.clone().map_or_else(|| of(at::SAML_METADATA), Ok)?;
        Ok(Self { entity, acs: of(at::SAML_ACS)?, slo: of(at::SAML_SLO)?, config, clock })
    }

    /// Its configuration.
    pub const fn config(&self) -> &SamlIdp {
        &self.config
    }

    /// Its entity id.
    pub fn issuer(&self) -> &str {
        &self.config.metadata.entity_id
    }

    /// What we say of ourselves, for the identity provider's administrator.
    pub fn metadata(&self) -> String {
        let certificate = self.config.keys.as_ref().map(|keys| &keys.certificate[..]);
        let slo = self.config.keys.as_ref().map(|_| &*self.slo);
        Ours { entity: &self.entity, acs: &self.acs, slo, certificate }.xml()
    }

    /// Where to send the popup, and what is to be proven there. SAML has no age of a proof to ask for (core section 3.4.1), so whoever must
    /// prove anew who she is does so now, also where an older proof would do.
    pub fn begin(&self, handle: &str, demand: Option<&Demand>) -> Result<Url, IdpError> {
        self.check_validity()?;
        let context = requested_context(demand::ways(demand, &self.config.acr_values));
        let forced = if demand.is_some() { " ForceAuthn=\"true\"" } else { "" };
        let to = &self.config.metadata.sign_in;
        let request = format!(
            "<samlp:AuthnRequest xmlns:samlp=\"{SAMLP}\" xmlns:saml=\"{SAML}\" ID=\"{}\" Version=\"2.0\" IssueInstant=\"{}\"{forced} \
             Destination=\"{}\" AssertionConsumerServiceURL=\"{}\" ProtocolBinding=\"{POST}\"><saml:Issuer>{}</saml:Issuer>\
             {context}</samlp:AuthnRequest>",
            id(handle, "request"),
            written(self.clock.now()),
            xml::escaped(to.as_str()),
            xml::escaped(&self.acs),
            xml::escaped(&self.entity),
        );
        let key = self.config.keys.as_ref().map(|keys| &keys.signing);
        Ok(redirect::address(to, (Kind::Request, &request), Some(&derived(handle, "relay")), key))
    }

    /// Checks what was posted against the handle of the browser it came from, and gives who it is.
    pub fn finish(
        &self,
        (handle, posted): (&str, &Posted),
        demand: Option<&Demand>,
        begun_at: Micros,
    ) -> Result<Identity, IdpError> {
        self.check_validity()?;
        if !bool::from(posted.relay_state.as_bytes().ct_eq(derived(handle, "relay").as_bytes())) {
            return Err(IdpError::Refused("relay_state"));
        }
        let keys = self.config.keys.as_ref().map(|keys| &keys.decryption[..]).unwrap_or_default();
        let expected = Expected {
            issuer: self.issuer(),
            certificates: &self.config.metadata.certificates,
            signs: self.config.signs,
            entity: &self.entity,
            acs: &self.acs,
            request: &id(handle, "request"),
            begun_at,
            now: self.clock.now(),
        };
        let accepted = accept(&posted.response, &expected, keys)?;
        let ways = demand::ways(demand, &self.config.acr_values);
        if !ways.is_empty() && !accepted.context.as_ref().is_some_and(|class| ways.contains(class)) {
            return Err(IdpError::Refused("acr_not_accepted"));
        }
        self.identity(accepted)
    }

    fn identity(&self, accepted: Accepted) -> Result<Identity, IdpError> {
        let only = |name: &String| match accepted.attributes.get(name).map(Vec::as_slice) {
            Some([value]) if !value.trim().is_empty() => Ok(value.clone()),
            _ => Err(IdpError::Refused("subject_attribute")),
        };
        let subject = match &self.config.subject_attribute {
            Some(name) => only(name)?,
            None => accepted.name_id.clone().ok_or(IdpError::Refused("subject_not_persistent"))?,
        };
        let seconds = |at: Micros| at.0.div_euclid(1_000_000);
        Ok(Identity {
            issuer: self.issuer().to_owned(),
            subject,
            name: self.name_in(&accepted),
            session: accepted.session,
            session_ends_at: accepted.session_ends_at,
            issued_at: seconds(accepted.issued_at),
            auth_time: Some(seconds(accepted.authenticated_at)),
            reached: accepted.context.iter().cloned().collect(),
            acr: accepted.context,
            claims: accepted.attributes.into_iter().map(|(name, values)| (name, Value::from(values))).collect(),
            id_token: None,
            once: Some(Once { id: accepted.id, expires_at: accepted.expires_at }),
        })
    }

    fn name_in(&self, accepted: &Accepted) -> String {
        let configured = self.config.name_attribute.as_deref();
        let names = configured.map_or_else(|| NAMES.to_vec(), |name| vec![name]);
        let found = names.into_iter().find_map(|name| accepted.attributes.get(name)?.first());
        found.filter(|name| !name.trim().is_empty()).cloned().unwrap_or_else(|| "—".to_owned())
    }

    /// A file that has ended vouches for nobody (SAML metadata section 2.3.2).
    fn check_validity(&self) -> Result<(), IdpError> {
        let end = self.config.metadata.valid_until;
        if end.is_some_and(|end| end <= self.clock.now()) { Err(IdpError::Refused("metadata_ended")) } else { Ok(()) }
    }

    /// Reads a request to sign somebody out, from the query it came in.
    pub fn logout_request(&self, query: &str) -> Result<LogoutRequest, IdpError> {
        self.check_validity()?;
        let message = redirect::message(query, Kind::Request, &self.config.metadata.certificates)?;
        let request = logout::request(&message.xml, self.issuer(), &self.slo, self.clock.now())?;
        if self.config.subject_attribute.is_some() && request.sessions.is_empty() {
            return Err(IdpError::Refused("session_missing"));
        }
        Ok(LogoutRequest { relay_state: message.relay_state, ..request })
    }

    /// Whom we know by the name in such a request: nobody, where an attribute and not the name is who somebody is.
    pub fn subject_of(&self, request: &LogoutRequest) -> Option<String> {
        self.config.subject_attribute.is_none().then(|| request.name_id.clone())
    }

    /// Where to send the browser when it was done; none where the identity provider wants no answer, or we cannot sign one.
    pub fn logout_answer(&self, request: &LogoutRequest) -> Option<Url> {
        let to = self.config.metadata.signed_out.as_ref()?;
        let key = &self.config.keys.as_ref()?.signing;
        let answers = (&*self.entity, &*request.id);
        let answer = logout::response(&id(&request.id, "answer"), to.as_str(), answers, &written(self.clock.now()));
        Some(redirect::address(to, (Kind::Response, &answer), request.relay_state.as_deref(), Some(key)))
    }
}

/// How she is to prove who she is: in one of these ways, in any when there are none.
fn requested_context(classes: &[String]) -> String {
    let class =
        |class: &String| ["<saml:AuthnContextClassRef>", &xml::escaped(class), "</saml:AuthnContextClassRef>"].concat();
    let classes: String = classes.iter().map(class).collect();
    if classes.is_empty() {
        return classes;
    }
    format!("<samlp:RequestedAuthnContext Comparison=\"exact\">{classes}</samlp:RequestedAuthnContext>")
}

/// An id as XML takes it: it must not begin with a digit.
fn id(handle: &str, purpose: &str) -> String {
    let digits = hex::encode(crate::auth::hashed(derived(handle, purpose).as_bytes()));
    format!("_{}", &digits[..ID_DIGITS])
}
