//! Sentences of the page on which an administrator looks after sign-ins.

use kyc_wire::me::Role;
use kyc_wire::sign_ins::Browser;

use crate::text::{Count, Say, count, say};

/// The page, in the menu and as its heading.
pub const TITLE: Say = say("Sign-ins", "Anmeldungen");
/// How many people are signed in.
pub const PEOPLE: Count = count(
    say("{n} person is signed in.", "{n} Person ist angemeldet."),
    say("{n} people are signed in.", "{n} Personen sind angemeldet."),
);
/// There are more than are listed.
pub const MORE: Say = say(
    "There are more sign-ins than this page lists. The most recently active are here.",
    "Es gibt mehr Anmeldungen, als diese Seite zeigt. Die zuletzt aktiven stehen hier.",
);
/// Finds a person.
pub const SEARCH: Say = say("Find a person", "Person suchen");
/// Nobody of that name.
pub const NOBODY: Say = say("Nobody of this name is signed in.", "Niemand mit diesem Namen ist angemeldet.");
/// Reads the list again.
pub const REFRESH: Say = say("Refresh", "Aktualisieren");
/// Her own sign-in, which ends by signing out.
pub const MINE: Say = say("This is you, here and now.", "Das sind Sie, hier und jetzt.");
/// Where she came from, and since when.
pub const SINCE: Say = say("{browser} · {idp} · since {time}", "{browser} · {idp} · seit {time}");
/// Her last input.
pub const ACTIVE: Say = say("active {time} ago", "vor {time} aktiv");
/// Her last input was just now.
pub const ACTIVE_NOW: Say = say("active just now", "gerade aktiv");
/// Ends one.
pub const END: Say = say("End…", "Beenden…");
/// Ends one, as a screen reader says it.
pub const END_OF: Say = say("End the sign-in of {name}…", "Anmeldung von {name} beenden…");
/// Ends all of a person.
pub const END_ALL: Say = say("End all…", "Alle beenden…");
/// Ends all of a person, as a screen reader says it.
pub const END_ALL_OF: Say = say("End all sign-ins of {name}…", "Alle Anmeldungen von {name} beenden…");
/// What will happen.
pub const WHAT_ONE: Say = say(
    "{name} is signed out there at once. What was typed stays in that browser until {name} signs in again.",
    "{name} ist dort sofort abgemeldet. Was geschrieben wurde, bleibt in diesem Browser, bis sich {name} wieder anmeldet.",
);
/// What will happen.
pub const WHAT_ALL: Say = say(
    "{name} is signed out everywhere at once, and can sign in again as long as your bank's sign-in allows it.",
    "{name} ist sofort überall abgemeldet und kann sich wieder anmelden, solange die Anmeldung Ihrer Bank es erlaubt.",
);
/// Does it.
pub const CONFIRM: Say = say("End it now", "Jetzt beenden");
/// Does it to all.
pub const CONFIRM_ALL: Say = say("End all now", "Jetzt alle beenden");
/// It was done.
pub const DONE: Say = say("It has ended.", "Beendet.");
/// The page is not hers.
pub const NOT_YOURS: Say = say("This page is for administrators", "Diese Seite ist für die Administration");

/// A role, as people say it.
pub const fn role(role: Role) -> Say {
    match role {
        Role::Agent => say("Agent", "Prüfung"),
        Role::Supervisor => say("Supervisor", "Leitung"),
        Role::Auditor => say("Auditor", "Revision"),
        Role::Admin => say("Administrator", "Administration"),
    }
}

/// A browser by its name.
pub const fn browser(family: Browser) -> Say {
    match family {
        Browser::Chrome => say("Chrome", "Chrome"),
        Browser::Edge => say("Edge", "Edge"),
        Browser::Firefox => say("Firefox", "Firefox"),
        Browser::Safari => say("Safari", "Safari"),
        Browser::Other => say("Another browser", "Anderer Browser"),
    }
}
