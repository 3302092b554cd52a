//! Words around every page: menu, keys, connection, the end of a sign-in.

use crate::state::keys::Press;
use crate::state::viewer::Move;
use crate::text::{Say, say};

/// Name of the application, for titles only.
pub const NAME: Say = say("KYC Desk", "KYC Desk");
/// While the application starts.
pub const LOADING: Say = say("One moment…", "Einen Moment…");
/// Heading, heard only, of a page whose contents could not be had.
pub const NOT_SHOWN: Say = say("This cannot be shown right now", "Das lässt sich gerade nicht anzeigen");
/// Opens the menu.
pub const MENU: Say = say("Menu", "Menü");
/// Closes something.
pub const CLOSE: Say = say("Close", "Schließen");
/// Breaks something off.
pub const CANCEL: Say = say("Cancel", "Abbrechen");
/// Goes back.
pub const BACK: Say = say("Back", "Zurück");
/// Opens the list of keys.
pub const KEYS: Say = say("Keyboard shortcuts", "Tastenkürzel");
/// Switches single letters on or off.
pub const LETTERS: Say = say("Single-key shortcuts", "Kürzel mit einer Taste");
/// Explains that decisions need a second key.
pub const KEYS_HINT: Say = say(
    "Letters do nothing while you type. Decisions need the letter and then Enter.",
    "Beim Schreiben sind die Buchstaben ohne Wirkung. Entscheidungen brauchen den Buchstaben und dann die Eingabetaste.",
);
/// Chooses the language.
pub const LANGUAGE: Say = say("Language", "Sprache");
/// Chooses light or dark.
pub const THEME: Say = say("Appearance", "Darstellung");
/// As the device.
pub const THEME_AUTO: Say = say("Like the device", "Wie das Gerät");
/// Light.
pub const THEME_LIGHT: Say = say("Light", "Hell");
/// Dark.
pub const THEME_DARK: Say = say("Dark", "Dunkel");
/// Opens the page in a tab.
pub const POP_OUT: Say = say("Open in a tab", "In eigenem Tab öffnen");
/// Shows the interaction in the desktop around us.
pub const SHOW_INTERACTION: Say = say("Show the interaction in Genesys", "Interaktion in Genesys zeigen");
/// Ends the sign-in.
pub const SIGN_OUT: Say = say("Sign out", "Abmelden");
/// Who is signed in.
pub const SIGNED_IN_AS: Say = say("Signed in as {name}", "Angemeldet als {name}");
/// The agent's own list.
pub const MY_SESSIONS: Say = say("My sessions", "Meine Sitzungen");
/// The whole audit log, as it is verified.
pub const AUDIT_JSONL: Say = say("Audit log (JSON Lines)", "Protokoll (JSON Lines)");
/// The whole audit log, as it is read.
pub const AUDIT_CSV: Say = say("Audit log (CSV)", "Protokoll (CSV)");
/// The supervisors' page.
pub const REVIEW: Say = say("Review", "Prüfung");
/// The stream is lost.
pub const NOT_LIVE: Say = say(
    "Not live. Trying to reconnect; what you see may be out of date.",
    "Nicht live. Die Verbindung wird wiederhergestellt; die Anzeige ist vielleicht nicht aktuell.",
);
/// The stream is back.
pub const LIVE_AGAIN: Say = say("Live again.", "Wieder live.");
/// Tries something again.
pub const RETRY: Say = say("Try again", "Erneut versuchen");
/// The sign-in ends soon without activity.
pub const IDLE_SOON: Say = say(
    "You will be signed out in {time} because nothing has happened here.",
    "Sie werden in {time} abgemeldet, weil hier nichts geschehen ist.",
);
/// Keeps the sign-in.
pub const STAY: Say = say("Stay signed in", "Angemeldet bleiben");
/// The sign-in ends soon in any case.
pub const ABSOLUTE_SOON: Say = say(
    "Your sign-in ends in {time}. Finish what you are doing; you can sign in again at once.",
    "Ihre Anmeldung endet in {time}. Bringen Sie zu Ende, was Sie gerade tun; Sie können sich sofort neu anmelden.",
);
/// Signs in again while one is signed in.
pub const SIGN_IN_AGAIN: Say = say("Sign in again", "Neu anmelden");
/// The widget itself broke.
pub const BROKEN: Say = say(
    "Something went wrong in this page. Nothing you decided is lost. Load it again to go on.",
    "Auf dieser Seite ist ein Fehler aufgetreten. Ihre Entscheidungen sind gespeichert. Laden Sie die Seite neu.",
);

/// What a key does.
pub const fn key(press: Press) -> Say {
    match press {
        Press::Next => say("Next item", "Nächster Eintrag"),
        Press::Previous => say("Previous item", "Voriger Eintrag"),
        Press::Number(_) => say("Checklist line or reason with this number", "Prüfpunkt oder Grund mit dieser Nummer"),
        Press::Fail => say("Mark the focused check as failed", "Gewählten Prüfpunkt als nicht bestanden markieren"),
        Press::Reveal => say("Show the focused value", "Gewählten Wert anzeigen"),
        Press::Note => say("Write a note", "Notiz schreiben"),
        Press::Viewer => say("Look at the photos", "Fotos ansehen"),
        Press::Look(Move::In) => say("Photos larger", "Fotos größer"),
        Press::Look(Move::Out) => say("Photos smaller", "Fotos kleiner"),
        Press::Look(Move::Left) => say("Turn left; enlarged: to the left", "Nach links drehen; vergrößert: nach links"),
        Press::Look(Move::Right) => {
            say("Turn right; enlarged: to the right", "Nach rechts drehen; vergrößert: nach rechts")
        }
        Press::Look(_) => say("Fit the photos", "Fotos einpassen"),
        Press::Primary => say("The main action at the bottom", "Die Hauptaktion unten"),
        Press::AskAgain => say("Ask for a new photo", "Neue Aufnahme anfordern"),
        Press::Withdraw => say("Take back what you asked for again", "Neu Angefordertes zurücknehmen"),
        Press::PoorPicture => say("Picture too poor", "Bild zu schlecht"),
        Press::Escalate => say("Call a supervisor", "Leitung hinzuziehen"),
        Press::Reject => say("Reject", "Ablehnen"),
        Press::Search => say("Search", "Suchen"),
        Press::MySessions => say("My sessions", "Meine Sitzungen"),
        Press::Close => say("Close what is open", "Offenes schließen"),
        Press::Help => say("This list", "Diese Liste"),
    }
}
