//! The bank's rules: how many attempts, how long, who must approve, which reasons and checks there are.
//!
//! The rules in force now count for every session, also for one that began under others. A session keeps the hashes of those it was opened
//! under, each decision the hashes of those it was made under, and the audit log names them: so an auditor sees the rule of the day.

use std::collections::BTreeMap;

use kyc_wire::session::Act;
use kyc_wire::text::Localised;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// When a second person must approve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinalApproval {
    /// Every case.
    #[default]
    Always,
    /// Cases with a check that is not clear, a mismatch, a recapture or a flag.
    Risk,
    /// No case.
    Never,
}

/// What may be resumed after the connection was lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resume {
    /// Everything, with the same id.
    #[default]
    Full,
    /// Only what came before the call: for regimes that want a fresh call after an interruption.
    PrecallOnly,
}

/// What becomes of a second conversation that wants to go on with a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondConversation {
    /// It goes on with it, once the first one has ended or the customer is lost there.
    #[default]
    Join,
    /// It is refused: a session belongs to its conversation.
    Refuse,
}

/// The family of a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// About the customer or the document.
    Business,
    /// About technology.
    Technical,
    /// A suspicion: the customer is told one neutral text (no tipping off).
    Suspicion,
}

impl Family {
    /// The code, as on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Business => "business",
            Self::Technical => "technical",
            Self::Suspicion => "suspicion",
        }
    }
}

/// One reason that staff can give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Stable code, kept in the audit log.
    pub code: String,
    /// Its family.
    pub family: Family,
    /// For which acts it may be given; with them the next states it allows.
    pub acts: Vec<Act>,
    /// What staff read.
    pub label: Localised,
    /// What the customer is told. Without one she reads the general sentence of her page, and always of a suspicion.
    #[serde(default)]
    pub customer_text: Option<Localised>,
}

/// One line of the checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChecklistLine {
    /// Stable code.
    pub code: String,
    /// What to do or ask.
    pub label: Localised,
}

/// What somebody must have proven before an act: how, and how long ago at most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Proof {
    /// Accepted ways (`acr`, or in Entra's list `acrs`); any when empty.
    pub acr_values: Vec<String>,
    /// How many seconds before the act's proof was asked for it may have been; 0: for this act and no other.
    pub max_age_seconds: u32,
}

/// The acts for which a proof can be asked: those that show something, and those that decide.
pub const PROVABLE: [Act; 7] =
    [Act::Reveal, Act::Propose, Act::Reject, Act::CouldNotVerify, Act::Approve, Act::Return, Act::Reopen];

/// How long is kept what is known about a customer, counted from the end of her session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Days for photos of documents and faces.
    pub documents_days: u32,
    /// Days for the conversation that the session belonged to.
    pub interaction_days: u32,
    /// Days for everything else about her: claims, values that were read, notes, and the provider's own copy.
    pub results_days: u32,
    /// Days for which backups of wrapped keys are kept: until then a backup can bring back what was deleted. Named in each certificate.
    pub backups_days: u32,
    /// Integrations at which nothing is deleted from here, because their provider forgets by itself.
    pub kept_by: Vec<String>,
}

impl Default for Retention {
    fn default() -> Self {
        Self { documents_days: 30, interaction_days: 30, results_days: 90, backups_days: 30, kept_by: Vec::new() }
    }
}

/// All rules of one bank.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// When a second person must approve.
    pub final_approval: FinalApproval,
    /// What may be resumed.
    pub resume: Resume,
    /// What becomes of a second conversation.
    pub second_conversation: SecondConversation,
    /// Video attempts in all.
    pub attempts: u32,
    /// Quality below this asks for another attempt, 0 to 1.
    pub quality_threshold: f64,
    /// Picture height in pixels below which video makes no sense.
    pub min_frame_height: u32,
    /// Seconds to wait before the next attempt.
    pub retry_wait_seconds: u32,
    /// New captures of one item in one session.
    pub recaptures_per_item: u32,
    /// Seconds in which the customer must connect.
    pub connect_seconds: u32,
    /// Seconds the customer's part may take.
    pub process_seconds: u32,
    /// Seconds without heartbeat after which the connection counts as lost.
    pub lost_after_seconds: u32,
    /// Seconds in which a lost customer may resume.
    pub resume_seconds: u32,
    /// Seconds for which an agent holds a session without renewing.
    pub lease_seconds: u32,
    /// Seconds after which a session that waits for an agent is overdue.
    pub agent_due_seconds: u32,
    /// Seconds after which a session that waits for approval is overdue.
    pub approval_due_seconds: u32,
    /// Reveals that one person may make in one session.
    pub reveals_per_person: u32,
    /// Seconds for which a revealed value is shown.
    pub reveal_seconds: u32,
    /// What is kept how long.
    pub retention: Retention,
    /// The acts before which staff prove anew who they are. Left out of the hash where there are none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub step_up: BTreeMap<Act, Proof>,
    /// The reasons.
    pub reasons: Vec<Reason>,
    /// The agent's checklist.
    pub checklist: Vec<ChecklistLine>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            final_approval: FinalApproval::Always,
            resume: Resume::Full,
            second_conversation: SecondConversation::Join,
            attempts: 3,
            quality_threshold: 0.8,
            min_frame_height: 480,
            retry_wait_seconds: 10,
            recaptures_per_item: 3,
            connect_seconds: 300,
            process_seconds: 600,
            lost_after_seconds: 45,
            resume_seconds: 24 * 3600,
            lease_seconds: 300,
            agent_due_seconds: 120,
            approval_due_seconds: 4 * 3600,
            reveals_per_person: 10,
            reveal_seconds: 20,
            retention: Retention::default(),
            step_up: BTreeMap::new(),
            reasons: default_reasons(),
            checklist: default_checklist(),
        }
    }
}

impl Policy {
    /// The reason with this code, if it may be given for `act`.
    pub fn reason(&self, code: &str, act: Act) -> Option<&Reason> {
        self.reasons.iter().find(|reason| reason.code == code && reason.acts.contains(&act))
    }

    /// What the customer is told of a reason. Nothing of a suspicion, whatever is configured for it, nor of a reason that is not known any
    /// more: she then reads the sentence that all have who are told no more.
    pub fn told_to_customer(&self, code: &str) -> Option<&Localised> {
        let reason = self.reasons.iter().find(|reason| reason.code == code)?;
        reason.customer_text.as_ref().filter(|_| reason.family != Family::Suspicion)
    }

    /// Whether any reason may be given for `act`: if so, one must be.
    pub fn wants_reason(&self, act: Act) -> bool {
        self.reasons.iter().any(|reason| reason.acts.contains(&act))
    }

    /// The hashes of the rules, for session, decision and auditor.
    pub fn hashes(&self) -> RuleHashes {
        RuleHashes {
            policy: fingerprint(&Self { reasons: Vec::new(), checklist: Vec::new(), ..self.clone() }),
            reasons: fingerprint(&self.reasons),
            checklist: fingerprint(&self.checklist),
        }
    }
}

/// Which rules were in force: hex of SHA-256 over their JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleHashes {
    /// Of every rule that is in neither list.
    pub policy: String,
    /// Of the reasons.
    pub reasons: String,
    /// Of the checklist.
    pub checklist: String,
}

impl RuleHashes {
    /// All of them in one, as the audit log names them.
    pub fn together(&self) -> String {
        fingerprint(self)
    }
}

fn fingerprint<T: Serialize>(rules: &T) -> String {
    let json = serde_json::to_vec(rules).expect("rules are plain data");
    hex::encode(Sha256::digest(json))
}

fn default_reasons() -> Vec<Reason> {
    include!("policy/reasons.rs")
}

fn default_checklist() -> Vec<ChecklistLine> {
    let line = |code: &str, en: &str, de: &str| ChecklistLine { code: code.to_owned(), label: Localised::new(en, de) };
    vec![
        line(
            "face_matches",
            "The person in the call is the person on the document",
            "Die Person im Anruf ist die Person auf dem Ausweis",
        ),
        line(
            "document_tilted",
            "Document tilted: hologram and other features move with the light",
            "Ausweis gekippt: Hologramm und weitere Merkmale bewegen sich im Licht",
        ),
        line(
            "document_undamaged",
            "Document looks untouched: edges, photo, lettering",
            "Ausweis wirkt unverändert: Ränder, Foto, Schrift",
        ),
        line(
            "knows_own_data",
            "Customer answers the questions about the application freely",
            "Kundin oder Kunde beantwortet die Fragen zum Antrag frei",
        ),
        line(
            "acts_freely",
            "Nobody prompts the customer; she knows what the account is for",
            "Niemand sagt vor; der Zweck des Kontos ist bekannt",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn every_rule_is_in_the_hashes() {
        let policy = serde_json::to_value(Policy::default()).unwrap();
        let hashes = Policy::default().hashes();
        for (name, value) in policy.as_object().unwrap() {
            let other = match value {
                Value::Number(number) if number.is_f64() => json!(0.123),
                Value::Number(_) => json!(123_456),
                Value::Array(_) => json!([]),
                Value::Object(_) => json!({ "results_days": 123_456 }),
                _ if name == "resume" => json!("precall_only"),
                _ if name == "second_conversation" => json!("refuse"),
                _ => json!("risk"),
            };
            let mut changed = policy.clone();
            changed[name] = other;
            let changed: Policy = serde_json::from_value(changed).unwrap();
            assert_ne!(changed.hashes(), hashes, "{name}");
        }
        let asked = Policy { step_up: BTreeMap::from([(Act::Reveal, Proof::default())]), ..Policy::default() };
        assert_ne!(asked.hashes(), hashes, "step_up");
    }
}
