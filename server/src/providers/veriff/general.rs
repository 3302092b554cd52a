//! What can be said about a check when Veriff gives no reason for it.
//!
//! Veriff reports one decision and at most one reason, not four checks. So a declined session says nothing about the groups that
//! its reason does not name, and they are shown as such: never as passed.

use crate::domain::check::{Group, Outcome};
use crate::providers::Explanation;
use crate::providers::explanation::Words;

/// Why a check stands as it does, apart from Veriff's own reason codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum General {
    /// Approved: the document.
    ApprovedDocument,
    /// Approved: the face.
    ApprovedFace,
    /// Approved: a living person.
    ApprovedLiveness,
    /// Approved: the rest.
    ApprovedData,
    /// Approved, but with risk labels.
    RiskLabels,
    /// Approved or not, a watchlist is mentioned.
    Watchlist,
    /// Declined for another reason.
    NotReported,
    /// Declined or to be captured again, for a reason we do not know.
    UnknownReason,
    /// Waits for a capture of something else.
    WaitsForCapture,
    /// Veriff itself could not decide.
    ManualReview,
    /// The customer never came.
    Expired,
    /// The customer did not finish.
    Abandoned,
    /// No decision yet.
    Undecided,
    /// A status that we do not know.
    UnknownStatus,
    /// Status and code contradict each other.
    Contradiction,
    /// Approved, without saying when.
    NoTime,
}

impl General {
    /// Every one.
    const ALL: [Self; 16] = [
        Self::ApprovedDocument,
        Self::ApprovedFace,
        Self::ApprovedLiveness,
        Self::ApprovedData,
        Self::RiskLabels,
        Self::Watchlist,
        Self::NotReported,
        Self::UnknownReason,
        Self::WaitsForCapture,
        Self::ManualReview,
        Self::Expired,
        Self::Abandoned,
        Self::Undecided,
        Self::UnknownStatus,
        Self::Contradiction,
        Self::NoTime,
    ];

    /// The one behind a key.
    pub(super) fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|general| general.key() == key)
    }

    /// What Veriff's approval says about a group.
    pub(super) const fn approved(group: Group) -> Self {
        match group {
            Group::Document => Self::ApprovedDocument,
            Group::Face => Self::ApprovedFace,
            Group::Liveness => Self::ApprovedLiveness,
            Group::Data => Self::ApprovedData,
        }
    }

    /// The key that is stored with a check. Stored cases keep it: never rename one.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::ApprovedDocument => "approved_document",
            Self::ApprovedFace => "approved_face",
            Self::ApprovedLiveness => "approved_liveness",
            Self::ApprovedData => "approved_data",
            Self::RiskLabels => "risk_labels",
            Self::Watchlist => "watchlist",
            Self::NotReported => "not_reported",
            Self::UnknownReason => "unknown_reason",
            Self::WaitsForCapture => "waits_for_capture",
            Self::ManualReview => "manual_review",
            Self::Expired => "expired",
            Self::Abandoned => "abandoned",
            Self::Undecided => "undecided",
            Self::UnknownStatus => "unknown_status",
            Self::Contradiction => "contradiction",
            Self::NoTime => "no_time",
        }
    }

    /// What the check came to. Only an approval passes anything.
    pub(super) const fn outcome(self) -> Outcome {
        match self {
            Self::ApprovedDocument | Self::ApprovedFace | Self::ApprovedLiveness | Self::ApprovedData => {
                Outcome::Passed
            }
            Self::WaitsForCapture | Self::Expired | Self::Abandoned | Self::Undecided => Outcome::Pending,
            Self::RiskLabels
            | Self::Watchlist
            | Self::NotReported
            | Self::UnknownReason
            | Self::ManualReview
            | Self::UnknownStatus
            | Self::Contradiction
            | Self::NoTime => Outcome::Review,
        }
    }

    /// What staff read.
    pub(super) fn explanation(self) -> Explanation {
        Explanation { text: self.text().localised(), look_at: self.look_at().map(Words::localised), recapture: None }
    }

    #[rustfmt::skip] // a table is read by row
    const fn text(self) -> Words {
        match self {
            Self::ApprovedDocument => Words("Veriff considers the document genuine and valid.", "Veriff hält das Dokument für echt und gültig."),
            Self::ApprovedFace => Words("Veriff considers the person to be the one on the document.", "Veriff hält die Person für die auf dem Dokument."),
            Self::ApprovedLiveness => Words("Veriff saw a living person in front of the camera.", "Veriff hat eine lebende Person vor der Kamera gesehen."),
            Self::ApprovedData => Words("Veriff found nothing to object to in data and device. Which registers and lists it asks depends on your plan.", "Veriff hat an Daten und Gerät nichts zu beanstanden. Welche Register und Listen geprüft werden, hängt von Ihrem Vertrag ab."),
            Self::RiskLabels => Words("Veriff approved, and noted signs of risk.", "Veriff hat freigegeben und dabei Risikomerkmale vermerkt."),
            Self::Watchlist => Words("Veriff notes a possible watchlist match.", "Veriff vermerkt einen möglichen Listentreffer."),
            Self::NotReported => Words("Veriff declined for another reason and does not say how this check went.", "Veriff hat aus einem anderen Grund abgelehnt und sagt zu dieser Prüfung nichts."),
            Self::UnknownReason => Words("Veriff gives a reason that this desk does not know, or none.", "Veriff nennt einen Grund, den dieses Programm nicht kennt, oder keinen."),
            Self::WaitsForCapture => Words("Veriff decides on this after the new capture.", "Veriff entscheidet darüber nach der neuen Aufnahme."),
            Self::ManualReview => Words("Veriff did not decide by itself and leaves it to a person.", "Veriff hat nicht selbst entschieden und überlässt es einem Menschen."),
            Self::Expired => Words("Not checked: the customer never opened the link.", "Nicht geprüft: Der Link wurde nie geöffnet."),
            Self::Abandoned => Words("Not checked: the customer did not finish the capture.", "Nicht geprüft: Die Aufnahme wurde nicht beendet."),
            Self::Undecided => Words("Veriff has not decided yet.", "Veriff hat noch nicht entschieden."),
            Self::UnknownStatus => Words("Veriff answers with a status that this desk does not know.", "Veriff antwortet mit einem Status, den dieses Programm nicht kennt."),
            Self::Contradiction => Words("Veriff's answer contradicts itself: status and code do not belong together.", "Die Antwort von Veriff widerspricht sich: Status und Code gehören nicht zusammen."),
            Self::NoTime => Words("Veriff approved without saying when, so it is not certain that this is its last word.", "Veriff hat ohne Zeitangabe freigegeben; ob das der letzte Stand ist, ist nicht sicher."),
        }
    }

    #[rustfmt::skip] // a table is read by row
    const fn look_at(self) -> Option<Words> {
        match self {
            Self::RiskLabels => Some(Words("Open the case in Veriff's console and read the risk labels.", "Öffnen Sie den Fall in der Veriff-Konsole und lesen Sie die Risikomerkmale.")),
            Self::Watchlist => Some(Words("Open the match in Veriff's console and follow your procedure for watchlist matches.", "Öffnen Sie den Treffer in der Veriff-Konsole und folgen Sie Ihrem Verfahren für Listentreffer.")),
            Self::NotReported | Self::ManualReview | Self::UnknownReason | Self::UnknownStatus | Self::Contradiction | Self::NoTime =>
                Some(Words("Check it yourself, and open the case in Veriff's console.", "Prüfen Sie selbst, und öffnen Sie den Fall in der Veriff-Konsole.")),
            Self::Expired | Self::Abandoned => Some(Words("Send the customer a new link.", "Senden Sie einen neuen Link.")),
            Self::ApprovedDocument | Self::ApprovedFace | Self::ApprovedLiveness | Self::ApprovedData | Self::WaitsForCapture | Self::Undecided => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_leads_back_and_is_no_reason_code() {
        for general in General::ALL {
            assert_eq!(General::from_key(general.key()), Some(general));
            assert!(super::super::reasons::any(general.key()).is_none());
        }
    }

    #[test]
    fn only_an_approval_passes_a_check() {
        let passing: Vec<_> = General::ALL.into_iter().filter(|g| g.outcome() == Outcome::Passed).collect();
        assert_eq!(passing, Group::ALL.map(General::approved));
    }

    #[test]
    fn what_a_person_must_weigh_says_what_to_look_at() {
        for general in General::ALL.into_iter().filter(|g| g.outcome() == Outcome::Review) {
            assert!(general.look_at().is_some(), "{}", general.key());
        }
    }
}
