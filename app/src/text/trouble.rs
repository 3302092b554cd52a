//! What went wrong, as a next step: never a raw status, never a dead end.

use crate::state::trouble::Trouble;
use crate::text::{Say, say};
use kyc_wire::problem::ProblemCode;

/// The request's id, for the log.
pub const REFERENCE: Say = say("Reference for support: {id}", "Kennung für den Support: {id}");

/// Somebody else works on the session.
pub const THEIRS: Say = say(
    "A colleague works on this session now. You can follow it here, or take it over with a reason.",
    "Eine Kollegin oder ein Kollege bearbeitet diese Sitzung. Sie können zusehen oder sie mit Begründung übernehmen.",
);

/// What one person may see of a case, or ask for, is used up.
const USED_UP: Say = say(
    "What your bank lets one person see or ask for in this case is used up.",
    "Was Ihre Bank einer Person in diesem Fall zu sehen oder anzufordern erlaubt, ist ausgeschöpft.",
);

/// The same with what to do: whoever cannot call a supervisor is one.
pub const fn used_up(can_escalate: bool) -> Say {
    if can_escalate {
        return say(
            "What your bank lets one person see or ask for in this case is used up. Escalate it: a supervisor can look herself.",
            "Was Ihre Bank einer Person in diesem Fall zu sehen oder anzufordern erlaubt, ist ausgeschöpft. Ziehen Sie die Leitung hinzu, die selbst nachsehen kann.",
        );
    }
    say(
        "What your bank lets one person see or ask for in this case is used up. Decide by what is here, or leave it to a colleague.",
        "Was Ihre Bank einer Person in diesem Fall zu sehen oder anzufordern erlaubt, ist ausgeschöpft. Entscheiden Sie nach dem, was hier steht, oder überlassen Sie es anderen.",
    )
}

/// The sentence for a trouble.
pub fn sentence(trouble: &Trouble) -> Say {
    match trouble {
        Trouble::Refused(problem) => refused(problem.code),
        Trouble::NoAnswer => say(
            "KYC Desk does not answer. You can keep talking; nothing you decided is lost. Try again in a moment.",
            "KYC Desk antwortet nicht. Sie können weitersprechen; Ihre Entscheidungen sind gespeichert. Versuchen Sie es gleich noch einmal.",
        ),
        Trouble::Unreadable { .. } => say(
            "KYC Desk answered in a way this page does not understand. Load the page again; it may have been updated.",
            "KYC Desk hat auf eine Weise geantwortet, die diese Seite nicht versteht. Laden Sie die Seite neu; vielleicht wurde sie aktualisiert.",
        ),
        Trouble::Aborted => say("", ""),
    }
}

fn refused(code: ProblemCode) -> Say {
    case(code).unwrap_or_else(|| request(code))
}

/// Refusals that are about the case.
fn case(code: ProblemCode) -> Option<Say> {
    Some(match code {
        ProblemCode::StaleVersion => say(
            "This session changed while you were looking. It is up to date now: look again, then decide.",
            "Die Sitzung hat sich währenddessen geändert. Sie ist jetzt aktuell: Sehen Sie noch einmal hin und entscheiden Sie dann.",
        ),
        ProblemCode::InvalidTransition => say(
            "This is not possible any more: the session has moved on. What you see now is up to date.",
            "Das ist nicht mehr möglich: Die Sitzung ist weitergegangen. Die Anzeige ist jetzt aktuell.",
        ),
        ProblemCode::HeldByColleague => THEIRS,
        ProblemCode::NotHolder => say(
            "You do not hold this session any more. Take it again to go on.",
            "Sie bearbeiten diese Sitzung nicht mehr. Übernehmen Sie sie erneut, um weiterzumachen.",
        ),
        ProblemCode::OtherConversation => say(
            "This session goes on in another conversation.",
            "Diese Sitzung wird in einem anderen Gespräch fortgesetzt.",
        ),
        ProblemCode::OwnCase => say(
            "You took part in this case, so a second person must approve it.",
            "Sie waren an diesem Fall beteiligt; eine zweite Person muss ihn freigeben.",
        ),
        ProblemCode::Incomplete => say(
            "Something is missing before this can be done. The panel shows what.",
            "Vorher fehlt noch etwas. Die Ansicht zeigt, was.",
        ),
        ProblemCode::AlreadyExists => say(
            "There is a session for this already. Open it from your list.",
            "Dazu gibt es schon eine Sitzung. Öffnen Sie sie aus Ihrer Liste.",
        ),
        ProblemCode::LimitReached => USED_UP,
        ProblemCode::CustomerMismatch => super::launch::MISMATCH_DO,
        ProblemCode::NotFound => super::launch::NOT_FOUND_DO,
        _ => return desktop(code),
    })
}

/// Refusals that come of the contact centre.
fn desktop(code: ProblemCode) -> Option<Say> {
    Some(match code {
        ProblemCode::NotOnConversation => say(
            "Genesys does not name you among the agents of this conversation. Answer it first, then start again; if you did, your sign-in has another address than your Genesys user.",
            "Genesys nennt Sie nicht unter den Beteiligten dieser Interaktion. Nehmen Sie sie zuerst an und beginnen Sie dann erneut; falls Sie das getan haben, hat Ihre Anmeldung eine andere Adresse als Ihr Genesys-Konto.",
        ),
        ProblemCode::GenesysUnavailable => say(
            "Genesys does not answer, so we cannot confirm this. You can keep talking; cases that you have opened before stay open. Try again in a moment.",
            "Genesys antwortet nicht, deshalb können wir das gerade nicht bestätigen. Sie können weitersprechen; Fälle, die Sie schon geöffnet hatten, bleiben offen. Versuchen Sie es gleich noch einmal.",
        ),
        _ => return None,
    })
}

/// Refusals that are about the request.
fn request(code: ProblemCode) -> Say {
    match code {
        ProblemCode::SignInRequired => {
            say("Your sign-in has ended. Sign in again.", "Ihre Anmeldung ist beendet. Melden Sie sich neu an.")
        }
        ProblemCode::StepUpRequired => super::sign_in::PROVE,
        ProblemCode::Forbidden | ProblemCode::CrossSite => say(
            "You are not allowed to do this here. If you should be, tell your administrator the reference below.",
            "Das dürfen Sie hier nicht. Falls doch, nennen Sie der Administration die Kennung unten.",
        ),
        ProblemCode::Invalid | ProblemCode::BadRequest => say(
            "The server did not accept what was entered. Check it and try again.",
            "Der Server hat die Eingabe nicht angenommen. Prüfen Sie sie und versuchen Sie es erneut.",
        ),
        ProblemCode::TooMany => say(
            "That was often in a short time. Wait a minute, then try again; a supervisor can help meanwhile.",
            "Das war sehr oft in kurzer Zeit. Warten Sie eine Minute; die Leitung kann inzwischen helfen.",
        ),
        ProblemCode::TooLarge => say(
            "That is too long. Shorten it and try again.",
            "Das ist zu lang. Kürzen Sie es und versuchen Sie es erneut.",
        ),
        ProblemCode::InProgress => say(
            "The same request is still being handled. Wait a moment.",
            "Dieselbe Anfrage wird noch bearbeitet. Warten Sie einen Moment.",
        ),
        ProblemCode::Unavailable => say(
            "Something we depend on is down for the moment. You can keep talking; try again shortly.",
            "Ein benötigter Dienst ist gerade nicht erreichbar. Sie können weitersprechen; versuchen Sie es gleich noch einmal.",
        ),
        _ => say(
            "Something went wrong on our side. Nothing was changed. Try again; if it stays, give support the reference below.",
            "Bei uns ist ein Fehler aufgetreten. Es wurde nichts geändert. Versuchen Sie es erneut; wenn es bleibt, nennen Sie dem Support die Kennung unten.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Lang;

    #[test]
    fn only_who_can_call_a_supervisor_is_told_to() {
        assert!(
            used_up(true).to(Lang::En).contains("Escalate") && used_up(true).to(Lang::De).contains("die Leitung hinzu")
        );
        for lang in [Lang::En, Lang::De] {
            let sentence = used_up(false).to(lang);
            assert!(sentence.starts_with(USED_UP.to(lang)), "{sentence}");
            assert!(!sentence.contains("scalate") && !sentence.contains("Leitung"), "{sentence}");
        }
    }
}
