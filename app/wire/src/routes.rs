//! Every path of the API, once. The router and the widget use the same item, so that a renamed path fails to compile on both
//! sides.

use crate::ids::{PersonId, SessionId, SignInId, TxnId};

macro_rules! plain {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)+) => { $($(#[$doc])* pub const $name: &str = $path;)+ };
}

plain! {
    /// The widget, launched with `session_id` and `customer_id`, or with `conversation_id`.
    HOME = "/";
    /// The widget on one session.
    SESSION_PAGE = "/s/{session_id}";
    /// The supervisors' page.
    REVIEW_PAGE = "/review";
    /// The administrators' page.
    SIGN_INS_PAGE = "/sign-ins";
    /// The signed-in person.
    ME = "/api/me";
    /// Real input by the person, throttled: feeds the idle clock.
    ACTIVITY = "/api/me/activity";
    /// The list.
    SESSIONS = "/api/sessions";
    /// Hands out the oldest waiting session.
    NEXT = "/api/sessions/next";
    /// Counts of the views.
    FLOOR = "/api/floor";
    /// One session.
    SESSION = "/api/sessions/{session_id}";
    /// Take or take over.
    TAKE = "/api/sessions/{session_id}/take";
    /// See a photo.
    PHOTO = "/api/sessions/{session_id}/photo";
    /// Another link for the customer; earlier ones end.
    LINK = "/api/sessions/{session_id}/link";
    /// Keep the lease.
    RENEW = "/api/sessions/{session_id}/renew";
    /// Give it back.
    RELEASE = "/api/sessions/{session_id}/release";
    /// See one field in clear text.
    REVEAL = "/api/sessions/{session_id}/reveal";
    /// Mark a line of the checklist.
    MARK = "/api/sessions/{session_id}/mark";
    /// Write a note.
    NOTE = "/api/sessions/{session_id}/notes";
    /// Ask for a new capture.
    RECAPTURE = "/api/sessions/{session_id}/recapture";
    /// Take back what was asked for again.
    WITHDRAW = "/api/sessions/{session_id}/withdraw";
    /// Report that the picture is too poor.
    POOR_PICTURE = "/api/sessions/{session_id}/poor-picture";
    /// Call a supervisor.
    ESCALATE = "/api/sessions/{session_id}/escalate";
    /// Take the flag off.
    UNFLAG = "/api/sessions/{session_id}/unflag";
    /// Send to final approval.
    PROPOSE = "/api/sessions/{session_id}/propose";
    /// Refuse.
    REJECT = "/api/sessions/{session_id}/reject";
    /// End for technical reasons.
    COULD_NOT_VERIFY = "/api/sessions/{session_id}/could-not-verify";
    /// Second approval.
    APPROVE = "/api/sessions/{session_id}/approve";
    /// Back to the agent.
    RETURN = "/api/sessions/{session_id}/return";
    /// Open a finished session again.
    REOPEN = "/api/sessions/{session_id}/reopen";
    /// The session of a Genesys conversation; POST starts one when the flow failed.
    CONVERSATION = "/api/conversations/{conversation_id}/session";
    /// The audit log, for auditors.
    AUDIT = "/api/audit";
    /// The sign-ins that live, for administrators.
    SIGN_INS = "/api/sign-ins";
    /// Ends one.
    END_SIGN_IN = "/api/sign-ins/{sign_in_id}/end";
    /// Ends all of a person.
    END_SIGN_INS_OF = "/api/people/{person_id}/sign-ins/end";
    /// Server-sent events.
    EVENTS = "/api/events";
    /// Opens a sign-in.
    TXN = "/auth/txn";
    /// Opens the proof that an act asks for, within the running sign-in.
    STEP_UP = "/auth/step-up";
    /// By whom one can sign in.
    SIGN_IN_OPTIONS = "/auth/options";
    /// Redeems it.
    REDEEM = "/auth/txn/{txn_id}/redeem";
    /// The popup page.
    POPUP = "/auth/popup";
    /// The popup trades its ticket for the address of the identity provider.
    POPUP_BEGIN = "/auth/popup/begin";
    /// The popup trades a code that an agent typed for a ticket.
    POPUP_CONFIRM = "/auth/popup/confirm";
    /// Where the identity provider sends the browser back to: one per identity provider.
    OIDC_CALLBACK = "/auth/oidc/{idp}/callback";
    /// Where an identity provider tells that somebody has signed out there: one per identity provider.
    OIDC_LOGOUT = "/auth/oidc/{idp}/backchannel-logout";
    /// What an identity provider's administrator needs to know of us: one per identity provider.
    SAML_METADATA = "/auth/saml/{idp}/metadata";
    /// Where the identity provider's page posts its response: one per identity provider.
    SAML_ACS = "/auth/saml/{idp}/acs";
    /// Where an identity provider sends the browser of somebody who signs out there: one per identity provider.
    SAML_SLO = "/auth/saml/{idp}/slo";
    /// From where whoever has signed out here goes on to sign out at her identity provider.
    LEAVE = "/auth/leave";
    /// Where an identity provider sends the browser of her who has signed out there: one per identity provider.
    OIDC_LEFT = "/auth/oidc/{idp}/signed-out";
    /// Ends the sign-in.
    LOGOUT = "/auth/logout";
    /// Client-credentials tokens (RFC 6749 section 4.4).
    TOKEN = "/oauth/token";
    /// Creates a session.
    FLOW_SESSIONS = "/flow/v1/sessions";
    /// Reads one.
    FLOW_SESSION = "/flow/v1/sessions/{session_id}";
    /// Starts a video attempt.
    FLOW_ATTEMPTS = "/flow/v1/sessions/{session_id}/attempts";
    /// Reports picture quality.
    FLOW_QUALITY = "/flow/v1/sessions/{session_id}/quality";
    /// The customer is there.
    FLOW_HEARTBEAT = "/flow/v1/sessions/{session_id}/heartbeat";
    /// The customer is back, perhaps in another conversation.
    FLOW_RESUME = "/flow/v1/sessions/{session_id}/resume";
    /// The flow hands over to a person.
    FLOW_ESCALATE = "/flow/v1/sessions/{session_id}/escalate";
    /// The conversation ended.
    FLOW_END = "/flow/v1/sessions/{session_id}/end";
    /// What the applicant claimed.
    BANK_CLAIMS = "/bank/v1/sessions/{session_id}/claims";
    /// Holds what would be deleted.
    BANK_HOLD = "/bank/v1/sessions/{session_id}/hold";
    /// A provider's webhook: one per integration.
    WEBHOOK = "/webhooks/{provider}/{integration}";
    /// The customer's link: shows what it is for, and trades its token for a cookie when she begins.
    CUSTOMER_LINK = "/c/{token}";
    /// The customer's page.
    CUSTOMER_PAGE = "/c";
    /// The customer consents.
    CUSTOMER_CONSENT = "/c/step/consent";
    /// Leads the customer to the provider, which checks her document and her face.
    CUSTOMER_CAPTURE = "/c/step/capture";
    /// The customer hands in a photo by a form.
    CUSTOMER_PHOTO = "/c/step/photo";
    /// The customer says that it is all.
    CUSTOMER_SEND = "/c/step/send";
    /// A sign of life of the customer's page.
    CUSTOMER_HEARTBEAT = "/c/heartbeat";
    /// What the customer's device is capable of.
    CUSTOMER_QUALITY = "/c/quality";
    /// Bytes of no meaning, for measuring the line.
    CUSTOMER_PROBE = "/c/probe";
    /// Begins an upload in parts.
    CUSTOMER_UPLOADS = "/c/uploads";
    /// Its parts.
    CUSTOMER_UPLOAD = "/c/uploads/{upload_id}";
    /// The page's style sheet and script, named by their content.
    CUSTOMER_FILE = "/c/file/{name}";
    /// The description of this API.
    OPENAPI = "/openapi.json";
    /// Alive.
    HEALTHZ = "/healthz";
    /// Ready to serve.
    READYZ = "/readyz";
    /// Prometheus metrics.
    METRICS = "/metrics";
}

/// The path of a route that names one session.
pub fn of_session(route: &str, id: SessionId) -> String {
    route.replace("{session_id}", &id.to_string())
}

/// The path of [`END_SIGN_IN`].
pub fn end_sign_in(id: SignInId) -> String {
    END_SIGN_IN.replace("{sign_in_id}", &id.to_string())
}

/// The path of [`END_SIGN_INS_OF`].
pub fn end_sign_ins_of(person: PersonId) -> String {
    END_SIGN_INS_OF.replace("{person_id}", &person.to_string())
}

/// The path of [`CONVERSATION`]; the id is percent-encoded.
pub fn of_conversation(conversation_id: &str) -> String {
    CONVERSATION.replace("{conversation_id}", &encode(conversation_id))
}

/// The path of [`REDEEM`].
pub fn redeem(id: TxnId) -> String {
    REDEEM.replace("{txn_id}", &id.to_string())
}

/// Percent-encodes everything but the unreserved characters of RFC 3986 section 2.3.
pub fn encode(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_unreserved_is_encoded() {
        assert_eq!(encode("a/b?c=ä"), "a%2Fb%3Fc%3D%C3%A4");
        assert_eq!(of_conversation("{{gcConversationId}}"), "/api/conversations/%7B%7BgcConversationId%7D%7D/session");
    }
}
