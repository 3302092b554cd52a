//! Exporting the chain and checking an export without trusting the server.
//!
//! An export is JSON Lines: first the hash before the first entry and its place, then one line per entry with its hash, last the signed
//! head. The check needs only the file and the public key.

use std::io::{BufRead, Write};

use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Entry;
use super::chain::{Head, SignedHead, hash, unhex};

/// A line longer than this is no entry of ours.
const MAX_LINE: u64 = 64 * 1024;

/// The first line: where the export begins.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Start {
    tenant: String,
    after: u64,
    hash: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    entry: Box<RawValue>,
    hash: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    head: SignedHead,
}

/// The first line of an export that begins after `from`.
pub fn start_line(from: &Head) -> String {
    let start = Start { tenant: from.tenant.clone(), after: from.seq, hash: hex::encode(from.hash) };
    serde_json::to_string(&start).expect("plain data")
}

/// The line of one entry, from its stored JSON.
pub fn entry_line(json: &str, hash: &[u8; 32]) -> String {
    format!(r#"{{"entry":{json},"hash":"{}"}}"#, hex::encode(hash))
}

/// The last line.
pub fn end_line(head: SignedHead) -> String {
    serde_json::to_string(&End { head }).expect("plain data")
}

/// What a check found in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The tenant.
    pub tenant: String,
    /// Entries in the file.
    pub entries: u64,
    /// The head that closes it.
    pub head: SignedHead,
}

/// What is wrong, and where.
#[derive(Debug, thiserror::Error)]
pub enum BadExport {
    /// The file cannot be read.
    #[error("the file cannot be read")]
    Io(#[from] std::io::Error),
    /// A line is not what it should be.
    #[error("line {line}: not a line of an export")]
    Syntax {
        /// The line, from 1.
        line: u64,
    },
    /// The entry does not follow the one before: altered, or something before it is missing or swapped.
    #[error("entry {seq} (line {line}): {what}")]
    Entry {
        /// The place it should have.
        seq: u64,
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// The file ends without a signed head: its end was cut off.
    #[error("the file is truncated: the signed head is missing after entry {seq}")]
    Truncated {
        /// The last entry found.
        seq: u64,
    },
    /// The head is not signed with this key.
    #[error("the head is not signed with this key")]
    Signature,
    /// The head speaks of another end than the file has.
    #[error("the head speaks of entry {head}, but the file ends at entry {found}: entries are missing at the end")]
    WrongEnd {
        /// According to the head.
        head: u64,
        /// In the file.
        found: u64,
    },
    /// The file does not go on from the earlier head.
    #[error(
        "the file does not contain or continue the earlier head (entry {seq}): the log was rewritten or begins too late"
    )]
    Since {
        /// The earlier head's place.
        seq: u64,
    },
}

/// Checks an export against a public key and, if given, an earlier head that it must contain or continue.
pub fn verify(file: impl BufRead, key: &VerifyingKey, since: Option<&SignedHead>) -> Result<Verified, BadExport> {
    let since = since.map(|head| head.open(key).ok_or(BadExport::Signature)).transpose()?;
    let mut lines = Lines { file, number: 0 };
    let first = lines.next()?.ok_or(BadExport::Truncated { seq: 0 })?;
    let start: Start = serde_json::from_str(&first).map_err(|_| BadExport::Syntax { line: 1 })?;
    let mut head =
        Head { tenant: start.tenant, seq: start.after, hash: unhex(&start.hash).ok_or(BadExport::Syntax { line: 1 })? };
    if head.seq == 0 && head.hash != [0; 32] {
        return Err(BadExport::Syntax { line: 1 });
    }
    let began = head.seq;
    let mut has_since = since.as_ref().is_none_or(|since| *since == head);
    while let Some(text) = lines.next()? {
        if let Ok(end) = serde_json::from_str::<End>(&text) {
            check_end(&end.head, &head, key)?;
            if lines.next()?.is_some() {
                return Err(BadExport::Syntax { line: lines.number });
            }
            return match (since, has_since) {
                (Some(since), false) => Err(BadExport::Since { seq: since.seq }),
                _ => Ok(Verified { tenant: head.tenant, entries: head.seq - began, head: end.head }),
            };
        }
        head = follow(&head, &text, lines.number)?;
        has_since |= since.as_ref() == Some(&head);
    }
    Err(BadExport::Truncated { seq: head.seq })
}

fn follow(head: &Head, text: &str, line: u64) -> Result<Head, BadExport> {
    let seq = head.seq + 1;
    let bad = |what| BadExport::Entry { seq, line, what };
    let parsed: Line = serde_json::from_str(text).map_err(|_| bad("altered: it is not an entry"))?;
    let entry: Entry = serde_json::from_str(parsed.entry.get()).map_err(|_| bad("altered: it is not an entry"))?;
    if entry.seq != seq {
        return Err(bad("dropped or swapped: another entry stands in its place"));
    }
    if entry.tenant != head.tenant {
        return Err(bad("it belongs to another tenant"));
    }
    let expected = hash(&head.hash, parsed.entry.get());
    if unhex(&parsed.hash) != Some(expected) {
        return Err(bad("altered: its hash does not follow from the entry before"));
    }
    Ok(Head { tenant: entry.tenant, seq, hash: expected })
}

fn check_end(signed: &SignedHead, found: &Head, key: &VerifyingKey) -> Result<(), BadExport> {
    let head = signed.open(key).ok_or(BadExport::Signature)?;
    if head.seq != found.seq {
        return Err(BadExport::WrongEnd { head: head.seq, found: found.seq });
    }
    // Every entry's own hash was recomputed; a head with the right place but another hash means that the whole was rewritten.
    if head != *found {
        return Err(BadExport::Signature);
    }
    Ok(())
}

struct Lines<R> {
    file: R,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Option<String>, BadExport> {
        let mut text = String::new();
        let read =
            std::io::Read::take(&mut self.file, MAX_LINE).read_line(&mut text).map_err(|error| match error.kind() {
                std::io::ErrorKind::InvalidData => BadExport::Syntax { line: self.number + 1 },
                _ => BadExport::Io(error),
            })?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        if text.pop() != Some('\n') {
            return Err(BadExport::Syntax { line: self.number });
        }
        Ok(Some(text))
    }
}

/// One entry as a line of CSV (RFC 4180). A cell that a spreadsheet would run as a formula is written as text.
pub fn csv_line(entry: &Entry, hash: &[u8; 32], out: &mut impl Write) -> std::io::Result<()> {
    let cells = [
        entry.seq.to_string(),
        entry.at.0.to_string(),
        json(&entry.actor),
        entry.action.as_str().to_owned(),
        entry.session.map(|id| id.to_string()).unwrap_or_default(),
        json(&entry.outcome),
        entry.reason.clone().unwrap_or_default(),
        entry.fields.iter().map(|field| field.as_str()).collect::<Vec<_>>().join(" "),
        entry.detail.clone().unwrap_or_default(),
        entry.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        entry.request_id.clone(),
        hex::encode(hash),
    ];
    let line: Vec<String> = cells.iter().map(|cell| quote(cell)).collect();
    write!(out, "{}\r\n", line.join(","))
}

/// The first line of the CSV.
pub const CSV_HEAD: &str = "seq,at_micros,actor,action,session,outcome,reason,fields,detail,status,request_id,hash\r\n";

fn quote(cell: &str) -> String {
    let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("plain data")
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use kyc_wire::ids::{Micros, SessionId};
    use proptest::prelude::*;

    use super::super::{Action, Actor, NewEntry};
    use super::*;

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[7; 32])
    }

    fn export(entries: u32) -> (String, Vec<SignedHead>) {
        let mut head = Head::empty("default".to_owned());
        let mut text = start_line(&head) + "\n";
        let mut heads = vec![head.sign(&key(), Micros(0))];
        for n in 0..entries {
            let new = NewEntry::done(Actor::System, Action::ALL[n as usize % Action::ALL.len()])
                .on(SessionId::new(uuid::Uuid::from_u128(n.into())))
                .because(Some("glare"));
            let (json, next) = head.append(new, Micros(n.into()));
            text += &(entry_line(&json, &next.hash) + "\n");
            head = next;
            heads.push(head.sign(&key(), Micros(n.into())));
        }
        (text + &end_line(head.sign(&key(), Micros(99))) + "\n", heads)
    }

    fn check(text: &[u8]) -> Result<Verified, BadExport> {
        verify(text, &key().verifying_key(), None)
    }

    #[test]
    fn an_untouched_export_is_in_order() {
        let (text, heads) = export(5);
        assert_eq!(check(text.as_bytes()).unwrap().entries, 5);
        let since = verify(text.as_bytes(), &key().verifying_key(), Some(&heads[3]));
        assert_eq!(since.unwrap().entries, 5);
    }

    #[test]
    fn another_key_is_not_ours() {
        let (text, _) = export(2);
        let other = SigningKey::from_bytes(&[8; 32]).verifying_key();
        assert!(matches!(verify(text.as_bytes(), &other, None), Err(BadExport::Signature)));
    }

    #[test]
    fn a_rewritten_log_does_not_continue_the_earlier_head() {
        let (text, _) = export(4);
        let mut other = Head::empty("default".to_owned());
        other = other.append(NewEntry::done(Actor::Guest, Action::Approved), Micros(1)).1;
        let earlier = other.sign(&key(), Micros(1));
        let found = verify(text.as_bytes(), &key().verifying_key(), Some(&earlier));
        assert!(matches!(found, Err(BadExport::Since { seq: 1 })));
    }

    #[test]
    fn the_first_bad_entry_is_named() {
        let (text, _) = export(6);
        let mut lines: Vec<&str> = text.lines().collect();
        lines.swap(3, 4);
        let found = check((lines.join("\n") + "\n").as_bytes()).unwrap_err();
        assert_eq!(found.to_string(), "entry 3 (line 4): dropped or swapped: another entry stands in its place");
    }

    #[test]
    fn a_spreadsheet_runs_nothing() {
        assert_eq!(quote("=cmd()"), "\"'=cmd()\"");
        assert_eq!(quote("say \"hi\""), "\"say \"\"hi\"\"\"");
    }

    proptest! {
        #[test]
        fn every_changed_byte_is_found(entries in 1u32..6, at in any::<prop::sample::Index>(), to in any::<u8>()) {
            let (text, _) = export(entries);
            let mut bytes = text.into_bytes();
            let at = at.index(bytes.len());
            prop_assume!(bytes[at] != to);
            bytes[at] = to;
            prop_assert!(check(&bytes).is_err());
        }

        #[test]
        fn every_dropped_line_is_found(entries in 1u32..6, at in any::<prop::sample::Index>()) {
            let (text, _) = export(entries);
            let mut lines: Vec<&str> = text.lines().collect();
            lines.remove(at.index(lines.len()));
            prop_assert!(check((lines.join("\n") + "\n").as_bytes()).is_err());
        }

        #[test]
        fn every_truncation_is_found(entries in 1u32..6, at in any::<prop::sample::Index>()) {
            let (text, _) = export(entries);
            prop_assert!(check(&text.as_bytes()[..at.index(text.len())]).is_err());
        }
    }
}
