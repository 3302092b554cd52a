//! Objections from reports about the face, watchlists, data sources and the device.

use kyc_wire::session::CaptureItem::Face as OwnFace;

use super::{
    LOOK_CONSOLE, LOOK_DATA, LOOK_FACE, LOOK_LIVE, LOOK_PORTRAIT, LOOK_PROOF, LOOK_WATCHLIST, Row, Words, again, row,
};
use crate::domain::check::Group::{Data, Face, Liveness};
use crate::domain::check::Outcome::{Failed, Review};

#[rustfmt::skip] // a table is read by row
pub(super) static ROWS: &[Row] = &[
    row("face.face_comparison", Face, Failed, LOOK_FACE, Words("The person does not appear to be the one on the document.", "Die Person scheint nicht die auf dem Dokument zu sein.")),
    row("face.face_comparison.face_match", Face, Failed, LOOK_FACE, Words("The face does not match the photo on the document.", "Das Gesicht passt nicht zum Foto auf dem Dokument.")),
    again("face.image_integrity", Face, OwnFace, LOOK_PORTRAIT, Words("The picture of the face is not good enough to compare.", "Die Aufnahme des Gesichts ist zum Vergleichen nicht gut genug.")),
    again("face.image_integrity.face_detected", Face, OwnFace, LOOK_PORTRAIT, Words("No face, or more than one, was found in the picture.", "Auf der Aufnahme wurde kein Gesicht gefunden, oder mehr als eines.")),
    row("face.image_integrity.source_integrity", Liveness, Failed, LOOK_LIVE, Words("The picture may not come from a camera.", "Die Aufnahme stammt möglicherweise nicht von einer Kamera.")),
    row("face.image_integrity.source_integrity.digital_tampering", Liveness, Failed, LOOK_LIVE, Words("The picture of the face was altered digitally.", "Die Aufnahme des Gesichts wurde digital verändert.")),
    row("face.image_integrity.source_integrity.fake_webcam", Liveness, Failed, LOOK_LIVE, Words("The picture came from a program that poses as a camera.", "Die Aufnahme kam von einem Programm, das sich als Kamera ausgibt.")),
    row("face.image_integrity.source_integrity.time_of_capture", Liveness, Review, LOOK_LIVE, Words("The picture was not taken during this check.", "Die Aufnahme entstand nicht während dieser Prüfung.")),
    row("face.image_integrity.source_integrity.emulator", Liveness, Failed, LOOK_LIVE, Words("The capture ran in an emulated device.", "Die Aufnahme lief auf einem simulierten Gerät.")),
    row("face.image_integrity.source_integrity.challenge_reuse", Liveness, Failed, LOOK_LIVE, Words("An earlier recording was used again.", "Eine frühere Aufzeichnung wurde wieder benutzt.")),
    row("face.image_integrity.source_integrity.reasons", Liveness, Failed, LOOK_LIVE, Words("The picture may not come from a camera; the dashboard names the reason.", "Die Aufnahme stammt möglicherweise nicht von einer Kamera; den Grund nennt das Dashboard.")),
    row("face.visual_authenticity", Liveness, Failed, LOOK_LIVE, Words("Onfido doubts that a living person was in front of the camera.", "Onfido bezweifelt, dass ein lebender Mensch vor der Kamera war.")),
    row("face.visual_authenticity.spoofing_detection", Liveness, Failed, LOOK_LIVE, Words("Somebody tried to deceive the capture, with a photo, a screen or a mask.", "Die Aufnahme sollte getäuscht werden, mit Foto, Bildschirm oder Maske.")),
    row("face.visual_authenticity.liveness_detected", Liveness, Failed, LOOK_LIVE, Words("The movements asked for were not seen.", "Die verlangten Bewegungen waren nicht zu sehen.")),
    row("known_faces", Face, Review, LOOK_CONSOLE, Words("The same face was seen before under another applicant.", "Dasselbe Gesicht wurde schon bei einem anderen Antrag gesehen.")),
    row("known_faces.previously_seen_faces", Face, Review, LOOK_CONSOLE, Words("The same face was seen before under another applicant.", "Dasselbe Gesicht wurde schon bei einem anderen Antrag gesehen.")),
    again("known_faces.image_integrity", Face, OwnFace, LOOK_PORTRAIT, Words("The picture of the face is not good enough to look for it.", "Die Aufnahme des Gesichts ist für eine Suche nicht gut genug.")),
    row("watchlist", Data, Review, LOOK_WATCHLIST, Words("Possible match with a watchlist.", "Möglicher Listentreffer.")),
    row("watchlist.sanction", Data, Review, LOOK_WATCHLIST, Words("Possible match with a sanctions list.", "Möglicher Treffer auf einer Sanktionsliste.")),
    row("watchlist.politically_exposed_person", Data, Review, LOOK_WATCHLIST, Words("Possible match with a politically exposed person.", "Möglicher Treffer: politisch exponierte Person.")),
    row("watchlist.legal_and_regulatory_warnings", Data, Review, LOOK_WATCHLIST, Words("Possible match with a legal or regulatory warning.", "Möglicher Treffer in einer behördlichen oder gerichtlichen Warnung.")),
    row("watchlist.adverse_media", Data, Review, LOOK_WATCHLIST, Words("Possible match in adverse media reports.", "Möglicher Treffer in nachteiligen Medienberichten.")),
    row("watchlist.monitored_lists", Data, Review, LOOK_WATCHLIST, Words("Possible match with a monitored list.", "Möglicher Treffer auf einer überwachten Liste.")),
    row("identity_enhanced", Data, Review, LOOK_DATA, Words("Registers could not confirm the data.", "Register haben die Daten nicht bestätigt.")),
    row("identity_enhanced.mortality", Data, Failed, LOOK_CONSOLE, Words("A register lists a person with these data as deceased.", "Ein Register führt eine Person mit diesen Daten als verstorben.")),
    row("proof_of_address", Data, Review, LOOK_PROOF, Words("The proof of address could not be confirmed.", "Der Adressnachweis wurde nicht bestätigt.")),
    row("us_driving_licence", Data, Review, LOOK_DATA, Words("The licensing office could not confirm the data.", "Die Führerscheinstelle hat die Daten nicht bestätigt.")),
    row("device_intelligence", Data, Review, LOOK_CONSOLE, Words("The customer's device is conspicuous.", "Das Gerät ist auffällig.")),
    row("device_intelligence.device.application_authenticity", Data, Review, LOOK_CONSOLE, Words("The capture did not run in the genuine app.", "Die Aufnahme lief nicht in der echten App.")),
    row("device_intelligence.device.device_integrity", Data, Review, LOOK_CONSOLE, Words("The device was tampered with, or is emulated.", "Das Gerät ist verändert oder simuliert.")),
    row("device_intelligence.device.device_reputation", Data, Review, LOOK_CONSOLE, Words("The device is known from fraud.", "Das Gerät ist aus Betrugsfällen bekannt.")),
    row("india_pan", Data, Review, LOOK_DATA, Words("The tax register could not confirm the data.", "Das Steuerregister hat die Daten nicht bestätigt.")),
];
