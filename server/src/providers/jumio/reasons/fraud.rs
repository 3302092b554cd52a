//! Whether document, data and face are what they seem.

use kyc_wire::session::CaptureItem::Face;

use super::Verdict::Warning;
use super::{
    LOOK_COMPANY, LOOK_DATE, LOOK_FACE, LOOK_LINKS, LOOK_LIVE, LOOK_ORIGINAL, LOOK_PORTRAIT, LOOK_TAMPER,
    LOOK_WATCHLIST, Row, Words, again, doubtful, failed, passed,
};

#[rustfmt::skip] // a table is read by row
pub(super) static ROWS: &[Row] = &[
    passed("imageChecks:OK", Words("Jumio found no sign of forgery in the pictures.", "Jumio hat an den Bildern keine Anzeichen einer Fälschung gefunden.")),
    failed("imageChecks:DIGITAL_COPY", LOOK_ORIGINAL, Words("The document was shown on a screen.", "Das Dokument wurde auf einem Bildschirm gezeigt.")),
    failed("imageChecks:WATERMARK", LOOK_ORIGINAL, Words("The picture has a watermark, as pictures from the internet do.", "Das Bild hat ein Wasserzeichen wie Bilder aus dem Internet.")),
    failed("imageChecks:MANIPULATED_DOCUMENT", LOOK_TAMPER, Words("The document was changed. The code says where, if Jumio knows.", "Das Dokument wurde verändert. Der Code sagt, wo, wenn Jumio es weiß.")),
    failed("imageChecks:OTHER_REJECTION", LOOK_TAMPER, Words("Jumio objects to the document for a reason that it does not name.", "Jumio beanstandet das Dokument, ohne einen Grund zu nennen.")),
    failed("imageChecks:GHOST_IMAGE_DIFFERENT", LOOK_TAMPER, Words("The small second photo shows somebody else than the large one.", "Das kleine zweite Foto zeigt jemand anderen als das große.")),
    failed("imageChecks:PUNCHED", LOOK_ORIGINAL, Words("The document is punched, so it is no longer valid.", "Das Dokument ist gelocht und damit ungültig gemacht.")),
    failed("imageChecks:SAMPLE", LOOK_ORIGINAL, Words("The document is a specimen.", "Das Dokument ist ein Muster.")),
    failed("imageChecks:CHIP_MISSING", LOOK_ORIGINAL, Words("The document has no chip where there should be one.", "Dem Dokument fehlt der Chip, den es haben müsste.")),
    failed("imageChecks:FAKE", LOOK_ORIGINAL, Words("The document is a forgery.", "Das Dokument ist eine Fälschung.")),
    failed("imageChecks:FAILED", LOOK_TAMPER, Words("The document did not pass the check of its pictures.", "Das Dokument hat die Prüfung der Bilder nicht bestanden.")),
    failed("imageChecks:DIGITAL_MANIPULATION", LOOK_ORIGINAL, Words("The picture was changed on a computer.", "Das Bild wurde am Computer verändert.")),
    failed("imageChecks:MISMATCH_FRONT_BACK", LOOK_TAMPER, Words("Front and back belong to different documents.", "Vorder- und Rückseite gehören zu verschiedenen Dokumenten.")),
    doubtful("imageChecks:DIFFERENT_PERSON", Warning, LOOK_LINKS, Words("Jumio has seen this document with another face.", "Jumio hat dieses Dokument mit einem anderen Gesicht gesehen.")),
    doubtful("imageChecks:REPEATED_FACE", Warning, LOOK_LINKS, Words("Jumio has seen this face with another document.", "Jumio hat dieses Gesicht mit einem anderen Dokument gesehen.")),

    passed("dataChecks:OK", Words("The details on the document agree with each other.", "Die Angaben auf dem Dokument passen zueinander.")),
    failed("dataChecks:NFC_CERTIFICATE", LOOK_ORIGINAL, Words("The chip's data are not signed by the issuing state.", "Die Daten im Chip sind nicht vom ausstellenden Staat signiert.")),
    failed("dataChecks:MISMATCHING_DATAPOINTS", LOOK_TAMPER, Words("Details on the document contradict each other.", "Angaben auf dem Dokument widersprechen sich.")),
    failed("dataChecks:MRZ_CHECKSUM", LOOK_TAMPER, Words("A check digit of the machine-readable zone is wrong.", "Eine Prüfziffer der maschinenlesbaren Zone ist falsch.")),
    failed("dataChecks:MISMATCHING_DATA_REPEATED_FACE", LOOK_LINKS, Words("The same face was seen before under other details.", "Dasselbe Gesicht wurde schon mit anderen Angaben gesehen.")),
    failed("dataChecks:MISMATCH_FRONT_BACK", LOOK_TAMPER, Words("Details on front and back differ.", "Die Angaben auf Vorder- und Rückseite weichen voneinander ab.")),
    failed("dataChecks:MISMATCH_HRZ_MRZ_DATA", LOOK_TAMPER, Words("Printed details and machine-readable zone differ.", "Gedruckte Angaben und maschinenlesbare Zone weichen voneinander ab.")),
    failed("dataChecks:SUPERIMPOSED_TEXT", LOOK_TAMPER, Words("Text was laid over the picture of the document.", "Über das Bild des Dokuments wurde Text gelegt.")),
    failed("dataChecks:HIGH_FRAUD_RISK", LOOK_LINKS, Words("Jumio considers fraud highly probable.", "Jumio hält Betrug für sehr wahrscheinlich.")),
    doubtful("dataChecks:DOCUMENT_EXPIRY_WITHIN_CONFIGURED_LIMIT", Warning, LOOK_DATE, Words("The document has expired or soon will.", "Das Dokument ist abgelaufen oder läuft bald ab.")),

    passed("similarity:MATCH", Words("The face matches the photo on the document.", "Das Gesicht passt zum Foto auf dem Dokument.")),
    failed("similarity:NO_MATCH", LOOK_FACE, Words("The face does not match the photo on the document.", "Das Gesicht passt nicht zum Foto auf dem Dokument.")),
    failed("similarity:NOT_MATCH", LOOK_FACE, Words("The face is not the one on the document.", "Das Gesicht ist nicht das auf dem Dokument.")),
    doubtful("similarity:NOT_POSSIBLE", Warning, LOOK_FACE, Words("Face and photo could not be compared.", "Gesicht und Foto ließen sich nicht vergleichen.")),

    passed("liveness:OK", Words("Jumio saw a living person in front of the camera.", "Jumio hat eine lebende Person vor der Kamera gesehen.")),
    again("liveness:LIVENESS_UNDETERMINED", Face, LOOK_PORTRAIT, Words("Whether a living person was there could not be found out.", "Ob eine lebende Person da war, ließ sich nicht feststellen.")),
    failed("liveness:ID_USED_AS_SELFIE", LOOK_LIVE, Words("The photo on the document was shown in place of a face.", "Statt eines Gesichts wurde das Foto auf dem Dokument gezeigt.")),
    failed("liveness:MULTIPLE_PEOPLE", LOOK_COMPANY, Words("More than one person was in the picture.", "Im Bild war mehr als eine Person.")),
    failed("liveness:DIGITAL_COPY", LOOK_LIVE, Words("The face was shown on a screen.", "Das Gesicht wurde auf einem Bildschirm gezeigt.")),
    failed("liveness:PHOTOCOPY", LOOK_LIVE, Words("The face was shown on paper.", "Das Gesicht wurde auf Papier gezeigt.")),
    failed("liveness:MANIPULATED", LOOK_LIVE, Words("The picture of the face was changed.", "Das Bild des Gesichts wurde verändert.")),
    again("liveness:NO_FACE_PRESENT", Face, LOOK_PORTRAIT, Words("No face is in the picture.", "Im Bild ist kein Gesicht.")),
    again("liveness:FACE_NOT_FULLY_VISIBLE", Face, LOOK_PORTRAIT, Words("The face is not wholly visible.", "Das Gesicht ist nicht ganz zu sehen.")),
    again("liveness:BLACK_WHITE", Face, LOOK_PORTRAIT, Words("The picture of the face is in black and white.", "Das Gesicht wurde schwarzweiß aufgenommen.")),
    doubtful("liveness:AGE_DIFFERENCE", Warning, LOOK_FACE, Words("The person looks older or younger than the document says.", "Die Person wirkt älter oder jünger, als es im Dokument steht.")),
    doubtful("liveness:BAD_QUALITY", Warning, LOOK_LIVE, Words("The picture is too poor to be sure of a living person.", "Für eine sichere Lebenderkennung ist das Bild zu schlecht.")),

    passed("authentication:OK", Words("The face is the one that was registered before.", "Das Gesicht ist das früher erfasste.")),
    failed("authentication:FAILED", LOOK_FACE, Words("The face is not the one that was registered before.", "Das Gesicht ist nicht das früher erfasste.")),

    passed("watchlistScreening:OK", Words("No match on the watchlists.", "Kein Treffer auf den Listen.")),
    doubtful("watchlistScreening:ALERT", Warning, LOOK_WATCHLIST, Words("Possible match on a watchlist.", "Möglicher Treffer auf einer Liste.")),

    passed("addressValidation:OK", Words("The address exists.", "Die Adresse gibt es.")),
    passed("proofOfResidency:OK", Words("The proof of address was accepted.", "Der Adressnachweis wurde angenommen.")),
    passed("drivingLicenseVerification:OK", Words("The register knows the driving licence.", "Das Register kennt den Führerschein.")),
];
