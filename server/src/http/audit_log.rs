//! The audit log over HTTP, for auditors: streamed, closed by a signed head, checked offline with `kyc-desk audit verify`.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::address::InQuery;
use super::error::ApiError;
use super::request_id;
use super::staff::Auditor;
use crate::domain::audit::chain::Head;
use crate::domain::audit::{Action, Entry, NewEntry, export};
use crate::state::App;

/// Entries read at once.
const PAGE: u32 = 500;

/// What to export.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// `jsonl` (the default, can be verified) or `csv` (for reading).
    format: Option<String>,
    /// Only entries after this one.
    after: Option<u64>,
}

/// Exports the log. The export itself is an entry, and the last one of it.
pub async fn export(
    State(app): State<Arc<App>>,
    by: Auditor,
    InQuery(wanted): InQuery<Wanted>,
) -> Result<Response, ApiError> {
    let is_csv = match wanted.format.as_deref() {
        None | Some("jsonl") => false,
        Some("csv") => true,
        Some(_) => return Err(ApiError::invalid("format", "must be jsonl or csv")),
    };
    let mut tx = app.store.begin(&app.tenant).await?;
    tx.record(NewEntry::done(by.actor(), Action::AuditExported).in_request(&request_id::current())).await?;
    let end = tx.find_head().await?;
    let from = tx.find_head_at(wanted.after.unwrap_or(0)).await?;
    let from = from.ok_or_else(|| ApiError::invalid("after", "there is no such entry"))?;
    tx.commit().await?;
    let (sender, receiver) = mpsc::channel(4);
    tokio::spawn(async move {
        if let Err(error) = write(&app, (from, end), is_csv, &sender).await {
            tracing::error!(problem.code = error.code().as_str(), "an audit export broke off");
            // Without its signed head a broken export does not verify; a cut connection says so at once.
            drop(sender.send(Err(std::io::Error::other("the export broke off"))).await);
        }
    });
    let mut response = Response::new(Body::from_stream(ReceiverStream::new(receiver)));
    let (kind, name) = if is_csv { ("text/csv; charset=utf-8", "csv") } else { ("application/x-ndjson", "jsonl") };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let disposition = format!("attachment; filename=\"kyc-desk-audit.{name}\"");
    response
        .headers_mut()
        .insert(header::CONTENT_DISPOSITION, HeaderValue::try_from(disposition).expect("plain ASCII"));
    Ok(response)
}

type Sender = mpsc::Sender<Result<Bytes, std::io::Error>>;

/// Writes the entries between two heads. Ends early, without an error, when nobody reads any more.
pub async fn write(app: &App, (from, end): (Head, Head), is_csv: bool, sender: &Sender) -> Result<(), ApiError> {
    let first = if is_csv { export::CSV_HEAD.to_owned() } else { export::start_line(&from) + "\n" };
    let mut is_read = sender.send(Ok(first.into())).await.is_ok();
    let mut seq = from.seq;
    while is_read && seq < end.seq {
        let limit = u32::try_from(end.seq - seq).unwrap_or(PAGE).min(PAGE);
        let entries = app.store.read(&app.tenant).await?.list_entries(seq, limit).await?;
        if entries.is_empty() {
            return Err(ApiError::refused(kyc_wire::problem::ProblemCode::Internal, "an entry is missing"));
        }
        seq += entries.len() as u64;
        let mut page = Vec::new();
        for stored in entries {
            if is_csv {
                let entry: Entry = serde_json::from_str(&stored.json)
                    .map_err(|error| ApiError::Fault(kyc_wire::problem::ProblemCode::Internal, Box::new(error)))?;
                export::csv_line(&entry, &stored.hash, &mut page).expect("a vector takes everything");
            } else {
                page.extend(export::entry_line(&stored.json, &stored.hash).as_bytes());
                page.push(b'\n');
            }
        }
        is_read = sender.send(Ok(page.into())).await.is_ok();
    }
    if is_read && !is_csv {
        let head = end.sign(&app.config.audit.0, app.clock.now());
        drop(sender.send(Ok((export::end_line(head) + "\n").into())).await);
    }
    Ok(())
}
