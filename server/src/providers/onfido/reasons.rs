//! The places in Onfido's breakdowns where it can object, in plain words, as a table: one row per place, for both of the desk's languages.
//!
//! The places are those of the vendor's `OpenAPI` document for API v3.6. The sentences are ours: Onfido's own texts are not shown, because they
//! may change under us and are in English only. An objection at a place that is not here is explained by the part it lies in, and where that
//! is unknown too it becomes "a person should look".

mod document;
mod others;

use kyc_wire::session::CaptureItem;

use crate::domain::check::{Group, Outcome};
use crate::providers::Explanation;
pub(super) use crate::providers::explanation::Words;

/// One row: what an objection at a place means for the check it belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// The place: the report's subject, then the names in its breakdown. Also the key of the explanation; stored cases keep it.
    pub key: &'static str,
    /// The check that it is about.
    pub group: Group,
    /// What that check came to.
    pub outcome: Outcome,
    text: Words,
    look_at: Words,
    recapture: Option<CaptureItem>,
}

impl Row {
    /// What staff read.
    pub(super) fn explanation(&self) -> Explanation {
        Explanation { text: self.text.localised(), look_at: Some(self.look_at.localised()), recapture: self.recapture }
    }
}

/// The row of a place.
pub(super) fn at(key: &str) -> Option<&'static Row> {
    all().find(|row| row.key == key)
}

/// Every row.
pub(super) fn all() -> impl Iterator<Item = &'static Row> {
    document::ROWS.iter().chain(others::ROWS)
}

const fn row(key: &'static str, group: Group, outcome: Outcome, look_at: Words, text: Words) -> Row {
    Row { key, group, outcome, text, look_at, recapture: None }
}

const fn again(key: &'static str, group: Group, item: CaptureItem, look_at: Words, text: Words) -> Row {
    Row { key, group, outcome: Outcome::NewCapture, text, look_at, recapture: Some(item) }
}

const LOOK_ORIGINAL: Words = Words(
    "Have the document tilted in front of the camera: watch for hologram, edges and screen reflections.",
    "Lassen Sie das Dokument vor der Kamera kippen: Achten Sie auf Hologramm, Kanten und Spiegelungen eines Bildschirms.",
);
const LOOK_TAMPER: Words = Words(
    "Compare typefaces, photo edges and the machine-readable zone with the printed data.",
    "Vergleichen Sie Schriften, Ränder des Fotos und die maschinenlesbare Zone mit den gedruckten Angaben.",
);
const LOOK_ZONES: Words = Words(
    "Compare this detail in the machine-readable zone with the printed one, sign by sign.",
    "Vergleichen Sie diese Angabe in der maschinenlesbaren Zone Zeichen für Zeichen mit der gedruckten.",
);
const LOOK_FACE: Words = Words(
    "Compare the live face with the photo: distance of the eyes, ears, line of the chin, scars.",
    "Vergleichen Sie das Gesicht im Bild mit dem Foto: Augenabstand, Ohren, Kinnlinie, Narben.",
);
const LOOK_LIVE: Words = Words(
    "Ask for an unforeseen movement, such as a hand slowly passing in front of the face.",
    "Bitten Sie um eine unerwartete Bewegung, etwa eine Hand langsam vor dem Gesicht.",
);
const LOOK_DATA: Words = Words(
    "Compare the claim with the document, field by field.",
    "Vergleichen Sie die Angaben Feld für Feld mit dem Dokument.",
);
const LOOK_CONSOLE: Words = Words(
    "Open the case in Onfido's dashboard: it shows what was found.",
    "Öffnen Sie den Fall im Onfido-Dashboard: Dort steht, was gefunden wurde.",
);
const LOOK_WATCHLIST: Words = Words(
    "Open the match in Onfido's dashboard and follow your procedure for watchlist matches.",
    "Öffnen Sie den Treffer im Onfido-Dashboard und folgen Sie Ihrem Verfahren für Listentreffer.",
);
const LOOK_DATE: Words = Words("Read the date on the document itself.", "Lesen Sie das Datum am Dokument selbst ab.");
const LOOK_AGE: Words = Words(
    "Read the birth date on the document and compare it with the age your product requires.",
    "Lesen Sie das Geburtsdatum am Dokument ab und vergleichen Sie es mit dem Mindestalter für Ihr Produkt.",
);
const LOOK_SETUP: Words = Words(
    "This is about the set-up, not the customer: tell the administrator.",
    "Das betrifft die Einrichtung, nicht die Kundin oder den Kunden: Informieren Sie die Administration.",
);
const LOOK_PROOF: Words = Words("Ask for a recent proof of address.", "Bitten Sie um einen aktuellen Adressnachweis.");
const LOOK_OTHER_DOCUMENT: Words =
    Words("Ask for another valid document.", "Bitten Sie um ein anderes gültiges Dokument.");
const LOOK_LIGHT: Words = Words(
    "Ask for even light without reflections, and a steady hand.",
    "Bitten Sie um gleichmäßiges Licht ohne Spiegelungen und eine ruhige Hand.",
);
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
    fn every_place_has_one_row_and_every_row_two_languages() {
        let keys: BTreeSet<&str> = all().map(|row| row.key).collect();
        assert_eq!(keys.len(), all().count(), "a place has two rows");
        for row in all() {
            for Words(english, german) in [row.text, row.look_at] {
                assert!(english.ends_with('.') && german.ends_with('.'), "{}", row.key);
                assert_ne!(english, german, "{}", row.key);
            }
            assert!(row.key.len() <= 100, "{}", row.key);
        }
    }

    #[test]
    fn no_objection_passes_a_check_and_a_new_capture_names_its_item() {
        for row in all() {
            assert!(!matches!(row.outcome, Outcome::Passed | Outcome::Pending), "{}", row.key);
            assert_eq!(row.outcome == Outcome::NewCapture, row.recapture.is_some(), "{}", row.key);
        }
    }
}
