//! What the server's answers consist of. Names and codes are those of [`kyc_wire`]; a field or a variant that is missing here does
//! not compile.

use kyc_wire::list::{Floor, SessionPage, View, ViewCount};
use kyc_wire::masked::{Agreement, Difference, Field, MaskedValue, RevealedValue};
use kyc_wire::me::{
    IdpChoice, LanguageChoice, Me, ReasonOption, RefusalCode, Role, SignInOptions, SignedOut, Txn, TxnState,
};
use kyc_wire::photo::PhotoSource;
use kyc_wire::problem::{Problem, ProblemCode};
use kyc_wire::session::{
    Act, Asked, AskedItem, Attention, Blocker, CaptureItem, Check, CheckGroup, CheckOutcome, ChecklistItem, Clocks,
    Colleague, CustomerLink, Decision, DocumentFacts, FieldComparison, Flag, HandOverCause, HandedOver, Mark, Note,
    Offer, Presence, ProviderPhase, ProviderView, RetentionClock, SessionDetail, SessionSummary, Status, TimelineEntry,
    Upload, Who,
};
use kyc_wire::sign_ins::{Browser, SignInList, SignInSummary};
use kyc_wire::stream::StreamEvent;

use super::{Read, Value, field, tag};

/// Structs: each field by its name, and `..whole` for one whose fields lie beside the others.
macro_rules! structs {
    ($($name:ident { $(..$whole:ident,)? $($field:ident),+ })+) => { $(impl Read for $name {
        fn read(from: &Value) -> Option<Self> {
            Some(Self { $($whole: Read::read(from)?,)? $($field: field(from, stringify!($field))?,)+ })
        }
    })+ };
}

structs! {
    Asked { items, message }
    AskedItem { item, reason, at, is_there }
    Check { group, outcome, provider_code, explanation, look_at, at }
    ChecklistItem { code, label, mark }
    Clocks {
        now, process_used_seconds, process_limit_seconds, is_process_running, connect_by, resume_by, lease_until, retention
    }
    Colleague { id, name }
    Decision { act, by, at, reason, result_version }
    DocumentFacts { document_type, country, valid_until, is_expired }
    FieldComparison { field, claim, document, agreement }
    CustomerLink { url, expires_at, message }
    Flag { reason, at }
    HandedOver { cause, error_ref, attempts, best_permille, needed_permille, frame_height, needed_height }
    Floor { counts, oldest_wait_seconds }
    LanguageChoice { code, name }
    Me { ..person, roles, queues, idle_deadline, absolute_deadline, now, reasons, reveal_seconds, languages }
    Note { id, author, at, text }
    Offer { act, blocked_by }
    ProviderView { name, phase, since, console_url }
    ReasonOption { code, family, acts, label }
    RetentionClock { class, purge_at, is_held }
    SessionDetail {
        ..summary, conversation_id, provider_view, document, fields, checks, checklist, uploads, asked, notes, timeline,
        decisions, clocks, handed_over, offers, asked_enough, can_start_anew, is_mine
    }
    SessionPage { items, next_cursor }
    SignInList { items, has_more, now }
    SignInSummary { id, person, roles, idp, browser, created_at, last_activity_at, is_mine }
    SessionSummary {
        id, version, status, queue, customer_id, channel, provider, created_at, state_since, holder, last_holder, flag,
        attempt, attempts_allowed, presence, attention, due_at
    }
    TimelineEntry { at, action, who, reason, status, fields, is_refused }
    SignedOut { at_idp }
    Txn { txn_id, ticket, code }
    IdpChoice { name, label }
    SignInOptions { idps, by_code }
    Upload { source, item, at }
    ViewCount { view, count }
}

/// Enums without data: each variant by its code, and `else` for what a newer server may send.
macro_rules! codes {
    ($($name:ident { $($variant:ident = $code:literal),+ $(; else $other:ident)? })+) => { $(impl Read for $name {
        fn read(from: &Value) -> Option<Self> {
            const KNOWN: &[(&str, $name)] = &[$(($code, $name::$variant)),+];
            // Never called: it only does not compile when a variant is missing above.
            let _ = |all: Self| match all { $(Self::$variant)|+ $(| Self::$other)? => {} };
            let code = from.as_str()?;
            let known = KNOWN.iter().find(|(known, _)| *known == code).map(|(_, variant)| *variant);
            known $(.or(Some(Self::$other)))?
        }
    })+ };
}

codes! {
    Act {
        Take = "take", TakeOver = "take_over", Release = "release", Reveal = "reveal", Mark = "mark", Note = "note",
        SendLink = "send_link", Recapture = "recapture", Withdraw = "withdraw", PoorPicture = "poor_picture", Escalate = "escalate",
        Propose = "propose", Reject = "reject",
        CouldNotVerify = "could_not_verify", Approve = "approve", Return = "return", Reopen = "reopen", Unflag = "unflag"
    }
    Blocker {
        NoDocument = "no_document", NoLiveness = "no_liveness", ChecklistOpen = "checklist_open",
        ChecklistFailed = "checklist_failed", OwnCase = "own_case", Flagged = "flagged", UsedUp = "used_up"
    }
    CheckOutcome {
        Passed = "passed", Review = "review", Failed = "failed", NewCapture = "new_capture", Pending = "pending"
    }
    Difference {
        Spelling = "spelling", Year = "year", DayOrMonth = "day_or_month", Part = "part", Whole = "whole"
    }
    HandOverCause {
        PoorPicture = "poor_picture", SmallPicture = "small_picture", NoVideo = "no_video",
        NotConnected = "not_connected", NoPicture = "no_picture", CaptureFailed = "capture_failed",
        CustomerAsked = "customer_asked", NoReply = "no_reply", FlowFailed = "flow_failed"; else Unknown
    }
    Mark { Open = "open", Passed = "passed", Failed = "failed" }
    ProviderPhase {
        NotStarted = "not_started", WaitingForCustomer = "waiting_for_customer", Processing = "processing",
        Done = "done", Slow = "slow", Down = "down"
    }
    Role { Agent = "agent", Supervisor = "supervisor", Auditor = "auditor", Admin = "admin" }
    Status {
        Created = "created", DocumentSubmitted = "document_submitted", LivenessCheck = "liveness_check",
        AgentVerification = "agent_verification", FinalApproval = "final_approval", Approved = "approved",
        Rejected = "rejected", CouldNotVerify = "could_not_verify", Expired = "expired", Abandoned = "abandoned";
        else Unknown
    }
    Browser { Chrome = "chrome", Edge = "edge", Firefox = "firefox", Safari = "safari"; else Other }
    RefusalCode {
        NoRole = "no_role", Refused = "refused", Unreachable = "unreachable", OtherPerson = "other_person",
        NotProven = "not_proven"; else Unknown
    }
}

/// Enums that know all their variants and codes themselves.
macro_rules! known {
    ($($name:ident)+) => { $(impl Read for $name {
        fn read(from: &Value) -> Option<Self> {
            let code = from.as_str()?;
            Self::ALL.iter().copied().find(|known| known.as_str() == code)
        }
    })+ };
}

known! { CaptureItem CheckGroup Field PhotoSource View }

impl Read for ProblemCode {
    fn read(from: &Value) -> Option<Self> {
        let code = from.as_str()?;
        Some(Self::ALL.iter().copied().find(|known| known.as_str() == code).unwrap_or(Self::Unknown))
    }
}

impl Read for Problem {
    fn read(from: &Value) -> Option<Self> {
        Some(Self {
            r#type: field(from, "type")?,
            title: field(from, "title")?,
            status: field(from, "status")?,
            detail: field(from, "detail")?,
            code: field(from, "code")?,
            request_id: field(from, "request_id")?,
        })
    }
}

impl Read for MaskedValue {
    fn read(from: &Value) -> Option<Self> {
        Some(Self::of(field(from, "field")?, tag(from, "text")?))
    }
}

impl Read for RevealedValue {
    fn read(from: &Value) -> Option<Self> {
        Some(Self::new(field(from, "field")?, field(from, "text")?, field(from, "seconds")?))
    }
}

impl Read for Presence {
    fn read(from: &Value) -> Option<Self> {
        Some(match tag(from, "presence")? {
            "not_connected" => Self::NotConnected,
            "connected" => Self::Connected,
            "lost" => Self::Lost { since: field(from, "since")? },
            _ => return None,
        })
    }
}

impl Read for Attention {
    fn read(from: &Value) -> Option<Self> {
        Some(match tag(from, "kind")? {
            "flagged" => Self::Flagged,
            "check_failed" => Self::CheckFailed(field(from, "of")?),
            "mismatch" => Self::Mismatch(field(from, "of")?),
            "check_review" => Self::CheckReview(field(from, "of")?),
            "new_capture" => Self::NewCapture(field(from, "of")?),
            "provider_slow" => Self::ProviderSlow,
            "provider_down" => Self::ProviderDown,
            "no_claims" => Self::NoClaims,
            _ => return None,
        })
    }
}

impl Read for Agreement {
    fn read(from: &Value) -> Option<Self> {
        Some(match tag(from, "agreement")? {
            "agrees" => Self::Agrees,
            "differs" => Self::Differs { difference: field(from, "difference")? },
            "only_claimed" => Self::OnlyClaimed,
            "only_on_document" => Self::OnlyOnDocument,
            _ => return None,
        })
    }
}

impl Read for Who {
    fn read(from: &Value) -> Option<Self> {
        Some(match tag(from, "kind")? {
            "person" => Self::Person(Read::read(from)?),
            "flow" => Self::Flow,
            "bank" => Self::Bank,
            "customer" => Self::Customer,
            "provider" => Self::Provider { name: field(from, "name")? },
            "system" => Self::System,
            _ => return None,
        })
    }
}

impl Read for TxnState {
    fn read(from: &Value) -> Option<Self> {
        Some(match tag(from, "state")? {
            "pending" => Self::Pending,
            "redeemed" => Self::Redeemed,
            "refused" => Self::Refused { code: field(from, "code")? },
            _ => return None,
        })
    }
}

impl Read for StreamEvent {
    fn read(from: &Value) -> Option<Self> {
        Some(match tag(from, "event")? {
            "hello" => Self::Hello,
            "changed" => Self::Changed { session_id: field(from, "session_id")?, version: field(from, "version")? },
            "signed_out" => Self::SignedOut,
            _ => Self::Unknown,
        })
    }
}
