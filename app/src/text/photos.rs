//! Words about photos, and the link to her page.

use kyc_wire::photo::{Photo, PhotoSource};
use kyc_wire::session::CaptureItem;

use crate::state::viewer::Move;
use crate::text::{Say, facts, say};

/// Heading.
pub const TITLE: Say = say("Photos", "Fotos");
/// Opens them.
pub const LOOK: Say = say("Look at the photos…", "Fotos ansehen…");
/// For how long they are shown.
pub const LEFT: Say = say("Gone in {time}", "Weg in {time}");
/// Takes them away.
pub const HIDE: Say = say("Put away", "Weglegen");
/// They are gone.
pub const GONE: Say = say("The photos are put away.", "Die Fotos sind weggelegt.");
/// The link.
pub const LINK: Say = say("Link for the customer", "Link für die Kundin oder den Kunden");
/// Puts it into the draft of the conversation.
pub const INTO_CHAT: Say = say("Put into the chat", "In den Chat übernehmen");
/// It is there.
pub const IN_CHAT: Say = say(
    "The link is in your draft. Send it when you are ready.",
    "Der Link steht in Ihrem Entwurf. Senden Sie ihn, wenn Sie so weit sind.",
);
/// What the link is.
pub const LINK_HINT: Say = say(
    "It leads to the consent, to the check of document and face, and to photos. Whoever has it is taken for the customer.",
    "Er führt zur Einwilligung, zur Prüfung von Ausweis und Gesicht und zu den Fotos. Wer ihn hat, gilt als die Kundin oder der Kunde.",
);
/// Takes it back and issues another.
pub const NEW_LINK: Say = say("Replace it; this one ends", "Ersetzen; dieser gilt dann nicht mehr");

/// What a photo shows, and who handed it over.
pub const fn photo(of: Photo) -> Say {
    match (of.source, of.item) {
        (PhotoSource::Customer, item) => facts::capture(item),
        (PhotoSource::Provider, CaptureItem::DocumentFront) => {
            say("Front of the document, from the provider", "Vorderseite des Ausweises, vom Prüfdienst")
        }
        (PhotoSource::Provider, CaptureItem::DocumentBack) => {
            say("Back of the document, from the provider", "Rückseite des Ausweises, vom Prüfdienst")
        }
        (PhotoSource::Provider, CaptureItem::Face) => say("Face, from the provider", "Gesicht, vom Prüfdienst"),
    }
}

/// What a button does.
pub const fn button(to: Move) -> Say {
    match to {
        Move::In => say("Larger", "Größer"),
        Move::Out => say("Smaller", "Kleiner"),
        Move::Fit => say("Fit", "Einpassen"),
        Move::Left => say("Left", "Links"),
        Move::Right => say("Right", "Rechts"),
        Move::Up => say("Up", "Hoch"),
        Move::Down => say("Down", "Runter"),
        Move::Turn => say("Turn", "Drehen"),
    }
}
