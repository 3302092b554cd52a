//! Sentences of the sign-in.

use crate::text::{Say, say};
use kyc_wire::me::RefusalCode;

/// Heading.
pub const TITLE: Say = say("Sign in to verify", "Zum Prüfen anmelden");
/// Heading after the sign-in ended.
pub const ENDED: Say = say("You are signed out", "Sie sind abgemeldet");
/// What will happen.
pub const HOW: Say = say(
    "A small window opens with your company sign-in. It closes by itself when you are done.",
    "Ein kleines Fenster mit Ihrer Firmenanmeldung öffnet sich. Es schließt sich von selbst, wenn Sie fertig sind.",
);
/// What was typed is still there.
pub const KEPT: Say = say(
    "What you typed is kept. Sign in again to go on where you were.",
    "Was Sie geschrieben haben, bleibt erhalten. Melden Sie sich wieder an, um weiterzumachen.",
);
/// The button.
pub const BUTTON: Say = say("Sign in", "Anmelden");
/// The button for one of several identity providers.
pub const BUTTON_WITH: Say = say("Sign in with {idp}", "Anmelden mit {idp}");
/// While the window is open.
pub const WAITING: Say =
    say("Finish signing in in the small window.", "Schließen Sie die Anmeldung im kleinen Fenster ab.");
/// The window looks closed.
pub const LOOKS_CLOSED: Say = say(
    "The window seems to be closed. If you finished signing in, this takes a moment. Otherwise start again.",
    "Das Fenster scheint geschlossen zu sein. Wenn Sie die Anmeldung beendet haben, dauert es noch einen Moment. Sonst beginnen Sie neu.",
);
/// Starts again.
pub const AGAIN: Say = say("Start again", "Neu beginnen");
/// The browser blocked the window.
pub const BLOCKED: Say =
    say("Your browser did not let the sign-in window open.", "Ihr Browser hat das Anmeldefenster nicht geöffnet.");
/// What to do about it.
pub const BLOCKED_DO: Say = say(
    "Allow pop-ups for this page and try again, or open KYC Desk in its own tab. If it happens to everybody, ask your administrator to allow pop-ups in the integration's sandbox settings.",
    "Erlauben Sie Pop-ups für diese Seite und versuchen Sie es erneut, oder öffnen Sie KYC Desk in einem eigenen Tab. Wenn es alle betrifft, bitten Sie die Administration, Pop-ups in den Sandbox-Einstellungen der Integration zu erlauben.",
);
/// The window has our sandbox, and is suspect.
pub const SANDBOXED: Say = say(
    "Does the small window stay empty or show an error?",
    "Bleibt das kleine Fenster leer, oder zeigt es einen Fehler?",
);
/// What to do about it.
pub const SANDBOXED_DO: Say = say(
    "Genesys restricts the windows that KYC Desk opens, and your company sign-in may refuse to load in one. Ask your administrator to add “allow-popups-to-escape-sandbox” to the “Iframe Sandbox Options” of this integration in Genesys Cloud. Until then, open KYC Desk in its own tab.",
    "Genesys schränkt die Fenster ein, die KYC Desk öffnet, und Ihre Firmenanmeldung lädt darin möglicherweise nicht. Bitten Sie die Administration, in Genesys Cloud bei dieser Integration unter „Iframe Sandbox Options“ die Option „allow-popups-to-escape-sandbox“ hinzuzufügen. Öffnen Sie KYC Desk bis dahin in einem eigenen Tab.",
);
/// The window is open and cannot be spoken to.
pub const OUT_OF_REACH: Say = say(
    "The sign-in window opened, but it cannot reach KYC Desk.",
    "Das Anmeldefenster ist offen, kann KYC Desk aber nicht erreichen.",
);
/// What to do about it.
pub const OUT_OF_REACH_DO: Say = say(
    "The page around KYC Desk keeps its windows apart (Cross-Origin-Opener-Policy: same-origin). Close the small window and open KYC Desk in its own tab. Tell your administrator, so that it works here too.",
    "Die Seite, in der KYC Desk läuft, trennt ihre Fenster voneinander (Cross-Origin-Opener-Policy: same-origin). Schließen Sie das kleine Fenster und öffnen Sie KYC Desk in einem eigenen Tab. Sagen Sie der Administration Bescheid, damit es auch hier geht.",
);
/// Starts again, with a code.
pub const BY_CODE: Say = say("Sign in with a code", "Mit einem Code anmelden");
/// Above the code.
pub const TYPE_CODE: Say = say(
    "Type this code in the small window. It is valid for three minutes.",
    "Geben Sie diesen Code im kleinen Fenster ein. Er gilt drei Minuten.",
);
/// Below the code.
pub const CODE_IS_YOURS: Say = say(
    "Keep it to yourself: whoever has it typed by somebody else signs in as them.",
    "Behalten Sie ihn für sich: Wer ihn von jemand anderem eingeben lässt, meldet sich mit dessen Konto an.",
);
/// Nothing came.
pub const TIMED_OUT: Say = say(
    "The sign-in took longer than five minutes and was closed for safety. Start again.",
    "Die Anmeldung hat länger als fünf Minuten gedauert und wurde zur Sicherheit beendet. Beginnen Sie neu.",
);
/// The cookie does not stick.
pub const COOKIES: Say =
    say("Your browser does not keep the sign-in here", "Ihr Browser behält die Anmeldung hier nicht");
/// What to do about it.
pub const COOKIES_DO: Say = say(
    "You signed in, but this browser blocks the cookie that remembers it inside another page. Allow cookies for this address, use Chrome or Edge 140, Firefox 141 or Safari 26.2 or newer, or open KYC Desk in its own tab.",
    "Sie haben sich angemeldet, aber dieser Browser blockiert innerhalb einer anderen Seite das Cookie dafür. Erlauben Sie Cookies für diese Adresse, verwenden Sie Chrome oder Edge ab 140, Firefox ab 141 oder Safari ab 26.2, oder öffnen Sie KYC Desk in einem eigenen Tab.",
);

/// Before an act that asks for a fresh proof.
pub const PROVE: Say = say(
    "Your bank wants you to confirm first that it is you. Nothing is lost: it goes on by itself.",
    "Ihre Bank möchte vorher, dass Sie sich noch einmal ausweisen. Nichts geht verloren: Danach geht es von selbst weiter.",
);
/// Opens the window for it.
pub const PROVE_BUTTON: Say = say("Confirm it is you", "Identität bestätigen");

/// After signing out here: the identity provider still knows the browser.
pub const AT_IDP: Say = say(
    "Your bank's sign-in still knows this browser, for here and for other applications. If others use this computer, end it too.",
    "Die Anmeldung Ihrer Bank kennt diesen Browser noch, hier und in anderen Anwendungen. Wenn andere diesen Computer benutzen, beenden Sie auch sie.",
);
/// Ends it there.
pub const AT_IDP_BUTTON: Say = say("Sign out at the bank too", "Auch bei der Bank abmelden");

/// Why a sign-in was refused, and what to do.
pub const fn refused(code: RefusalCode) -> Say {
    match code {
        RefusalCode::NoRole => say(
            "Your company account works, but it has no access to KYC Desk. Ask your administrator for the right role.",
            "Ihr Firmenkonto funktioniert, hat aber keinen Zugang zu KYC Desk. Bitten Sie die Administration um die passende Rolle.",
        ),
        RefusalCode::Refused => say(
            "Your company sign-in said no, or its answer could not be verified. Try again; if it happens twice, tell your administrator.",
            "Ihre Firmenanmeldung hat abgelehnt, oder ihre Antwort ließ sich nicht prüfen. Versuchen Sie es erneut; beim zweiten Mal wenden Sie sich an die Administration.",
        ),
        RefusalCode::Unreachable => say(
            "Your company sign-in cannot be reached right now. Your work here is safe. Try again in a minute.",
            "Ihre Firmenanmeldung ist gerade nicht erreichbar. Ihre Arbeit hier ist sicher. Versuchen Sie es in einer Minute erneut.",
        ),
        RefusalCode::OtherPerson => say(
            "Somebody else signed in in the window. Confirm with the account you are signed in with here.",
            "Im Fenster hat sich jemand anderes angemeldet. Bestätigen Sie mit dem Konto, mit dem Sie hier angemeldet sind.",
        ),
        RefusalCode::NotProven => say(
            "Your company sign-in did not confirm it strongly enough. Try again; if it happens twice, tell your administrator.",
            "Ihre Firmenanmeldung hat das nicht stark genug bestätigt. Versuchen Sie es erneut; beim zweiten Mal wenden Sie sich an die Administration.",
        ),
        RefusalCode::Unknown => say(
            "The sign-in was refused. Try again; if it happens twice, tell your administrator.",
            "Die Anmeldung wurde abgelehnt. Versuchen Sie es erneut; beim zweiten Mal wenden Sie sich an die Administration.",
        ),
    }
}
