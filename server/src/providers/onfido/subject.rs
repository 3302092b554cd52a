//! What a report is about, and what it can vouch for.

use super::payload::Report;
use crate::domain::check::Group;

/// What a report is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Document,
    Face,
    /// Of the rest, by the first word of its places.
    Other(&'static str),
    Unknown,
}

/// Reports that are about neither document nor live face: the name of a report or task begins with it.
const OTHERS: [&str; 7] = [
    "watchlist",
    "known_faces",
    "identity_enhanced",
    "proof_of_address",
    "us_driving_licence",
    "device_intelligence",
    "india_pan",
];

impl Subject {
    /// By the name; where a task is called otherwise, by what its breakdown has.
    pub(super) fn of(name: &str, report: &Report) -> Self {
        if let Some(known) = OTHERS.into_iter().find(|known| name.starts_with(known)) {
            return Self::Other(known);
        }
        let has = |part: &str| report.breakdown.0.iter().any(|(found, _)| found == part);
        match name {
            name if name.contains("facial_similarity") || has("face_comparison") => Self::Face,
            name if name.starts_with("document") || has("data_validation") => Self::Document,
            _ => Self::Unknown,
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Face => "face",
            Self::Other(word) => word,
            Self::Unknown => "",
        }
    }

    /// The group that a clear part vouches for.
    pub(super) fn vouches(self, part: &str) -> Option<Group> {
        match (self, part) {
            (Self::Document, "visual_authenticity") => Some(Group::Document),
            (Self::Document, "data_comparison" | "age_validation") => Some(Group::Data),
            (Self::Face, "face_comparison") => Some(Group::Face),
            (Self::Face, "visual_authenticity") => Some(Group::Liveness),
            _ => None,
        }
    }

    /// The groups that a report vouches for which is clear as a whole.
    pub(super) fn vouches_when_clear(self) -> &'static [Group] {
        match self {
            Self::Document => &[Group::Document],
            Self::Face => &[Group::Face, Group::Liveness],
            Self::Other("known_faces") | Self::Unknown => &[],
            Self::Other(_) => &[Group::Data],
        }
    }

    pub(super) const fn group(self) -> Group {
        match self {
            Self::Document => Group::Document,
            Self::Face => Group::Face,
            Self::Other(_) | Self::Unknown => Group::Data,
        }
    }
}
