//! Sentences of the session page.

use crate::text::{Count, Say, count, say};

/// Heading of what is wrong.
pub const NEEDS: Count =
    count(say("1 thing needs you", "1 Punkt zu klären"), say("{n} things need you", "{n} Punkte zu klären"));
/// The same on a finished session.
pub const NOTED: Count =
    count(say("1 thing was noted", "1 Auffälligkeit"), say("{n} things were noted", "{n} Auffälligkeiten"));
/// Nothing is wrong.
pub const NOTHING: Say = say("Nothing stands out", "Nichts Auffälliges");
/// Nothing is known yet.
pub const NOTHING_YET: Say =
    say("No results yet. They appear here by themselves.", "Noch keine Ergebnisse. Sie erscheinen hier von selbst.");
/// Fields that agree.
pub const AGREE: Say = say("{n} of {all} fields agree", "{n} von {all} Angaben stimmen überein");
/// Only the claim has it.
pub const ONLY_CLAIMED: Say = say("not on the document", "nicht im Ausweis");
/// Only the document has it.
pub const ONLY_ON_DOCUMENT: Say = say("not in the application", "nicht im Antrag");
/// Agrees.
pub const AGREES: Say = say("agrees", "stimmt überein");
/// There is no value.
pub const NO_VALUE: Say = say("not given", "keine Angabe");
/// Attempt.
pub const ATTEMPT: Say = say("attempt {n}/{all}", "Versuch {n}/{all}");
/// Held by someone else.
pub const HELD_BY: Say = say("{name} works on this", "{name} bearbeitet dies");
/// Held by the caller.
pub const HELD_BY_ME: Say = say("with you", "bei Ihnen");
/// Name of the opaque customer id.
pub const CUSTOMER: Say = say("Customer", "Kundenkennung");
/// The customer's clock.
pub const CLOCK: Say =
    say("Time left for the customer's part", "Verbleibende Zeit für den Teil der Kundin oder des Kunden");
/// The clock stands.
pub const CLOCK_PAUSED: Say = say("paused", "angehalten");
/// Not connected yet.
pub const NOT_CONNECTED: Say =
    say("The customer has not connected yet.", "Die Kundin oder der Kunde ist noch nicht verbunden.");
/// Until when she must.
pub const CONNECT_BY: Say = say("{time} left to do so.", "Dafür noch {time}.");
/// Connection lost.
pub const LOST: Say = say(
    "The customer's connection is lost for {time}.",
    "Die Verbindung zur Kundin oder zum Kunden ist seit {time} weg.",
);
/// Until when she can come back.
pub const RESUME_BY: Say = say(
    "The clock is paused; keep the line open. The same session can be resumed for {time}.",
    "Die Uhr steht; bleiben Sie dran. Dieselbe Sitzung kann noch {time} fortgesetzt werden.",
);
/// She has handed in everything.
pub const NOTHING_EXPIRES: Say = say(
    "Keep the line open. Everything she handed in is here, and nothing expires.",
    "Bleiben Sie dran. Alles Eingereichte ist da, und nichts läuft ab.",
);
/// The document has expired.
pub const EXPIRED: Say = say("The document is no longer valid", "Der Ausweis ist nicht mehr gültig");
/// What to do.
pub const EXPIRED_DO: Say = say(
    "It expired on {date}. Ask for another document; this one is accepted only if your policy says so.",
    "Er ist am {date} abgelaufen. Bitten Sie um einen anderen Ausweis; dieser gilt nur, wenn Ihre Richtlinie es erlaubt.",
);
/// Flagged.
pub const FLAGGED: Say = say("Flagged for a supervisor: {reason}", "Für die Leitung markiert: {reason}");
/// The provider changed its mind.
pub const CHANGED_ITS_MIND: Say =
    say("the provider changed its result afterwards", "der Prüfdienst hat sein Ergebnis nachträglich geändert");
/// What to do.
pub const FLAGGED_DO: Say = say(
    "A supervisor looks at it and clears the flag. You can keep talking to the customer.",
    "Die Leitung sieht es sich an und hebt die Markierung auf. Sie können weitersprechen.",
);
/// What to do, for whoever may clear the flag.
pub const FLAGGED_YOURS: Say = say(
    "You were asked to look. Clear the flag to hand it back, or take the session over.",
    "Sie wurden um einen Blick gebeten. Heben Sie die Markierung auf, oder übernehmen Sie die Sitzung.",
);
/// The provider is slow.
pub const SLOW: Say = say("{provider} has not answered for {time}", "{provider} antwortet seit {time} nicht");
/// What to do.
pub const SLOW_DO: Say = say(
    "You can keep talking; the result appears here. Or ask for a new photo.",
    "Sie können weitersprechen; das Ergebnis erscheint hier. Oder fordern Sie eine neue Aufnahme an.",
);
/// The provider is down.
pub const DOWN: Say = say("{provider} cannot be reached", "{provider} ist nicht erreichbar");
/// What to do.
pub const DOWN_DO: Say = say(
    "We keep trying. Nothing is lost; the customer may stay on the line or come back later.",
    "Wir versuchen es weiter. Es geht nichts verloren; die Kundin oder der Kunde kann dranbleiben oder später wiederkommen.",
);
/// Nothing to compare with.
pub const NO_CLAIMS: Say = say("There is no application to compare with", "Es liegt kein Antrag zum Vergleichen vor");
/// What to do.
pub const NO_CLAIMS_DO: Say = say(
    "The bank's system has not sent what the customer applied with. Compare with your own system, and note that you did.",
    "Das System der Bank hat die Antragsdaten nicht geschickt. Vergleichen Sie mit Ihrem eigenen System und notieren Sie das.",
);
/// Introduces what to look at.
pub const LOOK_AT: Say = say("Look at: {what}", "Achten Sie auf: {what}");
/// Introduces the provider's code.
pub const CODE: Say = say("{provider} code", "Code von {provider}");
/// Valid until.
pub const VALID_UNTIL: Say = say("valid until {date}", "gültig bis {date}");
/// Expired.
pub const EXPIRED_ON: Say = say("expired on {date}", "abgelaufen am {date}");
/// Heading of the checks.
pub const CHECKS: Say = say("Results", "Ergebnisse");
/// Heading of the checklist.
pub const CHECKLIST: Say = say("Your checks", "Ihre Prüfpunkte");
/// The same for whoever reviews them.
pub const CHECKLIST_SEEN: Say = say("The agent's checks", "Prüfpunkte der Bearbeitung");
/// How many are done.
pub const DONE_OF: Say = say("{n} of {all}", "{n} von {all}");
/// A mark.
pub const MARK_PASSED: Say = say("In order", "In Ordnung");
/// A mark.
pub const MARK_FAILED: Say = say("Not in order", "Nicht in Ordnung");
/// Take the session first.
pub const TAKE_FIRST: Say = say("Take the session to mark these.", "Übernehmen Sie die Sitzung, um zu markieren.");
/// Heading of the notes.
pub const NOTES: Say = say("Notes", "Notizen");
/// No notes.
pub const NO_NOTES: Say = say("No notes yet.", "Noch keine Notizen.");
/// The note's field.
pub const NOTE_LABEL: Say = say("Write a note", "Notiz schreiben");
/// What becomes of it.
pub const NOTE_HINT: Say = say(
    "Colleagues on this case read it. Numbers and addresses are masked.",
    "Wer an diesem Fall arbeitet, liest mit. Nummern und Adressen werden maskiert.",
);
/// Saves it.
pub const NOTE_SAVE: Say = say("Save note", "Notiz speichern");
/// Saved.
pub const NOTE_SAVED: Say = say("Note saved.", "Notiz gespeichert.");
/// Heading of the timeline.
pub const TIMELINE: Say = say("Timeline", "Verlauf");
/// Heading of the retention clocks.
pub const RETENTION: Say = say("Deleted by itself", "Wird von selbst gelöscht");
/// A class of data.
pub fn class(code: &str) -> Say {
    match code {
        "documents" => say("Photos", "Fotos"),
        "interaction" => say("Link to the conversation", "Verknüpfung mit dem Gespräch"),
        _ => say("Values and notes", "Werte und Notizen"),
    }
}
/// In the future.
pub const IN: Say = say("in {time}", "in {time}");
/// In the future, because the bank wants it kept.
pub const HELD: Say = say("in {time}, held by the bank", "in {time}, von der Bank gesperrt");
/// Once the session is finished.
pub const AFTER_END: Say = say("after the end", "nach Abschluss");
/// The provider's own console.
pub const CONSOLE: Say = say("Open in {provider}", "In {provider} öffnen");

/// The eye button.
pub const REVEAL: Say = say("Show {field} ({origin})", "{field} anzeigen ({origin})");
/// Above the reasons.
pub const REVEAL_WHY: Say =
    say("Why do you need to see it? It is recorded.", "Wozu brauchen Sie den Wert? Es wird festgehalten.");
/// Hides it at once.
pub const HIDE: Say = say("Hide now", "Jetzt verbergen");
/// For how long.
pub const VISIBLE_FOR: Say = say("Visible for {time}", "Noch {time} sichtbar");
/// Shows both sides.
pub const REVEAL_BOTH: Say = say("Show both…", "Beide anzeigen…");
/// Said aloud when it vanishes.
pub const HIDDEN_AGAIN: Say = say("Hidden again.", "Wieder verborgen.");
/// Shown over the desktop when a result comes while the agent looks elsewhere.
pub const TOAST_RESULT: Say = say("There is news on the session you hold.", "Zu Ihrer Sitzung gibt es Neues.");
