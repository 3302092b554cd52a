//! The Genesys desktop that frames us: which origins we talk to, what we say, and what we listen to.
//!
//! The envelope is that of the public Client App SDK (npm `purecloud-client-app-sdk`, 2.7.0, MIT): a plain object with `action`
//! and `protocol`; what comes back carries `purecloudEventType`. Nothing about a person is ever sent.

use kyc_wire::regions::Region;
use serde::Serialize;

/// What we tell the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// We have painted something: the host may show us.
    Bootstrapped,
    /// We have put everything away: the host may remove us.
    Stopped,
    /// The number on our icon.
    Attention(usize),
    /// A short message over the desktop. Both texts are our own sentences, never data.
    Toast {
        /// Title.
        title: &'static str,
        /// Message.
        message: &'static str,
    },
    /// Asks the host to open a window, outside our sandbox.
    OpenWindow(&'a str),
    /// Puts a text into the draft of the interaction that is open, for her to send or not.
    Propose(&'a str),
    /// Shows an interaction in the desktop.
    ShowInteraction {
        /// Which conversation.
        conversation: &'a str,
        /// Whether she is on it; otherwise the desktop asks for the permission to look at any.
        is_hers: bool,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    action: &'static str,
    protocol: &'static str,
    protocol_agent_name: &'static str,
    protocol_agent_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    markdown_message: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_id: Option<&'a str>,
}

impl Message<'_> {
    /// The envelope as JSON; the bridge turns it into a plain object, which is what the host expects.
    pub fn to_json(self) -> String {
        let mut envelope = Envelope {
            action: "bootstrapped",
            protocol: "purecloud-client-apps",
            protocol_agent_name: "purecloud-client-app-sdk",
            protocol_agent_version: "2.7.0",
            count: None,
            title: None,
            message: None,
            markdown_message: None,
            mode: None,
            target_url: None,
            r#type: None,
            id: None,
            conversation_id: None,
        };
        match self {
            Self::Bootstrapped => {}
            Self::Stopped => envelope.action = "stopped",
            Self::Attention(count) => (envelope.action, envelope.count) = ("setAttentionCount", Some(count)),
            Self::Toast { title, message } => {
                (envelope.action, envelope.title, envelope.message) = ("showToast", Some(title), Some(message));
                // A toast of ours replaces the last one of ours, and no other app's.
                (envelope.r#type, envelope.id) = (Some("info"), Some("kyc-desk"));
                envelope.markdown_message = Some(false);
            }
            Self::OpenWindow(url) => (envelope.action, envelope.target_url) = ("openWindow", Some(url)),
            Self::Propose(text) => {
                envelope.action = "proposeInteractionMessage";
                (envelope.mode, envelope.message) = (Some("insert"), Some(text));
            }
            Self::ShowInteraction { conversation, is_hers } => {
                envelope.action = if is_hers { "showMyInteractionDetails" } else { "showInteractionDetails" };
                envelope.conversation_id = Some(conversation);
            }
        }
        serde_json::to_string(&envelope).expect("a flat struct of texts serialises")
    }
}

/// What the host tells us about its life cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hook {
    /// It waits for us to have painted.
    Bootstrap,
    /// The agent has come back to us.
    Focus,
    /// The agent has left us for another app.
    Blur,
    /// We will be removed.
    Stop,
}

impl Hook {
    /// Reads the two fields of an event.
    pub fn read(event_type: &str, hook: &str) -> Option<Self> {
        if event_type != "appLifecycleHook" {
            return None;
        }
        match hook {
            "bootstrap" => Some(Self::Bootstrap),
            "focus" => Some(Self::Focus),
            "blur" => Some(Self::Blur),
            "stop" => Some(Self::Stop),
            _ => None,
        }
    }
}

/// Whether `origin`, as the address claims it, is one of the hosts that the server allows (separated by spaces). An entry is
/// an origin; its first label may be `*` and its port may be `*`, as in a content security policy.
pub fn is_allowed(origin: &str, allowed: &str) -> bool {
    is_origin(origin) && allowed.split_ascii_whitespace().any(|entry| fits(origin, entry))
}

/// Whether `origin` can be the desktop of the environment that the address names, as the SDK demands: a host of that region's domain. An
/// environment that is not in the table, and a desktop on this machine, are left to [`is_allowed`].
pub fn is_of(origin: &str, environment: Option<&str>) -> bool {
    let Some(region) = environment.and_then(Region::find) else { return true };
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    let (name, port) = split_port(host);
    let is_here = matches!(name, "localhost" | "127.0.0.1");
    let is_below = name.strip_suffix(region.domain).is_some_and(|label| label.len() > 1 && label.ends_with('.'));
    is_here || (is_below && port.is_none() && origin.starts_with("https://"))
}

fn is_origin(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|host| {
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-:".contains(&b))
    })
}

fn fits(origin: &str, entry: &str) -> bool {
    let (Some((scheme, host)), Some((entry_scheme, pattern))) = (origin.split_once("://"), entry.split_once("://"))
    else {
        return false;
    };
    let ((name, port), (pattern, wanted)) = (split_port(host), split_port(pattern));
    let is_port = wanted == Some("*") || port == wanted;
    let is_name = match pattern.strip_prefix("*.") {
        Some(domain) => name.strip_suffix(domain).is_some_and(|label| label.len() > 1 && label.ends_with('.')),
        None => name == pattern,
    };
    scheme == entry_scheme && is_port && is_name
}

fn split_port(host: &str) -> (&str, Option<&str>) {
    host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: &str = "https://apps.mypurecloud.de https://*.usw2.pure.cloud http://127.0.0.1:*";

    #[test]
    fn only_hosts_the_server_allows_are_talked_to() {
        assert!(is_allowed("https://apps.mypurecloud.de", ALLOWED));
        assert!(is_allowed("https://apps.usw2.pure.cloud", ALLOWED));
        assert!(is_allowed("http://127.0.0.1:9000", ALLOWED));
        for bad in [
            "https://apps.mypurecloud.de.evil.example",
            "http://apps.mypurecloud.de",
            "https://usw2.pure.cloud",
            "https://.usw2.pure.cloud",
            "https://evilusw2.pure.cloud",
            "https://apps.mypurecloud.de:8443",
            "https://apps.mypurecloud.de/",
            "https://a@apps.usw2.pure.cloud",
            "null",
            "*",
            "",
        ] {
            assert!(!is_allowed(bad, ALLOWED), "{bad}");
        }
        assert!(!is_allowed("https://apps.mypurecloud.de", ""));
    }

    #[test]
    fn a_toast_is_never_read_as_markdown() {
        let json = Message::Toast { title: "a", message: "b" }.to_json();
        assert!(json.contains(r#""markdownMessage":false"#), "{json}");
        assert!(json.contains(r#""protocol":"purecloud-client-apps""#), "{json}");
    }

    #[test]
    fn messages_hold_only_their_own_fields() {
        let json = Message::Attention(2).to_json();
        assert!(json.contains(r#""action":"setAttentionCount""#) && json.contains(r#""count":2"#), "{json}");
        assert!(!json.contains("targetUrl"), "{json}");
    }

    #[test]
    fn a_text_is_proposed_and_never_sent() {
        let json = Message::Propose("Please go on here").to_json();
        assert!(
            json.contains(r#""action":"proposeInteractionMessage""#) && json.contains(r#""mode":"insert""#),
            "{json}"
        );
        assert!(!json.contains("markdownMessage") && !json.contains("title"), "{json}");
    }

    #[test]
    fn an_interaction_is_named_by_its_id() {
        for (is_hers, action) in [(true, "showMyInteractionDetails"), (false, "showInteractionDetails")] {
            let json = Message::ShowInteraction { conversation: "c-1", is_hers }.to_json();
            assert!(json.contains(&format!(r#""action":"{action}""#)), "{json}");
            assert!(json.contains(r#""conversationId":"c-1""#) && !json.contains("message"), "{json}");
        }
    }

    #[test]
    fn a_desktop_belongs_to_the_environment_that_the_address_names() {
        for (origin, environment) in [
            ("https://apps.mypurecloud.de", Some("prod-euc1")),
            ("https://apps.mypurecloud.de", Some("mypurecloud.de")),
            ("https://apps.usw2.pure.cloud", Some("prod-usw2")),
            ("https://apps.new.example", Some("prod-new")),
            ("https://apps.mypurecloud.de", None),
            ("http://127.0.0.1:7300", Some("prod-euc1")),
        ] {
            assert!(is_of(origin, environment), "{origin} {environment:?}");
        }
        for origin in [
            "https://apps.mypurecloud.ie",
            "https://mypurecloud.de",
            "https://evilmypurecloud.de",
            "http://apps.mypurecloud.de",
            "https://apps.mypurecloud.de:8443",
            "https://apps.mypurecloud.de.evil.example",
        ] {
            assert!(!is_of(origin, Some("prod-euc1")), "{origin}");
        }
    }

    #[test]
    fn hooks_are_recognised_and_nothing_else() {
        assert_eq!(Hook::read("appLifecycleHook", "stop"), Some(Hook::Stop));
        assert_eq!(Hook::read("appLifecycleHook", "explode"), None);
        assert_eq!(Hook::read("somethingElse", "stop"), None);
    }
}
