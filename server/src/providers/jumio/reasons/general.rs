//! What can be said about a check when Jumio gives no label for it that this desk knows.

use super::{LOOK_YOURSELF, Words};
use crate::domain::check::Outcome;
use crate::providers::Explanation;

/// Why a check stands as it does, apart from Jumio's own labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::providers::jumio) enum General {
    /// The workflow has no such check.
    NotInWorkflow,
    /// Jumio has objected to something else and says nothing about this.
    NotReported,
    /// Waits for the next run.
    WaitsForCapture,
    /// The customer did not come.
    Expired,
    /// The customer did not finish.
    Abandoned,
    /// A label or a verdict that we do not know, or that do not belong together.
    UnknownLabel,
    /// A capability that we do not know.
    UnknownCapability,
    /// The decision as a whole is not one that we know.
    UnknownDecision,
    /// Each check passed, but Jumio's rules ask for a person.
    OwnRules,
    /// Rejected, for no reason that we know.
    NoReason,
    /// Jumio failed.
    Technical,
    /// Passed, without saying when.
    NoTime,
    /// More than can be read.
    TooLong,
}

impl General {
    const ALL: [Self; 13] = [
        Self::NotInWorkflow,
        Self::NotReported,
        Self::WaitsForCapture,
        Self::Expired,
        Self::Abandoned,
        Self::UnknownLabel,
        Self::UnknownCapability,
        Self::UnknownDecision,
        Self::OwnRules,
        Self::NoReason,
        Self::Technical,
        Self::NoTime,
        Self::TooLong,
    ];

    /// The one behind a key.
    pub(super) fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|general| general.key() == key)
    }

    /// The key that is stored with a check. Stored cases keep it: never rename one.
    pub(in crate::providers::jumio) const fn key(self) -> &'static str {
        match self {
            Self::NotInWorkflow => "not_in_workflow",
            Self::NotReported => "not_reported",
            Self::WaitsForCapture => "waits_for_capture",
            Self::Expired => "expired",
            Self::Abandoned => "abandoned",
            Self::UnknownLabel => "unknown_label",
            Self::UnknownCapability => "unknown_capability",
            Self::UnknownDecision => "unknown_decision",
            Self::OwnRules => "own_rules",
            Self::NoReason => "no_reason",
            Self::Technical => "technical",
            Self::NoTime => "no_time",
            Self::TooLong => "too_long",
        }
    }

    /// What the check came to: nothing here passes one.
    pub(in crate::providers::jumio) const fn outcome(self) -> Outcome {
        match self {
            Self::WaitsForCapture | Self::Expired | Self::Abandoned => Outcome::Pending,
            _ => Outcome::Review,
        }
    }

    /// What staff read.
    pub(super) fn explanation(self) -> Explanation {
        Explanation { text: self.text().localised(), look_at: self.look_at().map(Words::localised), recapture: None }
    }

    #[rustfmt::skip] // a table is read by row
    const fn text(self) -> Words {
        match self {
            Self::NotInWorkflow => Words("Jumio did not check this: it is not part of the workflow that you use.", "Von Jumio nicht geprüft: Das gehört nicht zu Ihrem Ablauf."),
            Self::NotReported => Words("Jumio objects to something else and says nothing about this.", "Jumio beanstandet etwas anderes und sagt hierzu nichts."),
            Self::WaitsForCapture => Words("Jumio decides on this after the new capture.", "Jumio entscheidet darüber nach der neuen Aufnahme."),
            Self::Expired => Words("Not checked: the link was not used in time.", "Nicht geprüft: Der Link wurde nicht rechtzeitig benutzt."),
            Self::Abandoned => Words("Not checked: the customer did not finish the capture.", "Nicht geprüft: Die Aufnahme wurde nicht beendet."),
            Self::UnknownLabel => Words("Jumio gives a reason that this desk does not know.", "Jumio nennt einen Grund, den dieses Programm nicht kennt."),
            Self::UnknownCapability => Words("Jumio reports a check that this desk does not know.", "Jumio meldet eine Prüfung, die dieses Programm nicht kennt."),
            Self::UnknownDecision => Words("Jumio answers with a decision that this desk does not know.", "Jumio antwortet mit einer Entscheidung, die dieses Programm nicht kennt."),
            Self::OwnRules => Words("No single check objects, but your rules at Jumio ask for a person.", "Keine einzelne Prüfung beanstandet etwas, aber Ihre Regeln bei Jumio verlangen einen Menschen."),
            Self::NoReason => Words("Jumio rejected and gives no reason that this desk knows.", "Jumio hat abgelehnt und nennt keinen Grund, den dieses Programm kennt."),
            Self::Technical => Words("Jumio could not check because of a technical problem. It says nothing about the customer.", "Jumio konnte wegen eines technischen Problems nicht prüfen. Über die Person sagt das nichts."),
            Self::NoTime => Words("Jumio passed it without saying when, so it is not certain that this is its last word.", "Jumio hat ohne Zeitangabe freigegeben; ob das der letzte Stand ist, ist nicht sicher."),
            Self::TooLong => Words("Jumio's answer is longer than this desk reads.", "Die Antwort von Jumio ist länger, als dieses Programm liest."),
        }
    }

    const fn look_at(self) -> Option<Words> {
        match self {
            Self::Expired | Self::Abandoned => {
                Some(Words("Send the customer a new link.", "Senden Sie einen neuen Link."))
            }
            Self::WaitsForCapture => None,
            _ => Some(LOOK_YOURSELF),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_leads_back_and_passes_nothing() {
        for general in General::ALL {
            assert_eq!(General::from_key(general.key()), Some(general));
            assert_ne!(general.outcome(), Outcome::Passed);
        }
    }

    #[test]
    fn what_a_person_must_weigh_says_what_to_look_at() {
        for general in General::ALL.into_iter().filter(|general| general.outcome() == Outcome::Review) {
            assert!(general.look_at().is_some(), "{}", general.key());
        }
    }
}
