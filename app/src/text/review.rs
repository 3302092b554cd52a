//! Sentences of the supervisors' page.

use kyc_wire::list::{Sort, View};
use kyc_wire::masked::Field;
use kyc_wire::session::Attention;

use crate::text::{Count, Lang, Say, count, facts, say};

/// The views.
pub const VIEWS: Say = say("Views", "Ansichten");
/// The rows.
pub const ROWS: Say = say("Sessions", "Sitzungen");
/// The field.
pub const SEARCH: Say = say("Search", "Suchen");
/// What can be searched for.
pub const SEARCH_HINT: Say = say("Find by id", "Kennung suchen");
/// The order.
pub const SORT: Say = say("Order", "Reihenfolge");
/// More rows.
pub const MORE: Say = say("Show more", "Mehr anzeigen");
/// New sessions.
pub const NEW: Count = count(say("1 new", "1 neue"), say("{n} new", "{n} neue"));
/// Sessions that left the view.
pub const REFRESH: Say = say("Refresh the list", "Liste auffrischen");
/// Left the view.
pub const GONE: Say = say("no longer in this view", "nicht mehr in dieser Ansicht");
/// No session in this view.
pub const EMPTY: Say = say(
    "Nothing here right now. New sessions appear by themselves.",
    "Hier ist gerade nichts. Neue Sitzungen erscheinen von selbst.",
);
/// Nothing found.
pub const NOT_FOUND: Say = say(
    "Nothing found. Search needs a whole customer or conversation id, or the start of a session id.",
    "Nichts gefunden. Gesucht wird nach einer ganzen Kunden- oder Gesprächskennung oder dem Anfang einer Sitzungskennung.",
);
/// Nothing is left by the filters.
pub const NO_MATCH: Say =
    say("Nothing fits what you search and filter for.", "Nichts passt zu dem, was Sie suchen und filtern.");
/// Takes search and filters back.
pub const CLEAR: Say = say("Clear search and filters", "Suche und Filter aufheben");
/// No session is open.
pub const CHOOSE: Say =
    say("Choose a session with j and k, then Enter.", "Wählen Sie eine Sitzung mit j und k, dann Eingabetaste.");
/// The longest wait.
pub const OLDEST: Say = say("Longest wait", "Längste Wartezeit");
/// Only sessions in this state.
pub const STATUS: Say = say("State", "Stand");
/// All states.
pub const ANY_STATUS: Say = say("Every state", "Jeder Stand");
/// Only sessions of this queue.
pub const QUEUE: Say = say("Queue", "Warteschlange");
/// All queues.
pub const ANY_QUEUE: Say = say("Every queue", "Jede Warteschlange");
/// It should have been acted on by now.
pub const LATE: Say = say("{time} overdue", "{time} überfällig");
/// Nobody holds it.
pub const NOBODY: Say = say("nobody", "niemand");
/// Heading of the strip.
pub const FLOOR: Say = say("How the floor is doing", "Wie es gerade läuft");
/// The customer is connected.
pub const CONNECTED: Say = say("connected", "verbunden");
/// Nothing wrong.
pub const CLEAN: Say = say("nothing stands out", "unauffällig");

/// A view.
pub const fn view(view: View) -> Say {
    match view {
        View::NeedsMyApproval => say("Needs my approval", "Meine Freigabe nötig"),
        View::Flagged => say("Flagged", "Markiert"),
        View::Live => say("Live now", "Jetzt verbunden"),
        View::Waiting => say("Waiting over 2 min", "Wartet über 2 min"),
        View::Overdue => say("Overdue", "Überfällig"),
        View::ProviderTrouble => say("Provider trouble", "Prüfdienst gestört"),
        View::RejectedToday => say("Rejected today", "Heute abgelehnt"),
        View::Mine => say("Mine", "Meine"),
        View::Open => say("All open", "Alle offenen"),
        View::All => say("Everything", "Alle"),
    }
}

/// An order.
pub const fn sort(sort: Sort) -> Say {
    match sort {
        Sort::Urgency => say("Most urgent", "Dringendste"),
        Sort::Newest => say("Newest", "Neueste"),
        Sort::Oldest => say("Oldest", "Älteste"),
    }
}

/// What is wrong, in three words.
pub fn attention(lang: Lang, attention: Attention) -> String {
    let about = |words: Say, thing: Say| words.with(lang, &[("it", thing.to(lang))]);
    match attention {
        Attention::Flagged => say("flagged", "markiert").to(lang).to_owned(),
        Attention::CheckFailed(group) => about(say("{it} failed", "{it} nicht bestanden"), facts::group(group)),
        Attention::Mismatch(field) => about(say("{it} differs", "{it} weicht ab"), field_name(field)),
        Attention::CheckReview(group) => about(say("{it}: look", "{it} ansehen"), facts::group(group)),
        Attention::NewCapture(group) => about(say("{it}: new photo", "{it}: neue Aufnahme"), facts::group(group)),
        Attention::ProviderSlow => say("provider slow", "Prüfdienst langsam").to(lang).to_owned(),
        Attention::ProviderDown => say("provider down", "Prüfdienst ausgefallen").to(lang).to_owned(),
        Attention::NoClaims => say("no application data", "keine Antragsdaten").to(lang).to_owned(),
    }
}

const fn field_name(field: Field) -> Say {
    facts::field(field)
}
