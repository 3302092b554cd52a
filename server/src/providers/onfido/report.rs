//! What the reports of a run or check say, gathered: objections at places of their breakdowns, and the groups that they vouch for.
//!
//! A group is vouched for by the part of a report that is about it, and by nothing else: a picture from a genuine camera does not show that
//! somebody was alive. What we do not know objects, and vouches for nothing.

use std::collections::BTreeSet;

use super::extract;
use super::general::General;
use super::payload::{Detail, Part, Report};
use super::reasons::{self, Row};
use super::subject::Subject;
use crate::domain::check::{Group, Outcome};
use crate::providers::Extracted;
use crate::providers::lenient::{Entries, Object, Scalar};

/// The longest code that is kept.
const MAX_CODE: usize = 120;
/// So many objections are shown; the rest would not be read.
const MAX_FOUND: usize = 24;

/// An objection, or something unfinished.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Finding {
    /// The check that it is about.
    pub(super) group: Group,
    /// Key of its explanation.
    pub(super) reason: &'static str,
    /// Onfido's own name for it: report and place.
    pub(super) code: String,
    /// What the check came to.
    pub(super) outcome: Outcome,
}

/// All that the reports say.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Objections, without order.
    pub(super) found: Vec<Finding>,
    /// Groups that a report vouches for.
    pub(super) vouched: BTreeSet<Group>,
    /// Whether a document report is `suspected`.
    pub(super) is_suspected: bool,
    /// How many reports there were.
    pub(super) reports: usize,
    /// What was read from the document.
    pub(super) extracted: Extracted,
}

impl Findings {
    /// Takes in a report; `name` stands in where it has none.
    pub(super) fn take(&mut self, report: &Report, name: &str) {
        self.reports += 1;
        let name = report.name.code(64).unwrap_or(name);
        let subject = Subject::of(name, report);
        let reading =
            Reading { findings: self, subject, name, is_caution: report.sub_result.text() == Some("caution") };
        reading.read(report);
        if subject == Subject::Document
            && let Some(properties) = &report.properties.0
        {
            self.extracted = extract::read(properties);
        }
    }

    /// The objections in an order that does not depend on Onfido's.
    pub(super) fn sorted(&mut self) {
        self.found.sort();
        self.found.dedup();
        self.found.truncate(MAX_FOUND);
    }

    /// Whether nothing stands against the person but pictures that could not be used.
    pub(super) fn is_capture_only(&self) -> bool {
        !self.found.is_empty() && self.found.iter().all(|finding| finding.outcome == Outcome::NewCapture)
    }
}

/// One report being read.
struct Reading<'a> {
    findings: &'a mut Findings,
    subject: Subject,
    name: &'a str,
    is_caution: bool,
}

impl Reading<'_> {
    fn read(mut self, report: &Report) {
        match report.status.text() {
            None | Some("complete") => {}
            Some("awaiting_data" | "awaiting_approval") => return self.note(General::ReportPending, "status"),
            Some("cancelled" | "withdrawn") => return self.note(General::ReportWithdrawn, "status"),
            Some(_) => return self.note(General::UnknownValue, "status"),
        }
        let before = self.findings.found.len();
        for (name, part) in &report.breakdown.0 {
            self.part(name, part);
        }
        let has_objected = self.findings.found.len() > before;
        self.findings.is_suspected |= report.sub_result.text() == Some("suspected");
        match (report.result.text(), report.sub_result.text()) {
            (Some("clear"), None | Some("clear")) if has_objected => self.note(General::Contradiction, "result"),
            (Some("clear"), None | Some("clear")) if self.subject == Subject::Unknown => {}
            (Some("clear"), None | Some("clear")) => {
                self.findings.vouched.extend(self.subject.vouches_when_clear());
            }
            (Some("clear"), Some(_)) => self.note(General::Contradiction, "sub_result"),
            (result, sub_result) => self.objected(result, sub_result, has_objected),
        }
    }

    /// A report that is not clear. Where its breakdown says why, that is enough.
    fn objected(&mut self, result: Option<&str>, sub_result: Option<&str>, has_objected: bool) {
        let is_face = self.subject == Subject::Face;
        let general = match (result, sub_result) {
            (Some("consider" | "unidentified"), Some("clear")) => Some(General::Contradiction),
            (Some("consider" | "unidentified"), Some(other)) if !is_sub_result(other) => Some(General::UnknownValue),
            (Some("consider" | "unidentified"), _) if has_objected => None,
            (Some("consider"), Some("suspected")) => Some(General::Suspected),
            (Some("consider"), Some("rejected")) => Some(General::Rejected),
            (Some("consider"), Some("caution")) => Some(General::Caution),
            (Some("unidentified"), _) if is_face => Some(General::UnidentifiedFace),
            (Some("unidentified"), _) if self.subject == Subject::Document => Some(General::UnidentifiedDocument),
            (Some("consider" | "unidentified"), _) => Some(General::Consider),
            _ => Some(General::UnknownValue),
        };
        match (general, reasons::at(self.subject.word())) {
            // Reports about other things are explained by what they look at.
            (Some(General::Consider), Some(row)) => self.push(row.group, row.outcome, row.key, self.name.to_owned()),
            (Some(general), _) => self.note(general, if sub_result.is_some() { "sub_result" } else { "result" }),
            (None, _) => {}
        }
    }

    fn part(&mut self, name: &str, part: &Object<Part>) {
        let Some(part) = &part.0 else { return };
        let before = self.findings.found.len();
        for (detail_name, detail) in &part.breakdown.0 {
            if let Some(detail) = &detail.0 {
                self.detail((name, detail_name), detail);
            }
        }
        let has_objected = self.findings.found.len() > before;
        match part.result.text() {
            _ if has_objected => {}
            None => {}
            Some("clear") => self.findings.vouched.extend(self.subject.vouches(name)),
            Some(value) => self.object(&[name], value),
        }
    }

    fn detail(&mut self, (part, name): (&str, &str), detail: &Detail) {
        match detail.result.text() {
            None | Some("clear") => {}
            Some(value) => {
                let named = self.named((part, name), &detail.properties);
                for reason in &named {
                    self.object(&[part, name, reason], value);
                }
                if named.is_empty() {
                    self.object(&[part, name], value);
                }
            }
        }
    }

    /// The reasons that are named and that we know.
    fn named<'d>(&self, (part, name): (&str, &str), properties: &'d Entries<serde::de::IgnoredAny>) -> Vec<&'d str> {
        let names = properties.0.iter().map(|(reason, _)| reason.as_str());
        names.filter(|reason| reasons::at(&self.key(&[part, name, reason])).is_some()).collect()
    }

    fn key(&self, place: &[&str]) -> String {
        [&[self.subject.word()], place].concat().join(".")
    }

    /// Explains the place by the innermost of its parts that we know.
    fn object(&mut self, place: &[&str], value: &str) {
        let code = self.code(place);
        let known = |depth: usize| reasons::at(&self.key(&place[..depth]));
        let row = (0..=place.len()).rev().find_map(known);
        match row {
            _ if !matches!(value, "consider" | "unidentified") && !is_sub_result(value) => {
                self.general(General::UnknownValue, code);
            }
            Some(row) => self.push(row.group, self.softened(row), row.key, code),
            None => self.general(General::UnknownReason, code),
        }
    }

    /// Minor doubts are for a person to weigh, whatever they are about.
    fn softened(&self, row: &Row) -> Outcome {
        if self.is_caution && row.outcome == Outcome::Failed { Outcome::Review } else { row.outcome }
    }

    fn note(&mut self, general: General, place: &str) {
        let code = self.code(&[place]);
        self.general(general, code);
    }

    fn general(&mut self, general: General, code: String) {
        self.push(self.subject.group(), general.outcome(), general.key(), code);
    }

    fn push(&mut self, group: Group, outcome: Outcome, reason: &'static str, code: String) {
        self.findings.found.push(Finding { group, reason, code, outcome });
    }

    /// Onfido's name of a place, as far as it is a name: anything else could be about a person.
    fn code(&self, place: &[&str]) -> String {
        let is_name =
            |text: &&&str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        let names: Vec<&str> = [&[self.name], place].concat().iter().take_while(is_name).copied().collect();
        let mut code = names.join(".");
        code.truncate(MAX_CODE);
        code
    }
}

fn is_sub_result(text: &str) -> bool {
    matches!(text, "clear" | "rejected" | "suspected" | "caution")
}

/// Whether the output of a task is a report at all.
pub(super) fn is_report(output: &Report) -> bool {
    let has_text = |scalar: &Scalar| scalar.text().is_some();
    has_text(&output.result) || has_text(&output.sub_result) || !output.breakdown.0.is_empty()
}
