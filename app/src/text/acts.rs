//! What can be done: the words on buttons, and the one sentence that says what will happen.

use kyc_wire::session::{Act, Status};

use crate::state::act::Wait;
use crate::state::panel::Done;
use crate::text::{Count, Say, count, say};

/// The word on a button.
pub const fn label(act: Act) -> Say {
    match act {
        Act::Take => say("Take this session", "Sitzung übernehmen"),
        Act::TakeOver => say("Take over…", "Übernehmen…"),
        Act::Release => say("Give it back", "Zurückgeben"),
        Act::Reveal => say("Show", "Anzeigen"),
        Act::Mark => say("Mark", "Markieren"),
        Act::Note => say("Note", "Notiz"),
        Act::SendLink => say("Link for the customer", "Link für die Kundin oder den Kunden"),
        Act::Recapture => say("Ask again", "Neu anfordern"),
        Act::Withdraw => say("Take the request back", "Anforderung zurücknehmen"),
        Act::PoorPicture => say("Picture too poor", "Bild zu schlecht"),
        Act::Escalate => say("Escalate", "Leitung"),
        Act::Propose => say("Send to final approval", "Zur Freigabe senden"),
        Act::Reject => say("Reject…", "Ablehnen…"),
        Act::CouldNotVerify => say("Could not verify…", "Nicht prüfbar…"),
        Act::Approve => say("Approve", "Freigeben"),
        Act::Return => say("Return to the agent…", "Zurückgeben zur Prüfung…"),
        Act::Reopen => say("Open again…", "Wieder öffnen…"),
        Act::Unflag => say("Clear the flag", "Markierung aufheben"),
    }
}

/// What happens to the customer, and who sees it: shown before anything is sent.
pub const fn consequence(act: Act) -> Say {
    match act {
        Act::TakeOver => say(
            "Your colleague sees at once that you took over, and why.",
            "Ihre Kollegin oder Ihr Kollege sieht sofort, dass und warum Sie übernommen haben.",
        ),
        Act::Recapture => say(
            "The customer's page asks for this item only, with your reason; everything else is kept. You can go on talking, and take it back while nothing has arrived.",
            "Die Kundenseite bittet nur um diese Aufnahme und nennt den Grund; alles andere bleibt. Sie können weitersprechen und es zurücknehmen, solange nichts eingetroffen ist.",
        ),
        Act::Escalate => say(
            "The session goes to the top of the supervisors' list and leaves your hands. The customer is told nothing.",
            "Die Sitzung steht bei der Leitung ganz oben und liegt nicht mehr bei Ihnen. Nach außen wird nichts mitgeteilt.",
        ),
        Act::Propose => say(
            "A second person looks at it before the customer is verified. You cannot change it meanwhile.",
            "Eine zweite Person prüft, bevor die Kundin oder der Kunde freigegeben ist. Sie können dann nichts mehr ändern.",
        ),
        Act::Reject => say(
            "The verification ends as refused. The customer hears the agreed sentence for this reason, nothing more.",
            "Die Prüfung endet als abgelehnt. Nach außen gilt der für diesen Grund vereinbarte Satz, sonst nichts.",
        ),
        Act::CouldNotVerify => say(
            "The verification ends for technical reasons, without a judgement. The customer can start again.",
            "Die Prüfung endet aus technischen Gründen, ohne Urteil. Ein neuer Anlauf ist möglich.",
        ),
        other => of_supervisor(other),
    }
}

const fn of_supervisor(act: Act) -> Say {
    match act {
        Act::Approve => say(
            "The customer is verified, and the bank's system is told at once. Your name stands next to the agent's.",
            "Die Prüfung ist damit bestanden, und das System der Bank erfährt es sofort. Ihr Name steht neben dem der Bearbeitung.",
        ),
        Act::Return => say(
            "The session goes back to agent verification. The agent sees your reason.",
            "Die Sitzung geht zurück in die Prüfung. Die Bearbeitung sieht Ihren Grund.",
        ),
        Act::Reopen => say(
            "The session goes back to agent verification and needs a new approval. The bank's system is told.",
            "Die Sitzung geht zurück in die Prüfung und braucht eine neue Freigabe. Das System der Bank erfährt davon.",
        ),
        Act::Unflag => say(
            "The agent can decide again. It is recorded that you looked.",
            "Die Bearbeitung kann wieder entscheiden. Ihr Blick darauf wird festgehalten.",
        ),
        _ => say("", ""),
    }
}

/// The word on the button that really does it.
pub const fn confirm(act: Act) -> Say {
    match act {
        Act::TakeOver => say("Take over", "Übernehmen"),
        Act::Recapture => say("Ask for a new photo", "Neue Aufnahme anfordern"),
        Act::Escalate => say("Call a supervisor", "Leitung hinzuziehen"),
        Act::Reject => say("Reject", "Ablehnen"),
        Act::CouldNotVerify => say("End as could not verify", "Als nicht prüfbar beenden"),
        Act::Return => say("Return to the agent", "Zur Prüfung zurückgeben"),
        Act::Reopen => say("Open again", "Wieder öffnen"),
        other => label(other),
    }
}

/// What happened, once it has.
const fn done(act: Act) -> Say {
    match act {
        Act::Take | Act::TakeOver => say("The session is with you.", "Die Sitzung liegt bei Ihnen."),
        Act::Release => {
            say("Given back. The next free agent gets it.", "Zurückgegeben. Die nächste freie Person bekommt sie.")
        }
        Act::Recapture => say(
            "Asked. The customer's page shows it; the sentence for the chat stands above.",
            "Angefordert. Es steht auf der Kundenseite; der Satz für den Chat steht oben.",
        ),
        Act::Withdraw => say("Taken back. All is as it was.", "Zurückgenommen. Alles ist wie vorher."),
        Act::PoorPicture => say(
            "Reported. The customer's page says what stands above.",
            "Gemeldet. Auf der Kundenseite steht, was oben zu lesen ist.",
        ),
        Act::Escalate => say(
            "A supervisor is called. It is on top of their list.",
            "Die Leitung ist hinzugezogen. Es steht bei ihr ganz oben.",
        ),
        Act::Propose => say("Sent. A second person decides.", "Gesendet. Eine zweite Person entscheidet."),
        Act::Reject => say("Rejected.", "Abgelehnt."),
        Act::CouldNotVerify => say("Ended as could not verify.", "Als nicht prüfbar beendet."),
        Act::Approve => say("Approved.", "Freigegeben."),
        Act::Return => say("Returned to the agent.", "Zur Prüfung zurückgegeben."),
        Act::Reopen => say("Opened again.", "Wieder geöffnet."),
        Act::Unflag => say("The flag is cleared.", "Die Markierung ist aufgehoben."),
        Act::SendLink => say("The link is shown above.", "Der Link steht oben."),
        Act::Reveal | Act::Mark | Act::Note => say("Saved.", "Gespeichert."),
    }
}

/// What worked, in a sentence.
pub const fn told(what: Done) -> Say {
    match what {
        Done::Act(act) => done(act),
        Done::Note => super::session::NOTE_SAVED,
        Done::InChat => super::photos::IN_CHAT,
        Done::Asked => super::asked::IN_CHAT,
        Done::NobodyWaits => super::launch::NOBODY,
    }
}

/// Above the reasons.
pub const WHY: Say = say("Why?", "Warum?");
/// Above the items.
pub const WHAT: Say = say("What should be captured again?", "Was soll neu aufgenommen werden?");
/// Picks one with a key.
pub const PICK_HINT: Say = say("Press the number, then Enter.", "Ziffer drücken, dann Eingabetaste.");
/// No reason is configured.
pub const NO_REASONS: Say = say(
    "No reason is configured for this. Ask your administrator.",
    "Dafür ist kein Grund hinterlegt. Wenden Sie sich an die Administration.",
);
/// Opens the rest.
pub const MORE: Say = say("More", "Mehr");
/// While it is sent.
pub const SENDING: Say = say("Sending…", "Wird gesendet…");
/// Goes to the next open line of the checklist.
pub const NEXT_CHECK: Count = count(
    say("Do the last check", "Zum letzten Prüfpunkt"),
    say("Do the next check · {n} left", "Zum nächsten Prüfpunkt · noch {n}"),
);
/// Finished.
pub const NEXT_CUSTOMER: Say = super::launch::NEXT;

/// The word on the primary button where the case lacks what the customer does by her link.
pub const GET_LINK_CHECK: Say = say("Get the link for the liveness check", "Link zur Lebenderkennung anzeigen");
/// The same where she has done nothing yet.
pub const GET_LINK: Say = say("Get the link for the customer", "Link für die Kundin oder den Kunden anzeigen");

/// Why there is nothing to do.
pub const fn wait(wait: Wait) -> Say {
    match wait {
        Wait::Document => say("Waiting for the customer's document", "Wartet auf den Ausweis"),
        Wait::Again => say("Waiting for the new photo", "Wartet auf die neue Aufnahme"),
        Wait::Liveness => say("Waiting for the liveness check", "Wartet auf die Lebenderkennung"),
        Wait::SecondPerson => say("Waiting for a second person", "Wartet auf eine zweite Person"),
        Wait::OwnCase => say("A second person must approve this", "Eine zweite Person muss freigeben"),
        Wait::Flag => say("Waiting for a supervisor", "Wartet auf die Leitung"),
        Wait::ReadOnly => say("You can look, not change", "Sie können zusehen, nicht ändern"),
    }
}

/// What to do where the customer has not come by a link yet.
pub const WANTS_LINK: Say = say(
    "The customer checks document and face by a link. If it is missing, get it here and send it. The result appears here.",
    "Ausweis und Gesicht werden über einen Link geprüft. Fehlt er, zeigen Sie ihn hier an und senden Sie ihn. Das Ergebnis erscheint hier.",
);
/// What to say or do meanwhile, while the customer does her part.
pub const fn meanwhile(status: Status) -> Option<Say> {
    match status {
        Status::Created => Some(say(
            "Ask the customer to open the link and check document and face there. If it is missing, it is under “More”. The result appears here.",
            "Bitten Sie darum, den Link zu öffnen und dort Ausweis und Gesicht zu prüfen. Fehlt er, steht er unter „Mehr“. Das Ergebnis erscheint hier.",
        )),
        Status::DocumentSubmitted | Status::LivenessCheck => Some(say(
            "The customer looks into the camera now. The result appears here by itself.",
            "Jetzt folgt der Blick in die Kamera. Das Ergebnis erscheint hier von selbst.",
        )),
        _ => None,
    }
}

/// What somebody concluded, as a fact.
pub const fn decided(act: Act) -> Say {
    match act {
        Act::Propose => say("Sent to final approval", "Zur Freigabe gesendet"),
        Act::Reject => say("Rejected", "Abgelehnt"),
        Act::CouldNotVerify => say("Ended as could not verify", "Als nicht prüfbar beendet"),
        Act::Approve => say("Approved", "Freigegeben"),
        Act::Return => say("Returned to the agent", "Zur Prüfung zurückgegeben"),
        Act::Reopen => say("Opened again", "Wieder geöffnet"),
        other => label(other),
    }
}
