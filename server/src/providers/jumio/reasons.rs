//! Jumio's labels in plain words, as a table: one row per capability and label, in both of the desk's languages.
//!
//! The labels are those of Jumio's capability pages (docs.jumio.com, "Capabilities") and of its API guide. Their list grows: one that is not
//! here becomes "a person should look". The sentences are ours.

mod fraud;
mod general;
mod quality;

use kyc_wire::session::CaptureItem;

use crate::domain::check::{Group, Outcome};
use crate::providers::Explanation;
use crate::providers::explanation::Words;

pub(super) use general::General;

/// How a capability came out, in Jumio's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// `PASSED`.
    Passed,
    /// `REJECTED`.
    Rejected,
    /// `WARNING`.
    Warning,
    /// `NOT_EXECUTED`.
    NotExecuted,
}

impl Verdict {
    /// The verdict of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "PASSED" => Some(Self::Passed),
            "REJECTED" => Some(Self::Rejected),
            "WARNING" => Some(Self::Warning),
            "NOT_EXECUTED" => Some(Self::NotExecuted),
            _ => None,
        }
    }
}

/// One row.
#[derive(Debug)]
pub(super) struct Row {
    /// `capability:LABEL`, which is also the key of the explanation. Stored cases keep it: never rename one.
    pub key: &'static str,
    /// The verdict that the label belongs to.
    pub verdict: Verdict,
    /// What the check came to.
    pub outcome: Outcome,
    text: Words,
    look_at: Option<Words>,
    recapture: Option<CaptureItem>,
}

impl Row {
    /// What staff read.
    fn explanation(&self) -> Explanation {
        Explanation {
            text: self.text.localised(),
            look_at: self.look_at.map(Words::localised),
            recapture: self.recapture,
        }
    }
}

/// The row of a label.
pub(super) fn find(capability: &str, verdict: Verdict, label: &str) -> Option<&'static Row> {
    let of = |capability: &str| {
        all().find(|row| row.verdict == verdict && row.key.split_once(':') == Some((capability, label)))
    };
    let own = of(capability);
    // Jumio names the part that was changed (…_PHOTO, …_NAME): the code shows it, the sentence is the same.
    let changed = || label.starts_with(CHANGED).then(|| find_changed(capability, verdict)).flatten();
    // Why a capability was not carried out is the same for all of them.
    let skipped = || (verdict == Verdict::NotExecuted).then(|| of(SKIPPED)).flatten();
    own.or_else(changed).or_else(skipped)
}

const CHANGED: &str = "MANIPULATED_DOCUMENT_";
const SKIPPED: &str = "skipped";

/// Under this name are the labels that `usability` gives a face.
pub(super) const FACE: &str = "usabilityFace";

fn find_changed(capability: &str, verdict: Verdict) -> Option<&'static Row> {
    find(capability, verdict, CHANGED.trim_end_matches('_'))
}

/// Every row.
pub(super) fn all() -> impl Iterator<Item = &'static Row> {
    quality::ROWS.iter().chain(fraud::ROWS)
}

/// The sentences behind a check's reason.
pub(super) fn explain(reason: &str) -> Option<Explanation> {
    all()
        .find(|row| row.key == reason)
        .map(Row::explanation)
        .or_else(|| General::from_key(reason).map(General::explanation))
}

/// The group that a capability belongs to; unknown ones are shown with the data.
pub(super) fn group(capability: &str) -> Group {
    match capability {
        "usability" | "imageChecks" | "extraction" => Group::Document,
        "similarity" | "authentication" => Group::Face,
        "liveness" => Group::Liveness,
        _ => Group::Data,
    }
}

const fn passed(key: &'static str, text: Words) -> Row {
    Row { key, verdict: Verdict::Passed, outcome: Outcome::Passed, text, look_at: None, recapture: None }
}

const fn failed(key: &'static str, look_at: Words, text: Words) -> Row {
    Row { key, verdict: Verdict::Rejected, outcome: Outcome::Failed, text, look_at: Some(look_at), recapture: None }
}

const fn again(key: &'static str, item: CaptureItem, look_at: Words, text: Words) -> Row {
    Row {
        key,
        verdict: Verdict::Rejected,
        outcome: Outcome::NewCapture,
        text,
        look_at: Some(look_at),
        recapture: Some(item),
    }
}

const fn doubtful(key: &'static str, verdict: Verdict, look_at: Words, text: Words) -> Row {
    Row { key, verdict, outcome: Outcome::Review, text, look_at: Some(look_at), recapture: None }
}

const LOOK_ORIGINAL: Words = Words(
    "Have the document tilted in front of the camera: watch for hologram, edges and screen reflections.",
    "Lassen Sie das Dokument vor der Kamera kippen: Achten Sie auf Hologramm, Kanten und Spiegelungen eines Bildschirms.",
);
const LOOK_TAMPER: Words = Words(
    "Compare typefaces, photo edges and the machine-readable zone with the printed data.",
    "Vergleichen Sie Schriften, Ränder des Fotos und die maschinenlesbare Zone mit den gedruckten Angaben.",
);
const LOOK_FACE: Words = Words(
    "Compare the live face with the photo: distance of the eyes, ears, line of the chin, scars.",
    "Vergleichen Sie das Gesicht im Bild mit dem Foto: Augenabstand, Ohren, Kinnlinie, Narben.",
);
const LOOK_LIVE: Words = Words(
    "Ask for an unforeseen movement, such as a hand slowly passing in front of the face.",
    "Bitten Sie um eine unerwartete Bewegung, etwa eine Hand langsam vor dem Gesicht.",
);
const LOOK_COMPANY: Words = Words(
    "Is anybody else in the room or on the phone? Ask what the account is for and who asked for it.",
    "Ist noch jemand im Raum oder am Telefon? Fragen Sie, wofür das Konto ist und wer darum gebeten hat.",
);
const LOOK_DATA: Words = Words(
    "Compare the claim with the document, field by field.",
    "Vergleichen Sie die Angaben Feld für Feld mit dem Dokument.",
);
const LOOK_LINKS: Words = Words(
    "Look the case up in Jumio's portal: it shows the related cases.",
    "Suchen Sie den Fall im Jumio-Portal: Dort stehen die verknüpften Vorgänge.",
);
const LOOK_WATCHLIST: Words = Words(
    "Look the match up in Jumio's portal and follow your procedure for watchlist matches.",
    "Suchen Sie den Treffer im Jumio-Portal und folgen Sie Ihrem Verfahren für Listentreffer.",
);
const LOOK_DATE: Words = Words("Read the date on the document itself.", "Lesen Sie das Datum am Dokument selbst ab.");
const LOOK_SETUP: Words = Words(
    "This is about the set-up, not the customer: tell the administrator.",
    "Das betrifft die Einrichtung, nicht die Kundin oder den Kunden: Informieren Sie die Administration.",
);
const LOOK_YOURSELF: Words = Words(
    "Check it yourself, and look the case up in Jumio's portal.",
    "Prüfen Sie selbst, und suchen Sie den Fall im Jumio-Portal.",
);
const LOOK_OTHER_DOCUMENT: Words =
    Words("Ask for another valid document.", "Bitten Sie um ein anderes gültiges Dokument.");
const LOOK_WHOLE: Words = Words(
    "Ask for the whole document flat on a dark table, in even light, without fingers on it.",
    "Bitten Sie um das ganze Dokument flach auf dunklem Tisch, in gleichmäßigem Licht, ohne Finger darauf.",
);
const LOOK_PORTRAIT: Words = Words(
    "Ask for light from the front and a face without glasses, cap or scarf.",
    "Bitten Sie um Licht von vorn und ein Gesicht ohne Brille, Mütze oder Schal.",
);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_key_is_there_once_and_leads_to_its_row() {
        let keys: Vec<&str> = all().map(|row| row.key).collect();
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len(), "a key is there twice");
        for row in all() {
            let (capability, label) = row.key.split_once(':').unwrap();
            assert_eq!(find(capability, row.verdict, label).unwrap().key, row.key);
            assert!(explain(row.key).is_some());
            assert!(General::from_key(row.key).is_none());
        }
    }

    #[test]
    fn only_what_jumio_passed_passes() {
        assert!(all().all(|row| (row.outcome == Outcome::Passed) == (row.verdict == Verdict::Passed)));
        assert!(all().all(|row| row.outcome != Outcome::Pending));
    }

    #[test]
    fn every_row_speaks_both_languages_in_whole_sentences() {
        for row in all() {
            for words in [Some(row.text), row.look_at].into_iter().flatten() {
                assert!(words.0.ends_with(['.', '?']) && words.1.ends_with(['.', '?']), "{}", row.key);
                assert_ne!(words.0, words.1, "{}", row.key);
            }
        }
    }

    #[test]
    fn whoever_must_look_is_told_at_what() {
        assert!(all().filter(|row| row.outcome != Outcome::Passed).all(|row| row.look_at.is_some()));
    }

    #[test]
    fn only_captures_name_something_to_capture_again_and_each_does() {
        assert!(all().all(|row| row.recapture.is_some() == (row.outcome == Outcome::NewCapture)));
    }
}
