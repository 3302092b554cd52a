//! Whether what was captured can be used at all.
//!
//! A usable picture vouches for nothing, so `usability` and `extraction` have no row for `OK`. Jumio names the same labels for every kind of
//! picture; for faces the client asks under another name.

use kyc_wire::session::CaptureItem::{DocumentFront, Face};

use super::Verdict::{NotExecuted, Warning};
use super::{
    LOOK_DATA, LOOK_OTHER_DOCUMENT, LOOK_PORTRAIT, LOOK_SETUP, LOOK_WHOLE, LOOK_YOURSELF, Row, Words, again, doubtful,
};
use crate::domain::check::Outcome::NewCapture;

#[rustfmt::skip] // a table is read by row
pub(super) static ROWS: &[Row] = &[
    again("usability:BAD_QUALITY", DocumentFront, LOOK_WHOLE, Words("The picture is not good enough to read.", "Die Aufnahme ist zum Lesen nicht gut genug.")),
    again("usability:BAD_QUALITY_IMAGE", DocumentFront, LOOK_WHOLE, Words("The picture of the document is not good enough.", "Die Aufnahme des Dokuments ist nicht gut genug.")),
    again("usability:BLURRED", DocumentFront, LOOK_WHOLE, Words("The picture of the document is blurred.", "Die Aufnahme des Dokuments ist unscharf.")),
    again("usability:GLARE", DocumentFront, LOOK_WHOLE, Words("A reflection hides part of the document.", "Eine Spiegelung verdeckt einen Teil des Dokuments.")),
    again("usability:BLACK_WHITE", DocumentFront, LOOK_WHOLE, Words("The picture of the document has no colour.", "Die Aufnahme des Dokuments ist schwarzweiß.")),
    again("usability:MISSING_PAGE", DocumentFront, LOOK_WHOLE, Words("A page of the document is missing.", "Eine Seite des Dokuments fehlt.")),
    again("usability:MISSING_SIGNATURE", DocumentFront, LOOK_OTHER_DOCUMENT, Words("The document is not signed.", "Das Dokument ist nicht unterschrieben.")),
    again("usability:MISSING_MANDATORY_DATAPOINTS", DocumentFront, LOOK_WHOLE, Words("Details that must be there cannot be read on the document.", "Vorgeschriebene Angaben sind auf dem Dokument nicht zu lesen.")),
    again("usability:NOT_A_DOCUMENT", DocumentFront, LOOK_WHOLE, Words("The picture shows no identity document.", "Die Aufnahme zeigt kein Ausweisdokument.")),
    again("usability:PHOTOCOPY", DocumentFront, LOOK_WHOLE, Words("A photocopy was captured, not the document itself.", "Es wurde eine Fotokopie aufgenommen, nicht das Dokument selbst.")),
    again("usability:PART_OF_DOCUMENT_MISSING", DocumentFront, LOOK_WHOLE, Words("Part of the document is outside the picture.", "Ein Teil des Dokuments liegt außerhalb des Bildes.")),
    again("usability:PART_OF_DOCUMENT_HIDDEN", DocumentFront, LOOK_WHOLE, Words("Part of the document is covered.", "Ein Teil des Dokuments ist verdeckt.")),
    again("usability:DAMAGED_DOCUMENT", DocumentFront, LOOK_OTHER_DOCUMENT, Words("The document is damaged.", "Das Dokument ist beschädigt.")),
    doubtful("usability:LIVENESS_UNDETERMINED", Warning, LOOK_PORTRAIT, Words("Whether the face was captured live cannot be said from this picture.", "Ob das Gesicht live aufgenommen wurde, lässt sich an diesem Bild nicht sagen.")),
    doubtful("usability:UNSUPPORTED_COUNTRY", Warning, LOOK_OTHER_DOCUMENT, Words("Jumio does not check documents of this country for you.", "Jumio prüft für Sie keine Dokumente dieses Landes.")),
    doubtful("usability:UNSUPPORTED_DOCUMENT_TYPE", Warning, LOOK_OTHER_DOCUMENT, Words("Jumio does not check this type of document for you.", "Jumio prüft für Sie diese Dokumentart nicht.")),
    Row { key: "usability:NOT_UPLOADED", verdict: NotExecuted, outcome: NewCapture, text: Words("The picture of the document is missing.", "Das Bild des Dokuments fehlt."), look_at: Some(LOOK_WHOLE), recapture: Some(DocumentFront) },

    again("usabilityFace:BAD_QUALITY", Face, LOOK_PORTRAIT, Words("The picture of the face is not good enough.", "Das Bild des Gesichts ist nicht gut genug.")),
    again("usabilityFace:BAD_QUALITY_IMAGE", Face, LOOK_PORTRAIT, Words("The picture of the face cannot be used.", "Das Bild des Gesichts ist nicht brauchbar.")),
    again("usabilityFace:BLURRED", Face, LOOK_PORTRAIT, Words("The picture of the face is blurred.", "Das Bild des Gesichts ist unscharf.")),
    again("usabilityFace:GLARE", Face, LOOK_PORTRAIT, Words("A reflection hides part of the face.", "Eine Spiegelung verdeckt einen Teil des Gesichts.")),
    again("usabilityFace:BLACK_WHITE", Face, LOOK_PORTRAIT, Words("The picture of the face has no colour.", "Das Bild des Gesichts ist schwarzweiß.")),
    doubtful("usabilityFace:LIVENESS_UNDETERMINED", Warning, LOOK_PORTRAIT, Words("Whether the face was captured live cannot be said.", "Ob das Gesicht live aufgenommen wurde, lässt sich nicht sagen.")),
    Row { key: "usabilityFace:NOT_UPLOADED", verdict: NotExecuted, outcome: NewCapture, text: Words("The picture of the face is missing.", "Das Bild des Gesichts fehlt."), look_at: Some(LOOK_PORTRAIT), recapture: Some(Face) },

    doubtful("skipped:PRECONDITION_NOT_FULFILLED", NotExecuted, LOOK_YOURSELF, Words("Not checked, because a check before it did not pass.", "Nicht geprüft, weil eine Prüfung davor nicht bestanden wurde.")),
    doubtful("skipped:TECHNICAL_ERROR", NotExecuted, LOOK_YOURSELF, Words("Not checked, because of a technical problem at Jumio. It says nothing about the customer.", "Nicht geprüft wegen eines technischen Problems bei Jumio. Über die Person sagt das nichts.")),
    doubtful("skipped:NOT_UPLOADED", NotExecuted, LOOK_YOURSELF, Words("Not checked, because a picture is missing.", "Nicht geprüft, weil ein Bild fehlt.")),
    doubtful("watchlistScreening:NOT_ENOUGH_DATA", NotExecuted, LOOK_DATA, Words("Watchlists were not searched: name or birth date could not be read.", "Listen nicht durchsucht: Name oder Geburtsdatum war nicht zu lesen.")),
    doubtful("watchlistScreening:VALIDATION_FAILED", NotExecuted, LOOK_SETUP, Words("Watchlists were not searched: Jumio could not use the question.", "Listen nicht durchsucht: Jumio konnte mit der Anfrage nichts anfangen.")),
    doubtful("watchlistScreening:INVALID_MERCHANT_SETTINGS", NotExecuted, LOOK_SETUP, Words("Watchlists were not searched: the search is not set up at Jumio.", "Listen nicht durchsucht: Die Suche ist bei Jumio nicht eingerichtet.")),
    doubtful("watchlistScreening:EXTRACTION_NOT_DONE", NotExecuted, LOOK_DATA, Words("Watchlists were not searched: nothing was read from the document.", "Listen nicht durchsucht: Aus dem Dokument wurde nichts gelesen.")),
    doubtful("watchlistScreening:NO_VALID_ID_CREDENTIAL", NotExecuted, LOOK_OTHER_DOCUMENT, Words("Watchlists were not searched: there is no valid document.", "Listen nicht durchsucht: Es gibt kein gültiges Dokument.")),
];
