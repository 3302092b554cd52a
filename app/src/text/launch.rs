//! Sentences for the ways in which the widget can be opened.

use crate::text::{Count, Say, count, say};

/// The host left placeholders in the address.
pub const NOT_FILLED: Say = say("Genesys did not fill in this address", "Genesys hat diese Adresse nicht ausgefüllt");
/// What that means.
pub const NOT_FILLED_WHY: Say = say(
    "The address still contains placeholders in double braces. Genesys replaces them only inside an interaction widget, not in a tab.",
    "Die Adresse enthält noch Platzhalter in doppelten Klammern. Genesys ersetzt sie nur in einem Interaktions-Widget, nicht in einem Tab.",
);
/// Which they are.
pub const NOT_FILLED_WHICH: Say = say("Not filled in: {names}", "Nicht ausgefüllt: {names}");
/// What the administrator does.
pub const NOT_FILLED_DO: Say = say(
    "Ask your administrator to check the application type (it must be “Interaction Widget”) and the spelling of the placeholders. Meanwhile you can work from your own list.",
    "Bitten Sie die Administration, den Anwendungstyp („Interaction Widget“) und die Schreibweise der Platzhalter zu prüfen. Bis dahin können Sie mit Ihrer eigenen Liste arbeiten.",
);
/// The id in the address is none.
pub const BAD_ID: Say = say("This address does not name a session", "Diese Adresse nennt keine Sitzung");
/// What to do.
pub const BAD_ID_DO: Say = say(
    "The session id in the address is damaged. Open the session from the interaction again, or from your list.",
    "Die Sitzungskennung in der Adresse ist beschädigt. Öffnen Sie die Sitzung erneut aus der Interaktion oder aus Ihrer Liste.",
);
/// Not there, or not for her.
pub const NOT_FOUND: Say = say("There is no such session for you", "Diese Sitzung gibt es für Sie nicht");
/// What to do.
pub const NOT_FOUND_DO: Say = say(
    "It may belong to another queue, be deleted, or the link is wrong. If the customer is on the line, start from the interaction, or ask a supervisor.",
    "Vielleicht gehört sie zu einer anderen Warteschlange, ist gelöscht, oder der Link stimmt nicht. Wenn die Kundin oder der Kunde wartet, beginnen Sie bei der Interaktion oder fragen Sie die Leitung.",
);
/// Session and customer do not belong together.
pub const MISMATCH: Say = say("This link mixes two cases", "Dieser Link vermischt zwei Fälle");
/// What to do.
pub const MISMATCH_DO: Say = say(
    "The customer in the link does not belong to the session in the link, so nothing was opened. It was recorded. Open the session from the interaction instead.",
    "Die Kundenkennung im Link gehört nicht zur Sitzung im Link; deshalb wurde nichts geöffnet. Das wurde festgehalten. Öffnen Sie die Sitzung stattdessen aus der Interaktion.",
);
/// A conversation without a session.
pub const NO_SESSION: Say =
    say("No verification for this conversation yet", "Zu diesem Gespräch gibt es noch keine Prüfung");
/// Why, and what can be done.
pub const NO_SESSION_DO: Say = say(
    "The flow has not created one, or it failed. You can start it here and send the link; the customer gets the same steps by it.",
    "Der Ablauf hat keine angelegt oder ist gescheitert. Sie können sie hier starten und den Link senden; er führt durch dieselben Schritte.",
);
/// The bank's opaque customer id.
pub const CUSTOMER_ID: Say = say("Customer id", "Kundenkennung");
/// What it is not.
pub const CUSTOMER_ID_HINT: Say = say(
    "The bank's own id, as in the CRM. No name, e-mail or card number.",
    "Die Kennung der Bank, wie im CRM. Kein Name, keine E-Mail-Adresse, keine Kartennummer.",
);
/// The queue.
pub const QUEUE: Say = say("Queue", "Warteschlange");
/// The language in which the customer reads.
pub const LANGUAGE: Say = say("The customer's language", "Sprache der Kundin oder des Kunden");
/// Above the form, where one ended without a judgement.
pub const ANEW: Say =
    say("Start another verification for this customer", "Neue Prüfung für diese Kundenkennung starten");
/// Starts the session.
pub const START: Say = say("Start verification", "Prüfung starten");
/// Nothing was asked for.
pub const HOME_HINT: Say = say(
    "Sessions you hold are listed here. Inside an interaction, the right one opens by itself.",
    "Hier stehen die Sitzungen, die Sie bearbeiten. In einer Interaktion öffnet sich die richtige von selbst.",
);
/// An empty list.
pub const HOME_EMPTY: Say = say("You hold no session right now.", "Sie bearbeiten gerade keine Sitzung.");
/// How many wait.
pub const WAITING: Count = count(
    say("1 session waits for an agent", "1 Sitzung wartet auf Bearbeitung"),
    say("{n} sessions wait for an agent", "{n} Sitzungen warten auf Bearbeitung"),
);
/// Takes the oldest.
pub const NEXT: Say = say("Take the next customer", "Nächste Sitzung übernehmen");
/// Nobody waits.
pub const NOBODY: Say =
    say("Nobody is waiting. You can leave this open.", "Niemand wartet. Sie können diese Seite offen lassen.");
/// Not for her roles.
pub const NOT_YOURS: Say = say("This page is for supervisors and auditors", "Diese Seite ist für Leitung und Revision");
/// What to do.
pub const NOT_YOURS_DO: Say =
    say("Your own sessions are one click away.", "Ihre eigenen Sitzungen sind einen Klick entfernt.");
