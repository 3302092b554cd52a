//! Fills a running KYC Desk with sessions in different states, through its public API alone: as the Genesys flow, as the bank's
//! system, as the customers, and as colleagues who have been at work already.
//!
//! It refuses to reach around the API. What it cannot do from outside, the demo does not show.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use crate::genesys_host::Interaction;
use crate::identities::{Identity, identities};
use crate::secrets;

mod client;
mod staff;

use client::Client;
use staff::Agent;

/// What the seed needs to know.
#[derive(Clone, Debug)]
pub struct SeedConfig {
    /// The product's name for the integration with Jumio.
    pub jumio: String,
    /// The product's address for machines.
    pub edge_url: String,
    /// The product's address for agents.
    pub desk_url: String,
    /// The imitated desktop, which gets the list.
    pub host_url: String,
    /// Client id and secret of the Genesys flow.
    pub flow_client: (String, String),
    /// Client id and secret of the bank's system.
    pub bank_client: (String, String),
    /// How long to wait until the customer's page leads to the capture.
    pub patience: Duration,
}

/// What could not be done, and why.
#[derive(Debug)]
pub struct SeedError {
    step: String,
    why: String,
}

impl fmt::Display for SeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not {}: {}", self.step, self.why)
    }
}

impl std::error::Error for SeedError {}

/// How far a customer gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// The session is created, and that is all.
    Waits,
    /// The picture stays poor until the flow gives up on video.
    PoorPicture,
    /// The customer uses the capture page; the name of the ending there.
    Captures(&'static str),
}

/// One session of the demo.
struct Scenario {
    label: &'static str,
    identity: &'static str,
    act: Act,
    /// Whether Jumio is the provider, or the usual one.
    is_jumio: bool,
}

/// What a colleague has done, by the scenario's label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    /// Found in order, waits for a second person.
    Proposed,
    /// A supervisor was called.
    Escalated,
    /// Refused.
    Rejected,
}

/// The colleague.
const COLLEAGUE: &str = "tomas";

const WORK: [(&str, Work); 3] = [
    ("Waiting for approval", Work::Proposed),
    ("Suspected tampering", Work::Escalated),
    ("Faces do not match", Work::Rejected),
];

const fn scenario(label: &'static str, identity: &'static str, act: Act) -> Scenario {
    Scenario { label, identity, act, is_jumio: false }
}

const fn by_jumio(label: &'static str, identity: &'static str, act: Act) -> Scenario {
    Scenario { label, identity, act, is_jumio: true }
}

/// Score and lines of a picture that will do.
const GOOD: (f64, u32) = (0.93, 720);
/// And of one that will not.
const POOR: (f64, u32) = (0.41, 360);

const SCENARIOS: [Scenario; 16] = [
    scenario("Clean passport", "annika", Act::Captures("clean")),
    scenario("Birth year differs", "joris", Act::Captures("clean")),
    scenario("Accents left out", "pawel", Act::Captures("clean")),
    scenario("Address differs", "solene", Act::Captures("clean")),
    scenario("Suspected tampering", "chiara", Act::Captures("tampered")),
    scenario("New picture needed", "lucia", Act::Captures("blurry")),
    scenario("Provider is unsure", "henrik", Act::Captures("review")),
    scenario("Document expired", "mattias", Act::Captures("outdated-final")),
    scenario("Faces do not match", "ivana", Act::Captures("face-other")),
    scenario("Upload instead of video", "eleni", Act::PoorPicture),
    scenario("Handed in, not decided", "toomas", Act::Captures("submitted")),
    scenario("Waiting for approval", "annika", Act::Captures("clean")),
    scenario("Just created", "benedikt", Act::Waits),
    by_jumio("Jumio: clean identity card", "toomas", Act::Captures("clean")),
    by_jumio("Jumio: document on a screen", "ivana", Act::Captures("screen")),
    by_jumio("Jumio: face seen before", "pawel", Act::Captures("review")),
];

/// Creates the sessions and hands the list to the desktop. `say` is told about each step.
pub async fn seed(config: &SeedConfig, mut say: impl FnMut(&str)) -> Result<Vec<Interaction>, SeedError> {
    let mut client = Client::new(config).await?;
    say("got tokens for the flow and for the bank");
    let mut conversations = Vec::new();
    for (at, scenario) in SCENARIOS.iter().enumerate() {
        let conversation = Interaction {
            conversation_id: secrets::uuid().to_string(),
            session_id: secrets::uuid().to_string(),
            customer_id: format!("cus-{}", 4711 + at * 13),
            label: scenario.label.to_owned(),
        };
        run(&mut client, scenario, &conversation).await?;
        say(&format!("{:2}/{} {}", at + 1, SCENARIOS.len(), scenario.label));
        conversations.push(conversation);
    }
    client.list(&conversations).await?;
    Ok(conversations)
}

/// Lets a colleague work on some of these sessions.
pub async fn work(
    config: &SeedConfig,
    conversations: &[Interaction],
    mut say: impl FnMut(&str),
) -> Result<(), SeedError> {
    let client = Client::new(config).await?;
    let agent = Agent::sign_in(&config.desk_url, COLLEAGUE).await?;
    for (label, work) in WORK {
        let Some(conversation) = conversations.iter().find(|one| one.label == label) else { continue };
        let session = &conversation.session_id;
        client.wait_for_agent(session).await?;
        match work {
            Work::Proposed => agent.propose(session).await?,
            Work::Escalated => agent.end(session, "escalate").await?,
            Work::Rejected => agent.end(session, "reject").await?,
        }
    }
    for conversation in conversations {
        let session = client.session(&conversation.session_id).await?;
        say(&format!("{:<28} {}", conversation.label, session["status"].as_str().unwrap_or("?")));
    }
    Ok(())
}

async fn run(client: &mut Client, scenario: &Scenario, conversation: &Interaction) -> Result<(), SeedError> {
    let identity = identities().into_iter().find(|one| one.key == scenario.identity);
    let identity = identity.ok_or_else(|| failed("find the customer", scenario.identity))?;
    client.create(conversation, scenario.is_jumio).await?;
    client.claim(&conversation.session_id, &identity).await?;
    match scenario.act {
        Act::Waits => Ok(()),
        Act::PoorPicture => show_poor_pictures(client, conversation).await,
        Act::Captures(ending) => capture(client, conversation, &identity, ending).await,
    }
}

async fn capture(
    client: &mut Client,
    conversation: &Interaction,
    identity: &Identity,
    ending: &str,
) -> Result<(), SeedError> {
    let attempt = client.attempt(conversation, 1).await?;
    client.quality(conversation, attempt_number(&attempt)?, GOOD).await?;
    let address = client.capture_url(&conversation.session_id).await?;
    client.hand_in(&address, &identity.key, ending).await
}

/// As the flow would: a new attempt whenever the server asks for one. The server counts; ten rounds are more than it allows.
async fn show_poor_pictures(client: &mut Client, conversation: &Interaction) -> Result<(), SeedError> {
    for round in 1..=10 {
        let attempt = client.attempt(conversation, round).await?;
        if attempt["action"] != "continue" {
            return Ok(());
        }
        let next = client.quality(conversation, attempt_number(&attempt)?, POOR).await?;
        if next["action"] != "retry" {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(next["wait_seconds"].as_u64().unwrap_or_default())).await;
    }
    Err(failed("exhaust the video attempts", "the server keeps asking for another"))
}

fn attempt_number(decision: &Value) -> Result<u64, SeedError> {
    decision["attempt"].as_u64().ok_or_else(|| failed("start a video attempt", "the answer names no attempt"))
}

fn failed(step: &str, why: impl fmt::Display) -> SeedError {
    SeedError { step: step.to_owned(), why: why.to_string() }
}

fn new_session(conversation: &Interaction, provider: Option<&str>) -> Value {
    json!({
        "provider": provider,
        "session_id": conversation.session_id,
        "customer_id": conversation.customer_id,
        "conversation_id": conversation.conversation_id,
        "queue": "retail-de",
        "channel": "video",
    })
}

#[cfg(test)]
mod tests;
