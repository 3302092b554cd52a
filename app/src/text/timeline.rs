//! The timeline in words: what each audit action means to a person.

use crate::text::{Say, say};

/// Who, when it was not a person.
pub const FLOW: Say = say("Genesys flow", "Genesys-Ablauf");
/// The bank's system.
pub const BANK: Say = say("Bank system", "System der Bank");
/// The customer, on her page.
pub const CUSTOMER: Say = say("Customer", "Kundin oder Kunde");
/// The server.
pub const SYSTEM: Say = say("KYC Desk", "KYC Desk");
/// It was refused.
pub const REFUSED: Say = say("refused", "verweigert");
/// Nothing to show.
pub const EMPTY: Say = say("Nothing has happened yet.", "Noch ist nichts geschehen.");
/// Only who saw what.
pub const WHO_SAW: Say = say("Who saw what", "Wer was gesehen hat");
/// Nobody.
pub const NOBODY_SAW: Say =
    say("Nobody has opened or revealed anything yet.", "Bisher hat niemand etwas geöffnet oder eingesehen.");
/// Decisions.
pub const DECISIONS: Say = say("Decisions", "Entscheidungen");
/// No decision yet.
pub const NO_DECISIONS: Say = say("Nobody has decided yet.", "Noch hat niemand entschieden.");

/// Whether an action is about seeing.
pub fn is_seeing(action: &str) -> bool {
    matches!(action, "session_opened" | "field_revealed" | "document_viewed" | "access_refused" | "hint_mismatch")
}

/// Whether an action only keeps something going: recorded, and too frequent to be told.
pub fn is_routine(action: &str) -> bool {
    action == "lease_renewed"
}

/// What happened. None for an action that this widget does not know: its code is shown then.
pub fn action(code: &str) -> Option<Say> {
    work(code).or_else(|| machine(code))
}

/// What people did.
fn work(code: &str) -> Option<Say> {
    Some(match code {
        "session_opened" => say("Opened the session", "Sitzung geöffnet"),
        "lease_taken" => say("Took the session", "Sitzung übernommen"),
        "lease_taken_over" => say("Took the session over", "Sitzung von anderer Person übernommen"),
        "lease_released" => say("Gave the session back", "Sitzung zurückgegeben"),
        "field_revealed" => say("Saw in clear text", "Im Klartext gesehen"),
        "document_uploaded" => say("Photo uploaded", "Foto hochgeladen"),
        "image_received" => say("Picture from the provider", "Bild vom Prüfdienst"),
        "documents_sent" => say("Photos sent", "Fotos abgesendet"),
        "document_viewed" => say("Looked at the document", "Ausweis angesehen"),
        "recapture_requested" => say("Asked for a new photo", "Neue Aufnahme angefordert"),
        "recapture_withdrawn" => say("Took the request for a photo back", "Angeforderte Aufnahme zurückgenommen"),
        "checklist_marked" => say("Marked a check", "Prüfpunkt markiert"),
        "note_added" => say("Wrote a note", "Notiz geschrieben"),
        "escalated" => say("Called a supervisor", "Leitung hinzugezogen"),
        "unflagged" => say("Cleared the flag", "Markierung aufgehoben"),
        "proposed" => say("Sent to final approval", "Zur Freigabe gesendet"),
        "rejected" => say("Rejected", "Abgelehnt"),
        "could_not_verify" => say("Ended as could not verify", "Als nicht prüfbar beendet"),
        "approved" => say("Approved", "Freigegeben"),
        "returned" => say("Returned to the agent", "Zur Prüfung zurückgegeben"),
        "reopened" => say("Opened again", "Wieder geöffnet"),
        "hint_mismatch" => say("Link named another customer", "Link nannte andere Kundenkennung"),
        "access_refused" => say("Was refused access", "Zugriff verweigert"),
        _ => return None,
    })
}

/// What the customer, the provider and the server did.
fn machine(code: &str) -> Option<Say> {
    Some(match code {
        "session_created" => say("Session created", "Sitzung angelegt"),
        "provider_starting" => say("Provider is being asked", "Prüfdienst wird angefragt"),
        "provider_unreachable" => say("Provider could not be reached", "Prüfdienst nicht erreichbar"),
        "provider_started" => say("Provider started", "Prüfdienst gestartet"),
        "result_applied" => say("Result arrived", "Ergebnis eingetroffen"),
        "claims_received" => say("Application data received", "Antragsdaten erhalten"),
        "attempt_started" => say("Video attempt started", "Videoversuch begonnen"),
        "quality_reported" => say("Picture quality reported", "Bildqualität gemeldet"),
        "handed_over" => say("Handed over to a person", "An eine Person übergeben"),
        "resumed" => say("Customer came back", "Kundin oder Kunde ist zurück"),
        "link_issued" => say("Link for the customer issued", "Link ausgestellt"),
        "link_opened" => say("Customer opened the link", "Link geöffnet"),
        "consent_given" => say("Customer consented", "Einwilligung erteilt"),
        "document_submitted" => say("Document handed in", "Ausweis eingereicht"),
        "connected" => say("Customer connected", "Kundin oder Kunde verbunden"),
        "customer_connected" => say("Customer connected", "Verbindung hergestellt"),
        "connection_lost" => say("Connection lost", "Verbindung verloren"),
        "conversation_ended" => say("Conversation ended", "Gespräch beendet"),
        "expired" => say("Expired", "Abgelaufen"),
        "purged" => say("Deleted: its time was over", "Gelöscht: Aufbewahrungsfrist abgelaufen"),
        "provider_purged" => say("Deleted at the provider", "Beim Prüfdienst gelöscht"),
        "hold_placed" => say("Held by the bank", "Löschung von der Bank gesperrt"),
        "hold_lifted" => say("Hold lifted", "Sperre aufgehoben"),
        "abandoned" => say("Customer broke off", "Von der Kundin oder dem Kunden abgebrochen"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Lang;

    #[test]
    fn an_unknown_action_is_left_to_its_code() {
        assert!(action("something_new").is_none());
        assert_eq!(action("field_revealed").unwrap().to(Lang::En), "Saw in clear text");
    }

    #[test]
    fn who_saw_what_lists_openings_and_reveals_only() {
        assert!(is_seeing("field_revealed") && is_seeing("session_opened"));
        assert!(!is_seeing("note_added"));
    }
}
