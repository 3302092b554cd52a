//! Veriff's reason codes in plain words, as a table: one row per code, for both sides of the desk's two languages.
//!
//! The codes are those of Veriff's "Verification session decision codes" and "Granular reason codes" tables (devdocs.veriff.com).
//! The sentences are ours: Veriff's own `reason` text is not shown, because it may change under us and is in English only. A code
//! that is not here becomes "a person should look".

use kyc_wire::session::CaptureItem::{self, DocumentFront, Face as OwnFace};

use crate::domain::check::Group::{self, Data, Document, Face, Liveness};
use crate::domain::check::Outcome::{self, Failed, NewCapture, Review};
use crate::providers::Explanation;
use crate::providers::explanation::Words;

/// One row: what a reason code means for the check it belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// Veriff's `reasonCode`, which is also the key of the explanation.
    pub code: &'static str,
    /// The check that the reason is about.
    pub group: Group,
    /// What that check came to. Reasons that say nothing about the customer are for a person to weigh, even in a declined session.
    pub outcome: Outcome,
    text: Words,
    look_at: Option<Words>,
    recapture: Option<CaptureItem>,
}

impl Row {
    /// What staff read.
    pub(super) fn explanation(&self) -> Explanation {
        Explanation {
            text: self.text.localised(),
            look_at: self.look_at.map(Words::localised),
            recapture: self.recapture,
        }
    }
}

/// The reason given with `declined`.
pub(super) fn declined(code: &str) -> Option<&'static Row> {
    DECLINED.iter().find(|row| row.code == code)
}

/// The reason given with `resubmission_requested`.
pub(super) fn resubmission(code: &str) -> Option<&'static Row> {
    RESUBMISSION.iter().find(|row| row.code == code)
}

/// The reason behind a code, whichever status it came with; no code is in both tables.
pub(super) fn any(code: &str) -> Option<&'static Row> {
    declined(code).or_else(|| resubmission(code))
}

/// Every row.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = &'static Row> {
    DECLINED.iter().chain(RESUBMISSION)
}

const fn row(code: &'static str, group: Group, outcome: Outcome, look_at: Words, text: Words) -> Row {
    Row { code, group, outcome, text, look_at: Some(look_at), recapture: None }
}

const fn again(code: &'static str, group: Group, recapture: Option<CaptureItem>, look_at: Words, text: Words) -> Row {
    Row { code, group, outcome: NewCapture, text, look_at: Some(look_at), recapture }
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
const LOOK_DATA: Words = Words(
    "Compare the claim with the document, field by field.",
    "Vergleichen Sie die Angaben Feld für Feld mit dem Dokument.",
);
const LOOK_LINKS: Words = Words(
    "Open the case in Veriff's console: it shows the related sessions.",
    "Öffnen Sie den Fall in der Veriff-Konsole: Dort stehen die verknüpften Vorgänge.",
);
const LOOK_COMPANY: Words = Words(
    "Is anybody else in the room or on the phone? Ask what the account is for and who asked for it.",
    "Ist noch jemand im Raum oder am Telefon? Fragen Sie, wofür das Konto ist und wer darum gebeten hat.",
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
const LOOK_WATCHLIST: Words = Words(
    "Open the match in Veriff's console and follow your procedure for watchlist matches.",
    "Öffnen Sie den Treffer in der Veriff-Konsole und folgen Sie Ihrem Verfahren für Listentreffer.",
);
const LOOK_PROOF: Words = Words("Ask for a recent proof of address.", "Bitten Sie um einen aktuellen Adressnachweis.");
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

#[rustfmt::skip] // a table is read by row
static DECLINED: &[Row] = &[
    row("101", Document, Failed, LOOK_ORIGINAL, Words("No physical document was shown.", "Es wurde kein echtes Dokument gezeigt.")),
    row("102", Document, Failed, LOOK_TAMPER, Words("The document may have been tampered with.", "Das Dokument könnte verändert worden sein.")),
    row("103", Face, Failed, LOOK_FACE, Words("The person does not appear to be the one on the document.", "Die Person scheint nicht die auf dem Dokument zu sein.")),
    row("104", Data, Failed, LOOK_DATA, Words("The name entered differs from the name on the document.", "Der angegebene Name weicht vom Namen auf dem Dokument ab.")),
    row("105", Data, Failed, LOOK_COMPANY, Words("The behaviour during the capture was suspicious.", "Das Verhalten während der Aufnahme war auffällig.")),
    row("106", Data, Failed, LOOK_LINKS, Words("Veriff knows this person, document or device from fraud.", "Veriff kennt Person, Dokument oder Gerät aus Betrugsfällen.")),
    row("107", Data, Failed, LOOK_LINKS, Words("Too many attempts in a short time.", "Zu viele Versuche in kurzer Zeit.")),
    row("108", Data, Failed, LOOK_LINKS, Words("The same person has been verified before under other details.", "Dieselbe Person wurde bereits mit anderen Angaben geprüft.")),
    row("109", Data, Failed, LOOK_LINKS, Words("The same device was used for other persons.", "Dasselbe Gerät wurde für andere Personen benutzt.")),
    row("110", Data, Failed, LOOK_LINKS, Words("The same document was used in another verification.", "Dasselbe Dokument wurde in einer anderen Prüfung benutzt.")),
    row("111", Data, Failed, LOOK_COMPANY, Words("Somebody else may have got into the session.", "Jemand anderes könnte in den Vorgang gelangt sein.")),
    row("112", Data, Failed, LOOK_COMPANY, Words("The session came from a network location that is not allowed.", "Der Vorgang kam aus einem nicht zugelassenen Netz oder Land.")),
    row("113", Data, Failed, LOOK_COMPANY, Words("The person may be identifying on behalf of somebody else.", "Die Person weist sich möglicherweise für jemand anderen aus.")),
    row("120", Face, Failed, LOOK_FACE, Words("The portrait does not match the reference photo.", "Das Porträt passt nicht zum Referenzfoto.")),
    row("121", Data, Review, LOOK_SETUP, Words("Veriff was not given the user id that it needs for this kind of check.", "Veriff fehlt die Benutzerkennung, die diese Prüfung braucht.")),
    row("122", Face, Review, LOOK_SETUP, Words("Veriff has no reference photo to compare with.", "Veriff hat kein Referenzfoto zum Vergleichen.")),
    row("123", Data, Failed, LOOK_DATA, Words("The register could not confirm the data.", "Das Register hat die Daten nicht bestätigt.")),
    row("124", Face, Failed, LOOK_LINKS, Words("The same face is already in Veriff's collection for this bank.", "Dasselbe Gesicht ist bei Veriff für diese Bank bereits erfasst.")),
    row("126", Data, Failed, LOOK_WATCHLIST, Words("Possible match with a politically exposed person.", "Möglicher Treffer: politisch exponierte Person.")),
    row("127", Face, Failed, LOOK_LINKS, Words("The face is on the list of blocked faces.", "Das Gesicht steht auf der Sperrliste.")),
    row("128", Data, Review, LOOK_SETUP, Words("The user id does not belong to the person verified before.", "Die Benutzerkennung gehört nicht zu der früher geprüften Person.")),
    row("129", Data, Review, LOOK_SETUP, Words("The session did not fit the workflow set up at Veriff.", "Der Vorgang passt nicht zum bei Veriff eingerichteten Ablauf.")),
    row("501", Data, Failed, LOOK_LINKS, Words("Veriff considers fraud highly probable.", "Veriff hält Betrug für sehr wahrscheinlich.")),
    row("502", Liveness, Failed, LOOK_COMPANY, Words("More than one person took part in the capture.", "An der Aufnahme war mehr als eine Person beteiligt.")),
    row("503", Liveness, Failed, LOOK_LIVE, Words("Somebody tried to deceive the capture.", "Die Aufnahme sollte getäuscht werden.")),
    row("504", Document, Failed, LOOK_ORIGINAL, Words("The document was shown on a screen.", "Das Dokument wurde auf einem Bildschirm gezeigt.")),
    row("505", Document, Failed, LOOK_ORIGINAL, Words("The document shown is a printout.", "Das gezeigte Dokument ist ein Ausdruck.")),
    row("506", Document, Failed, LOOK_TAMPER, Words("The document was tampered with.", "Das Dokument wurde verändert.")),
    row("507", Document, Failed, LOOK_TAMPER, Words("The document was tampered with: its data contradict each other.", "Das Dokument wurde verändert: Seine Angaben widersprechen sich.")),
    row("508", Document, Failed, LOOK_TAMPER, Words("The document was tampered with: it resembles a published specimen.", "Das Dokument wurde verändert: Es gleicht einem veröffentlichten Muster.")),
    row("509", Face, Failed, LOOK_FACE, Words("The person is not the one on the document.", "Die Person ist nicht die auf dem Dokument.")),
    row("510", Document, Review, LOOK_OTHER_DOCUMENT, Words("Veriff does not support this type of document.", "Veriff unterstützt diese Dokumentart nicht.")),
    row("511", Document, Failed, LOOK_DATE, Words("The document has expired.", "Das Dokument ist abgelaufen.")),
    row("515", Liveness, Failed, LOOK_LIVE, Words("The face was shown on a screen.", "Das Gesicht wurde auf einem Bildschirm gezeigt.")),
    row("526", Liveness, Failed, LOOK_LIVE, Words("Photos were streamed in place of a camera picture.", "Statt eines Kamerabilds wurden Fotos eingespielt.")),
    row("527", Data, Review, LOOK_PROOF, Words("The proof of address could not be read.", "Der Adressnachweis war nicht lesbar.")),
    row("528", Data, Failed, LOOK_PROOF, Words("The proof of address is too old.", "Der Adressnachweis ist zu alt.")),
    row("530", Data, Failed, LOOK_AGE, Words("The person is under 13 years old.", "Die Person ist jünger als 13 Jahre.")),
    row("531", Data, Failed, LOOK_AGE, Words("The person is under 14 years old.", "Die Person ist jünger als 14 Jahre.")),
    row("532", Data, Failed, LOOK_AGE, Words("The person is under 16 years old.", "Die Person ist jünger als 16 Jahre.")),
    row("533", Data, Failed, LOOK_AGE, Words("The person is under 18 years old.", "Die Person ist jünger als 18 Jahre.")),
    row("534", Data, Failed, LOOK_AGE, Words("The person is under 20 years old.", "Die Person ist jünger als 20 Jahre.")),
    row("535", Data, Failed, LOOK_AGE, Words("The person is under 21 years old.", "Die Person ist jünger als 21 Jahre.")),
    row("536", Data, Failed, LOOK_AGE, Words("The person is under 25 years old.", "Die Person ist jünger als 25 Jahre.")),
    row("537", Document, Review, LOOK_FACE, Words("The photo on the document could not be cut out for comparison.", "Das Foto auf dem Dokument ließ sich nicht zum Vergleich ausschneiden.")),
    row("539", Document, Review, LOOK_WHOLE, Words("Too many new captures: Veriff has closed the session. It says nothing about the customer.", "Zu viele neue Aufnahmen: Veriff hat den Vorgang geschlossen. Über die Person sagt das nichts.")),
    row("540", Data, Review, LOOK_DATA, Words("Veriff was not confident enough to approve.", "Veriff war sich für eine Freigabe nicht sicher genug.")),
];

#[rustfmt::skip] // a table is read by row
static RESUBMISSION: &[Row] = &[
    again("201", Document, None, LOOK_WHOLE, Words("Photos or the video are missing.", "Fotos oder das Video fehlen.")),
    again("202", Face, Some(OwnFace), LOOK_PORTRAIT, Words("The face is not clearly visible.", "Das Gesicht ist nicht deutlich zu sehen.")),
    again("203", Document, Some(DocumentFront), LOOK_WHOLE, Words("The document is not wholly visible.", "Das Dokument ist nicht ganz zu sehen.")),
    again("204", Document, Some(DocumentFront), LOOK_WHOLE, Words("The picture is not good enough to read.", "Die Aufnahme ist zum Lesen nicht gut genug.")),
    again("205", Document, Some(DocumentFront), LOOK_OTHER_DOCUMENT, Words("The document is damaged.", "Das Dokument ist beschädigt.")),
    again("206", Document, Some(DocumentFront), LOOK_OTHER_DOCUMENT, Words("Veriff does not support this type of document.", "Veriff unterstützt diese Dokumentart nicht.")),
    again("207", Document, Some(DocumentFront), LOOK_OTHER_DOCUMENT, Words("The document has expired.", "Das Dokument ist abgelaufen.")),
    again("208", Face, Some(OwnFace), LOOK_PORTRAIT, Words("The picture of the face is missing.", "Das Bild des Gesichts fehlt.")),
    again("209", Document, Some(DocumentFront), LOOK_WHOLE, Words("The picture of the document is missing.", "Das Bild des Dokuments fehlt.")),
    again("210", Document, Some(DocumentFront), LOOK_WHOLE, Words("The picture of the document's front cannot be used.", "Das Bild der Vorderseite des Dokuments ist nicht brauchbar.")),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_published_code_has_exactly_one_row() {
        let published = (101..=113).chain(120..=124).chain(126..=129).chain(501..=511).chain([515]).chain(526..=528);
        let published: Vec<String> =
            published.chain(530..=537).chain(539..=540).chain(201..=210).map(|code| code.to_string()).collect();
        let rows: Vec<&str> = all().map(|row| row.code).collect();
        assert_eq!(rows.iter().collect::<BTreeSet<_>>().len(), rows.len(), "a code is there twice");
        assert_eq!(BTreeSet::from_iter(rows), published.iter().map(String::as_str).collect());
    }

    #[test]
    fn no_reason_passes_a_check() {
        assert!(all().all(|row| row.outcome != Outcome::Passed && row.outcome != Outcome::Pending));
    }

    #[test]
    fn every_row_speaks_both_languages_in_whole_sentences() {
        for row in all() {
            for words in [Some(row.text), row.look_at].into_iter().flatten() {
                assert!(words.0.ends_with(['.', '?']) && words.1.ends_with(['.', '?']), "{}", row.code);
                assert_ne!(words.0, words.1, "{}", row.code);
            }
        }
    }

    #[test]
    fn only_capture_problems_name_something_to_capture_again() {
        assert!(all().filter(|row| row.recapture.is_some()).all(|row| row.outcome == NewCapture));
        assert!(RESUBMISSION.iter().all(|row| row.outcome == NewCapture));
    }
}
