//! What can be said about a check apart from an objection at a place of a breakdown.

use kyc_wire::session::CaptureItem;

use super::reasons::Words;
use crate::domain::check::{Group, Outcome};
use crate::providers::Explanation;

/// Why a check stands as it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum General {
    /// A report is clear: the document.
    ClearDocument,
    /// A report is clear: the face.
    ClearFace,
    /// A report is clear: a living person.
    ClearLiveness,
    /// A report is clear: the rest.
    ClearData,
    /// No report speaks about this.
    NotReported,
    /// A document report is `suspected` and does not say where.
    Suspected,
    /// A document report is `rejected` and does not say where.
    Rejected,
    /// A document report is `caution` and does not say where.
    Caution,
    /// A report is `consider` and does not say where.
    Consider,
    /// The face could not be made out.
    UnidentifiedFace,
    /// The document could not be made out.
    UnidentifiedDocument,
    /// A report is not finished.
    ReportPending,
    /// A report was withdrawn or cancelled.
    ReportWithdrawn,
    /// The whole check was withdrawn.
    CheckWithdrawn,
    /// The workflow leaves it to a person.
    ManualReview,
    /// The workflow declined and no report says why.
    Declined,
    /// The customer did not finish.
    Abandoned,
    /// Onfido failed for technical reasons.
    ProviderError,
    /// An objection at a place that we do not know.
    UnknownReason,
    /// A value that we do not know.
    UnknownValue,
    /// A status that we do not know.
    UnknownStatus,
    /// The answer contradicts itself.
    Contradiction,
    /// Approved, without saying when.
    NoTime,
}

impl General {
    /// Every one.
    pub(super) const ALL: [Self; 23] = [
        Self::ClearDocument,
        Self::ClearFace,
        Self::ClearLiveness,
        Self::ClearData,
        Self::NotReported,
        Self::Suspected,
        Self::Rejected,
        Self::Caution,
        Self::Consider,
        Self::UnidentifiedFace,
        Self::UnidentifiedDocument,
        Self::ReportPending,
        Self::ReportWithdrawn,
        Self::CheckWithdrawn,
        Self::ManualReview,
        Self::Declined,
        Self::Abandoned,
        Self::ProviderError,
        Self::UnknownReason,
        Self::UnknownValue,
        Self::UnknownStatus,
        Self::Contradiction,
        Self::NoTime,
    ];

    /// The one behind a key.
    pub(super) fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|general| general.key() == key)
    }

    /// What a clear report says about a group.
    pub(super) const fn clear(group: Group) -> Self {
        match group {
            Group::Document => Self::ClearDocument,
            Group::Face => Self::ClearFace,
            Group::Liveness => Self::ClearLiveness,
            Group::Data => Self::ClearData,
        }
    }

    /// The key that is stored with a check. Stored cases keep it: never rename one.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::ClearDocument => "clear_document",
            Self::ClearFace => "clear_face",
            Self::ClearLiveness => "clear_liveness",
            Self::ClearData => "clear_data",
            Self::NotReported => "not_reported",
            Self::Suspected => "suspected",
            Self::Rejected => "rejected",
            Self::Caution => "caution",
            Self::Consider => "consider",
            Self::UnidentifiedFace => "unidentified_face",
            Self::UnidentifiedDocument => "unidentified_document",
            Self::ReportPending => "report_pending",
            Self::ReportWithdrawn => "report_withdrawn",
            Self::CheckWithdrawn => "check_withdrawn",
            Self::ManualReview => "manual_review",
            Self::Declined => "declined",
            Self::Abandoned => "abandoned",
            Self::ProviderError => "provider_error",
            Self::UnknownReason => "unknown_reason",
            Self::UnknownValue => "unknown_value",
            Self::UnknownStatus => "unknown_status",
            Self::Contradiction => "contradiction",
            Self::NoTime => "no_time",
        }
    }

    /// What the check came to. Only a clear report passes anything.
    pub(super) const fn outcome(self) -> Outcome {
        match self {
            Self::ClearDocument | Self::ClearFace | Self::ClearLiveness | Self::ClearData => Outcome::Passed,
            Self::Suspected => Outcome::Failed,
            Self::Rejected | Self::UnidentifiedFace | Self::UnidentifiedDocument => Outcome::NewCapture,
            Self::ReportPending | Self::Abandoned => Outcome::Pending,
            _ => Outcome::Review,
        }
    }

    /// What staff read.
    pub(super) fn explanation(self) -> Explanation {
        let recapture = match self {
            Self::Rejected | Self::UnidentifiedDocument => Some(CaptureItem::DocumentFront),
            Self::UnidentifiedFace => Some(CaptureItem::Face),
            _ => None,
        };
        Explanation { text: self.text().localised(), look_at: self.look_at().map(Words::localised), recapture }
    }

    #[rustfmt::skip] // a table is read by row
    const fn text(self) -> Words {
        match self {
            Self::ClearDocument => Words("Onfido considers the document genuine and valid.", "Onfido hält das Dokument für echt und gültig."),
            Self::ClearFace => Words("The face matches the document.", "Das Gesicht passt zum Dokument."),
            Self::ClearLiveness => Words("A living person was in front of the camera.", "Vor der Kamera war ein lebender Mensch."),
            Self::ClearData => Words("Onfido found nothing against the data.", "Onfido hat nichts gegen die Angaben gefunden."),
            Self::NotReported => Words("Onfido gave no report about this.", "Onfido hat dazu keinen Bericht gegeben."),
            Self::Suspected => Words("Onfido suspects fraud and does not say where.", "Onfido vermutet Betrug, ohne zu sagen, wo."),
            Self::Rejected => Words("The picture of the document could not be used.", "Die Aufnahme des Dokuments war nicht brauchbar."),
            Self::Caution => Words("Onfido has minor doubts about the document.", "Onfido hat leichte Zweifel an dem Dokument."),
            Self::Consider => Words("Onfido has doubts and does not say which.", "Onfido hat Zweifel, ohne zu sagen, welche."),
            Self::UnidentifiedFace => Words("The face could not be made out.", "Das Gesicht war nicht zu erkennen."),
            Self::UnidentifiedDocument => Words("The document could not be made out.", "Das Dokument war nicht zu erkennen."),
            Self::ReportPending => Words("Onfido has not finished this report.", "Onfido hat diesen Bericht noch nicht beendet."),
            Self::ReportWithdrawn => Words("Onfido has withdrawn this report.", "Onfido hat diesen Bericht zurückgezogen."),
            Self::CheckWithdrawn => Words("The check was withdrawn at Onfido.", "Die Prüfung wurde bei Onfido zurückgezogen."),
            Self::ManualReview => Words("The workflow at Onfido leaves this to a person.", "Der Ablauf bei Onfido überlässt das einem Menschen."),
            Self::Declined => Words("The workflow at Onfido declined; no report says why.", "Der Ablauf bei Onfido hat abgelehnt; kein Bericht nennt den Grund."),
            Self::Abandoned => Words("Not checked: the customer did not finish the capture.", "Nicht geprüft: Die Aufnahme wurde nicht beendet."),
            Self::ProviderError => Words("Onfido could not finish for technical reasons. It says nothing about the customer.", "Onfido konnte aus technischen Gründen nicht prüfen. Über die Person sagt das nichts."),
            Self::UnknownReason => Words("Onfido objects for a reason that is not in this desk's list.", "Onfido hat einen Einwand, der nicht in der Liste dieses Programms steht."),
            Self::UnknownValue => Words("Onfido answers with a value that this desk does not know.", "Onfido antwortet mit einem Wert, den dieses Programm nicht kennt."),
            Self::UnknownStatus => Words("Onfido answers with a status that this desk does not know.", "Onfido antwortet mit einem Status, den dieses Programm nicht kennt."),
            Self::Contradiction => Words("Onfido's answer contradicts itself.", "Die Antwort von Onfido widerspricht sich."),
            Self::NoTime => Words("Onfido approved without saying when, so it is not certain that this is its last word.", "Onfido hat ohne Zeitangabe freigegeben; ob das der letzte Stand ist, ist nicht sicher."),
        }
    }

    #[rustfmt::skip] // a table is read by row
    const fn look_at(self) -> Option<Words> {
        match self {
            Self::ClearDocument | Self::ClearFace | Self::ClearLiveness | Self::ClearData | Self::ReportPending => None,
            Self::Abandoned => Some(Words("Send the customer a new link.", "Senden Sie einen neuen Link.")),
            Self::Rejected | Self::UnidentifiedDocument => Some(Words("Ask for a new picture of the whole document, in even light.", "Bitten Sie um eine neue Aufnahme des ganzen Dokuments, in gleichmäßigem Licht.")),
            Self::UnidentifiedFace => Some(Words("Ask for light from the front and a face without glasses, cap or scarf.", "Bitten Sie um Licht von vorn und ein Gesicht ohne Brille, Mütze oder Schal.")),
            Self::ProviderError | Self::CheckWithdrawn => Some(Words("Check it yourself, or ask for a new capture, which begins again at Onfido.", "Prüfen Sie selbst, oder bitten Sie um eine neue Aufnahme: Damit beginnt Onfido von vorn.")),
            _ => Some(Words("Check it yourself, and open the case in Onfido's dashboard.", "Prüfen Sie selbst, und öffnen Sie den Fall im Onfido-Dashboard.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_leads_back_and_is_no_place_of_a_breakdown() {
        for general in General::ALL {
            assert_eq!(General::from_key(general.key()), Some(general));
            assert!(super::super::reasons::at(general.key()).is_none());
        }
    }

    #[test]
    fn only_a_clear_report_passes_a_check() {
        let passing: Vec<_> = General::ALL.into_iter().filter(|g| g.outcome() == Outcome::Passed).collect();
        assert_eq!(passing, Group::ALL.map(General::clear));
    }

    #[test]
    fn what_a_person_must_weigh_says_what_to_look_at_and_a_new_capture_names_its_item() {
        for general in General::ALL {
            let explained = general.explanation();
            let outcome = general.outcome();
            assert!(explained.look_at.is_some() || matches!(outcome, Outcome::Passed | Outcome::Pending));
            assert_eq!(outcome == Outcome::NewCapture, explained.recapture.is_some(), "{}", general.key());
        }
    }
}
