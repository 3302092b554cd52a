//! How the widget was opened: which session, which conversation, or nothing. Ids from an address are hints, never
//! credentials; nothing here decides what may be seen.

use kyc_wire::ids::SessionId;
use kyc_wire::routes;

/// What the address asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Launch {
    /// A session, by script, screen pop, or after a reload.
    Session {
        /// Which.
        id: SessionId,
        /// The customer the launching side believes it belongs to; checked by the server once, at launch.
        customer_id: Option<String>,
    },
    /// The interaction of the Genesys desktop.
    Conversation {
        /// The Genesys conversation.
        id: String,
    },
    /// The host left its placeholders as they are: the page runs outside an interaction widget, or the URL is misspelt.
    NotInterpolated {
        /// The names of the parameters that still hold braces.
        names: Vec<String>,
    },
    /// `session_id` is there but is not an id.
    BadId,
    /// Nothing in particular: the agent's own sessions.
    Home,
    /// The supervisors' page.
    Review,
    /// The administrators' page.
    SignIns,
}

/// What stays in the address across navigation: how to talk to the host, and the language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Origin of the page that frames us, as the host names itself.
    pub host_origin: Option<String>,
    /// The Genesys environment.
    pub target_env: Option<String>,
    /// The language tag.
    pub lang: Option<String>,
}

impl Kept {
    /// An address below our own origin that keeps these parameters.
    pub fn address(&self, path: &str) -> String {
        let pairs = [("host_origin", &self.host_origin), ("target_env", &self.target_env), ("lang", &self.lang)];
        let query: Vec<String> = pairs
            .iter()
            .filter_map(|(name, value)| value.as_deref().map(|value| format!("{name}={}", routes::encode(value))))
            .collect();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
    }
}

/// Reads an address. `search` begins with `?` or is empty.
pub fn read(path: &str, search: &str) -> (Launch, Kept) {
    let query = pairs(search);
    let given =
        |name: &str| find(&query, name).filter(|value| !value.is_empty() && !is_placeholder(value)).map(str::to_owned);
    let kept = Kept { host_origin: given("host_origin"), target_env: given("target_env"), lang: given("lang") };
    (launch(path, &query, &given), kept)
}

fn launch(path: &str, query: &[(String, String)], given: &dyn Fn(&str) -> Option<String>) -> Launch {
    if path.trim_end_matches('/') == routes::REVIEW_PAGE {
        return Launch::Review;
    }
    if path.trim_end_matches('/') == routes::SIGN_INS_PAGE {
        return Launch::SignIns;
    }
    if let Some(id) = path.strip_prefix("/s/") {
        return id.trim_end_matches('/').parse().map_or(Launch::BadId, |id| Launch::Session { id, customer_id: None });
    }
    if let Some(id) = given("session_id") {
        return id.parse().map_or(Launch::BadId, |id| Launch::Session { id, customer_id: given("customer_id") });
    }
    if let Some(id) = given("conversation_id") {
        return Launch::Conversation { id };
    }
    let names: Vec<String> = query.iter().filter(|(_, value)| is_placeholder(value)).map(|(n, _)| n.clone()).collect();
    if names.is_empty() { Launch::Home } else { Launch::NotInterpolated { names } }
}

/// Whether a value is a `{{…}}` that the host did not fill in.
fn is_placeholder(value: &str) -> bool {
    value.contains("{{") || value.contains("}}")
}

/// The pairs of a query string; the first of equal names wins, so that nothing appended to an address overrides it.
fn pairs(search: &str) -> Vec<(String, String)> {
    let mut out = vec![];
    for pair in search.trim_start_matches('?').split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(name);
        if find(&out, &name).is_none() {
            out.push((name, decode(value)));
        }
    }
    out
}

fn find<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// Undoes percent-encoding and `+`; what is not valid UTF-8 becomes the replacement character.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            out.push(byte);
            at += 3;
        } else {
            out.push(if bytes[at] == b'+' { b' ' } else { bytes[at] });
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "018f3f2e-7c1a-7d10-9b55-0a1b2c3d4e5f";

    fn session(customer: Option<&str>) -> Launch {
        Launch::Session { id: ID.parse().unwrap(), customer_id: customer.map(str::to_owned) }
    }

    #[test]
    fn a_screen_pop_names_session_and_customer() {
        assert_eq!(read("/", &format!("?session_id={ID}&customer_id=C-77")).0, session(Some("C-77")));
    }

    #[test]
    fn a_reload_finds_the_session_in_the_path() {
        let (launch, kept) = read(&format!("/s/{ID}"), "?host_origin=https%3A%2F%2Fapps.mypurecloud.de&lang=de_DE");
        assert_eq!(launch, session(None));
        assert_eq!(kept.host_origin.as_deref(), Some("https://apps.mypurecloud.de"));
        assert_eq!(kept.address("/review"), "/review?host_origin=https%3A%2F%2Fapps.mypurecloud.de&lang=de_DE");
    }

    #[test]
    fn an_interaction_widget_names_the_conversation() {
        let (launch, kept) = read("/", "?conversation_id=c1&host_origin=http://127.0.0.1:9&target_env=prod&lang=en-US");
        assert_eq!(launch, Launch::Conversation { id: "c1".into() });
        assert_eq!(kept.target_env.as_deref(), Some("prod"));
    }

    #[test]
    fn placeholders_that_were_left_in_are_reported_and_not_kept() {
        let search = "?conversation_id={{gcConversationId}}&lang=%7B%7BgcLangTag%7D%7D&host_origin=https://a.b";
        let (launch, kept) = read("/", search);
        assert_eq!(launch, Launch::NotInterpolated { names: vec!["conversation_id".into(), "lang".into()] });
        assert_eq!(kept.lang, None);
        assert_eq!(kept.host_origin.as_deref(), Some("https://a.b"));
    }

    #[test]
    fn a_good_session_id_outweighs_a_placeholder_beside_it() {
        assert_eq!(read("/", &format!("?session_id={ID}&customer_id={{{{x}}}}")).0, session(None));
    }

    #[test]
    fn a_session_id_that_is_none_is_said_to_be_bad() {
        assert_eq!(read("/", "?session_id=42").0, Launch::BadId);
        assert_eq!(read("/s/42", "").0, Launch::BadId);
    }

    #[test]
    fn an_empty_address_means_my_sessions() {
        assert_eq!(read("/", "").0, Launch::Home);
        assert_eq!(read("/review/", "").0, Launch::Review);
        assert_eq!(read("/sign-ins", "").0, Launch::SignIns);
    }

    #[test]
    fn a_parameter_appended_later_does_not_override_the_first() {
        assert_eq!(read("/", "?conversation_id=a&conversation_id=b").0, Launch::Conversation { id: "a".into() });
    }

    #[test]
    fn broken_percent_signs_do_no_harm() {
        assert_eq!(decode("a%2"), "a%2");
        assert_eq!(decode("%zz+%E4"), "%zz \u{fffd}");
        assert_eq!(decode("ä%"), "ä%");
    }
}
