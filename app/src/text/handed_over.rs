//! Why the flow gave up, and what to do now.

use kyc_wire::session::{HandOverCause, HandedOver};

use crate::text::{Count, Lang, Say, count, say};

const WITH_LINK: Say = say(
    "Go on by voice, and send the link for photos.",
    "Sprechen Sie ohne Bild weiter und senden Sie den Link für Fotos.",
);

const TOO_POOR: Count = count(
    say("The picture was too poor once", "Das Bild war einmal zu schlecht"),
    say("The picture was too poor {n} times", "Das Bild war {n}-mal zu schlecht"),
);

/// What failed.
pub fn title(of: &HandedOver, lang: Lang) -> String {
    let what = match of.cause {
        HandOverCause::PoorPicture => return TOO_POOR.of(lang, usize::try_from(of.attempts).unwrap_or_default()),
        HandOverCause::SmallPicture => say("The picture is too small for video", "Das Bild ist zu klein für Video"),
        HandOverCause::NoVideo => say("The customer's device cannot do video", "Das Gerät kann kein Video"),
        HandOverCause::NotConnected => {
            say("The customer was invited and did not come", "Die Einladung blieb ohne Antwort")
        }
        HandOverCause::NoPicture => say("No picture arrived", "Es kam kein Bild an"),
        HandOverCause::CaptureFailed => say("The captures did not succeed", "Die Aufnahmen sind nicht gelungen"),
        HandOverCause::CustomerAsked => say("The customer asked for a person", "Eine Person wurde verlangt"),
        HandOverCause::NoReply => say("The customer did not answer the flow", "Dem Ablauf wurde nicht geantwortet"),
        HandOverCause::FlowFailed | HandOverCause::Unknown => {
            say("The automatic part failed", "Der automatische Teil ist gescheitert")
        }
    };
    what.to(lang).to_owned()
}

/// What was measured, and what is needed; empty where nothing was.
pub fn measured(of: &HandedOver, lang: Lang) -> String {
    let words =
        |sentence: Say, best: String, needed: String| sentence.with(lang, &[("best", &best), ("needed", &needed)]);
    match (of.cause, of.best_permille, of.frame_height) {
        (HandOverCause::PoorPicture, Some(best), _) => words(
            say("Best value: {best} of {needed}.", "Bester Wert: {best} von {needed}."),
            share(best, lang),
            share(of.needed_permille, lang),
        ),
        (HandOverCause::SmallPicture, _, Some(height)) => words(
            say("{best} of {needed} lines.", "{best} von {needed} Zeilen."),
            height.to_string(),
            of.needed_height.to_string(),
        ),
        _ => String::new(),
    }
}

fn share(permille: u16, lang: Lang) -> String {
    format!("{}{}{:02}", permille / 1000, say(".", ",").to(lang), permille % 1000 / 10)
}

/// What to do.
pub const fn todo(cause: HandOverCause) -> Say {
    match cause {
        HandOverCause::PoorPicture => say(
            "Ask for more light and a steady hand, or send the link for photos.",
            "Bitten Sie um mehr Licht und eine ruhige Hand, oder senden Sie den Link für Fotos.",
        ),
        HandOverCause::SmallPicture | HandOverCause::NoVideo => WITH_LINK,
        HandOverCause::NotConnected | HandOverCause::NoReply => say(
            "Ask whether the link arrived, and send another one.",
            "Fragen Sie, ob der Link angekommen ist, und senden Sie einen neuen.",
        ),
        HandOverCause::NoPicture => say(
            "Ask whether the camera is allowed and free, or send the link for photos.",
            "Fragen Sie, ob die Kamera erlaubt und frei ist, oder senden Sie den Link für Fotos.",
        ),
        HandOverCause::CaptureFailed => say(
            "Help with the document, then ask for a new photo.",
            "Helfen Sie mit dem Ausweis und fordern Sie dann eine neue Aufnahme an.",
        ),
        HandOverCause::CustomerAsked => {
            say("Ask what is unclear, and go on from here.", "Fragen Sie, was unklar ist, und machen Sie hier weiter.")
        }
        HandOverCause::FlowFailed | HandOverCause::Unknown => say(
            "The customer did nothing wrong: go on from here. Name the reference if it happens again.",
            "Es lag nicht an der Kundin oder dem Kunden: Machen Sie hier weiter. Nennen Sie im Wiederholungsfall die Referenz.",
        ),
    }
}

/// Introduces the reference.
pub const REFERENCE: Say = say("Reference", "Referenz");

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cause: HandOverCause) -> HandedOver {
        HandedOver {
            cause,
            error_ref: "E-1".to_owned(),
            attempts: 3,
            best_permille: Some(625),
            needed_permille: 800,
            frame_height: Some(360),
            needed_height: 480,
        }
    }

    #[test]
    fn what_was_measured_is_said_as_people_write_it() {
        let poor = of(HandOverCause::PoorPicture);
        assert_eq!(title(&poor, Lang::En), "The picture was too poor 3 times");
        assert_eq!(title(&poor, Lang::De), "Das Bild war 3-mal zu schlecht");
        let once = HandedOver { attempts: 1, ..poor.clone() };
        assert_eq!(title(&once, Lang::En), "The picture was too poor once");
        assert_eq!(title(&once, Lang::De), "Das Bild war einmal zu schlecht");
        assert_eq!(measured(&poor, Lang::En), "Best value: 0.62 of 0.80.");
        assert_eq!(measured(&poor, Lang::De), "Bester Wert: 0,62 von 0,80.");
        assert_eq!(measured(&of(HandOverCause::SmallPicture), Lang::En), "360 of 480 lines.");
        assert_eq!(measured(&of(HandOverCause::NoReply), Lang::En), "", "nothing that would mislead");
    }
}
