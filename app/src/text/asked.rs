//! Words about what the customer is asked for now.

use crate::text::{Say, say};

/// Heading, where something is wanted again.
pub const AGAIN: Say = say("Asked for again", "Neu angefordert");
/// Heading, where the picture of the call is too poor.
pub const PICTURE: Say = say("On the customer's page", "Auf der Kundenseite");
/// Beside an item.
pub const OPEN: Say = say("not there yet", "noch nicht da");
/// Beside an item, while another one is missing.
pub const THERE: Say = say("has arrived", "ist da");
/// Said aloud when one comes.
pub const ARRIVED: Say = say("A new photo has arrived.", "Eine neue Aufnahme ist da.");
/// Puts it into the draft of the conversation.
pub const INTO_CHAT: Say = say("Put this into the chat", "Satz in den Chat übernehmen");
/// It lies in the draft.
pub const IN_CHAT: Say = say(
    "The sentence is in your draft. Send it when you are ready.",
    "Der Satz steht in Ihrem Entwurf. Senden Sie ihn, wenn Sie so weit sind.",
);
