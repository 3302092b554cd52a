//! From the session and what is kept about its customer to what one person sees of it.

use kyc_wire::ids::{Micros, PersonId, SessionId};
use kyc_wire::photo::PhotoSource;
use kyc_wire::session::{
    Check, CheckGroup, CheckOutcome, ChecklistItem, Clocks, Colleague, CustomerLink, Decision, DocumentFacts, Flag,
    Mark, Note, Offer, ProviderPhase, ProviderView, RetentionClock, SessionDetail, SessionSummary, TimelineEntry,
    Upload, Who,
};
use kyc_wire::text::Localised;

use super::asked;
use super::error::ApiError;
use super::on_conversation;
use crate::auth::Staff;
use crate::casework::link::IssuedLink;
use crate::casework::{self, Line};
use crate::custody;
use crate::domain::audit::{Action, Actor, Entry, Outcome};
use crate::domain::check;
use crate::domain::session::{DataClass, RunPhase, Session};
use crate::names::People;
use crate::pii::vault::{DataKey, KeyScope, Unsealable};
use crate::providers::{ProviderRef, explain};
use crate::state::App;
use crate::store::dossier::{Dossier, Reader};
use crate::store::personal::StoredNote;

/// Lines of the timeline that are shown.
const TIMELINE: u32 = 200;

/// Looking at a session again within this time is no new entry.
const ACCESS_SECONDS: i64 = 15 * 60;

fn colleague(people: &People, id: PersonId) -> Colleague {
    Colleague { id, name: people.get(&id).cloned().unwrap_or_else(|| "—".to_owned()) }
}

fn slow_after(app: &App, session: &Session) -> u32 {
    app.providers.get(&session.provider.integration).map_or(u32::MAX, |outbound| outbound.slow_after_seconds)
}

/// One row of a list.
pub fn summary(app: &App, session: &Session, people: &People, now: Micros) -> SessionSummary {
    SessionSummary {
        id: session.id,
        version: session.version,
        status: session.status(),
        queue: session.queue.as_str().to_owned(),
        customer_id: session.customer_id.as_str().to_owned(),
        channel: session.channel.as_str().to_owned(),
        provider: session.provider.integration.clone(),
        created_at: session.created_at,
        state_since: session.state_since,
        holder: session.holder(now).map(|id| colleague(people, id)),
        last_holder: session.last_holder.map(|id| colleague(people, id)),
        flag: session.flag.as_ref().map(|flag| Flag { reason: flag.reason.clone(), at: flag.at }),
        attempt: session.attempts.started,
        attempts_allowed: app.config.policy.attempts,
        presence: session.connection.presence(),
        attention: session.attention(slow_after(app, session), now),
        due_at: session.due_at(&app.config.policy, now),
    }
}

/// Names of everybody who holds one of these sessions or held it last.
pub async fn holders(app: &App, sessions: &[Session]) -> Result<People, ApiError> {
    let ids = sessions.iter().filter_map(|session| session.last_holder).collect();
    Ok(app.names.of(&ids, (&*app.store, &app.tenant), app.clock.now()).await?)
}

/// Since when an opening of a session counts: looking at it again is no new entry.
pub const fn opened_since(now: Micros) -> Micros {
    now.plus_seconds(-ACCESS_SECONDS)
}

/// A session and everything about it, if the caller may see it: also whether she is on its conversation, where she must be.
pub async fn dossier(app: &App, by: &Staff, id: SessionId) -> Result<Dossier, ApiError> {
    let scope = KeyScope::Session(id).code();
    let since = opened_since(app.clock.now());
    let reader = Reader { person: by.person(), sign_in: by.sign_in_id(), since };
    let found = app.store.glance(&app.tenant).await?.find_dossier(id, &scope, reader, TIMELINE).await?;
    let found = found.filter(|dossier| casework::may_see(by, &dossier.session)).ok_or_else(ApiError::not_found)?;
    match casework::must_be_on(app, by, &found.session) {
        Line::On(conversation) if !on_conversation::is_on(app, by, conversation).await? => Err(ApiError::not_found()),
        Line::Forgotten => Err(ApiError::not_found()),
        Line::On(_) | Line::Any => Ok(found),
    }
}

/// Everything that `by` may see of a session.
pub async fn detail(app: &App, dossier: Dossier, by: &Staff) -> Result<SessionDetail, ApiError> {
    let now = app.clock.now();
    let people = people(app, &dossier).await?;
    let Dossier { session, fields, key, notes, entries, run, .. } = dossier;
    let (session, scope) = (&session, KeyScope::Session(session.id));
    let key = match key {
        Some(key) => Some(custody::opened_key(key, &app.vault, &app.tenant, &scope).await?),
        None if fields.is_empty() && notes.is_empty() => None,
        None => return Err(custody::CustodyError::from(Unsealable).into()),
    };
    let (holdings, notes) = match &key {
        Some(key) => (custody::opened(key, fields)?, read_notes(app, key, notes, &people)?),
        None => Default::default(),
    };
    let console_url = run.and_then(|(integration, reference)| {
        let reference = ProviderRef::parse(reference).ok()?;
        app.providers.get(&integration)?.provider.console_url(&reference).map(String::from)
    });
    Ok(SessionDetail {
        summary: summary(app, session, &people, now),
        conversation_id: session.conversation_id.as_ref().map(|id| id.as_str().to_owned()),
        provider_view: provider(app, session, console_url, now),
        document: document(app, session, now),
        fields: holdings.comparisons(),
        checks: checks(app, session),
        checklist: checklist(app, session),
        uploads: photos(session),
        asked: asked::of(app, session),
        notes,
        timeline: entries.into_iter().filter_map(|entry| line(entry, &people)).collect(),
        decisions: decisions(session, &people),
        clocks: clocks(app, session, now),
        handed_over: session.handed_over(&app.config.policy),
        can_start_anew: works_on(by, session) && session.can_be_started_anew(),
        offers: offers(app, session, by, now),
        asked_enough: session.asked_enough(&app.config.policy),
        is_mine: session.holder(now) == Some(by.person()),
    })
}

/// Whether sessions of its queue are her work.
fn works_on(by: &Staff, session: &Session) -> bool {
    by.working_queues().contains(session.queue.as_str())
}

fn offers(app: &App, session: &Session, by: &Staff, now: Micros) -> Vec<Offer> {
    if !works_on(by, session) {
        return Vec::new();
    }
    session.offers(by.acting_in(session.queue.as_str()), &app.config.policy, now)
}

/// The photos there are: what the customer uploaded first, then what came with the latest result.
fn photos(session: &Session) -> Vec<Upload> {
    let uploaded =
        session.uploads.items.iter().map(|(item, at)| Upload { source: PhotoSource::Customer, item: *item, at: *at });
    let provided = session.images.iter().filter(|(_, image)| !image.is_refused);
    let provided = provided.map(|(item, image)| Upload { source: PhotoSource::Provider, item: *item, at: image.at });
    uploaded.chain(provided).collect()
}

async fn people(app: &App, dossier: &Dossier) -> Result<People, ApiError> {
    let Dossier { session, entries, notes, .. } = dossier;
    let actors = entries.iter().filter_map(|entry| match entry.actor {
        Actor::Person { person, .. } => Some(person),
        _ => None,
    });
    let decided = session.decisions.iter().map(|decision| decision.by);
    let ids = actors.chain(decided).chain(notes.iter().map(|note| note.author)).chain(session.last_holder).collect();
    Ok(app.names.of(&ids, (&*app.store, &app.tenant), app.clock.now()).await?)
}

fn provider(app: &App, session: &Session, console_url: Option<String>, now: Micros) -> ProviderView {
    let phase = match session.provider.phase {
        _ if session.is_provider_slow(slow_after(app, session), now) => ProviderPhase::Slow,
        RunPhase::NotStarted | RunPhase::Starting => ProviderPhase::NotStarted,
        RunPhase::Done if session.has_lapsed() && session.state.has_customer() => ProviderPhase::WaitingForCustomer,
        RunPhase::WaitingForCustomer => ProviderPhase::WaitingForCustomer,
        RunPhase::Processing => ProviderPhase::Processing,
        RunPhase::Done => ProviderPhase::Done,
        RunPhase::Down => ProviderPhase::Down,
    };
    ProviderView { name: session.provider.integration.clone(), phase, since: session.provider.since, console_url }
}

fn document(app: &App, session: &Session, now: Micros) -> DocumentFacts {
    let Some(facts) = session.result.as_ref().map(|result| &result.document) else { return DocumentFacts::default() };
    let today =
        jiff::Timestamp::from_microsecond(now.0).map(|at| at.to_zoned(app.config.time_zone.clone()).date().to_string());
    let is_expired = facts.valid_until.as_ref().zip(today.ok()).is_some_and(|(until, today)| *until < today);
    DocumentFacts {
        document_type: facts.document_type.clone(),
        country: facts.country.clone(),
        valid_until: facts.valid_until.clone(),
        is_expired,
    }
}

fn checks(app: &App, session: &Session) -> Vec<Check> {
    let uploaded = session.uploads.sent_at.map(uploaded);
    let Some(outbound) = app.providers.get(&session.provider.integration) else { return Vec::from_iter(uploaded) };
    let kind = outbound.provider.kind();
    let found = session.result.as_ref().map_or(&[][..], |result| &result.checks);
    uploaded.into_iter().chain(found.iter().map(|check| shown(check, explain(kind, &check.reason)))).collect()
}

/// What photos by upload come to: nothing yet. Nobody has looked at them, and they prove nobody's presence.
fn uploaded(at: Micros) -> Check {
    Check {
        group: CheckGroup::Document,
        outcome: CheckOutcome::Review,
        provider_code: None,
        explanation: Localised::new(
            "The customer uploaded photos. Nobody has checked them yet.",
            "Es wurden Fotos hochgeladen. Noch hat sie niemand geprüft.",
        ),
        look_at: Some(Localised::new(
            "Compare the photo on the document with the photo of the face, and both with the application.",
            "Vergleichen Sie das Foto im Ausweis mit dem Foto des Gesichts und beides mit dem Antrag.",
        )),
        at: Some(at),
    }
}

fn shown(check: &check::Check, explanation: crate::providers::Explanation) -> Check {
    Check {
        group: crate::domain::session::group(check.group),
        outcome: match check.outcome {
            check::Outcome::Passed => CheckOutcome::Passed,
            check::Outcome::Review => CheckOutcome::Review,
            check::Outcome::Failed => CheckOutcome::Failed,
            check::Outcome::NewCapture => CheckOutcome::NewCapture,
            check::Outcome::Pending => CheckOutcome::Pending,
        },
        provider_code: check.provider_code.clone(),
        explanation: explanation.text,
        look_at: explanation.look_at,
        at: check.at,
    }
}

fn checklist(app: &App, session: &Session) -> Vec<ChecklistItem> {
    let mark = |code: &str| session.marks.get(code).copied().unwrap_or(Mark::Open);
    let lines = app.config.policy.checklist.iter();
    lines
        .map(|line| ChecklistItem { code: line.code.clone(), label: line.label.clone(), mark: mark(&line.code) })
        .collect()
}

fn read_notes(app: &App, key: &DataKey, notes: Vec<StoredNote>, people: &People) -> Result<Vec<Note>, ApiError> {
    let read = |note: StoredNote| {
        let clear = key.open_bytes(&note.sealed, "note", "note").map_err(custody::CustodyError::from)?;
        let text = app.config.privacy.scrub.scrub(&String::from_utf8_lossy(&clear));
        Ok(Note { id: note.id, author: colleague(people, note.author), at: note.at, text })
    };
    notes.into_iter().map(read).collect()
}

/// A line of the timeline. Refused renewals are noise; openings are for those who look at who looked.
fn line(entry: Entry, people: &People) -> Option<TimelineEntry> {
    if entry.action == Action::LeaseRenewed {
        return None;
    }
    let who = match entry.actor {
        Actor::Person { person, .. } => Who::Person(colleague(people, person)),
        Actor::Client { .. } if entry.action == Action::ClaimsReceived => Who::Bank,
        Actor::Client { .. } => Who::Flow,
        Actor::Provider { integration } => Who::Provider { name: integration },
        Actor::Customer => Who::Customer,
        Actor::Guest | Actor::System => Who::System,
    };
    Some(TimelineEntry {
        at: entry.at,
        action: entry.action.as_str().to_owned(),
        who,
        reason: entry.reason,
        status: entry.status,
        fields: entry.fields,
        is_refused: matches!(entry.outcome, Outcome::Refused { .. }),
    })
}

fn decisions(session: &Session, people: &People) -> Vec<Decision> {
    let shown = |decision: &crate::domain::session::Decision| Decision {
        act: decision.act,
        by: colleague(people, decision.by),
        at: decision.at,
        reason: decision.reason.clone(),
        result_version: decision.result_version,
    };
    session.decisions.iter().map(shown).collect()
}

/// A link as staff get it, with the sentence for the customer.
pub fn link(app: &App, session: &Session, link: IssuedLink) -> CustomerLink {
    let words = app.config.customer.texts.choose(Some(session.language.as_str()), "");
    let message = words.fill("chat.link", "link", &link.url);
    // What she is asked for, and where, in one message.
    let message = match asked::of(app, session) {
        Some(asked) => format!("{} {message}", asked.message),
        None => message,
    };
    CustomerLink { url: link.url, expires_at: link.expires_at, message }
}

fn retention(session: &Session, (class, purge_at): (DataClass, Option<Micros>)) -> RetentionClock {
    RetentionClock { class: class.as_str().to_owned(), purge_at, is_held: session.retention.hold.is_some() }
}

fn clocks(app: &App, session: &Session, now: Micros) -> Clocks {
    let policy = &app.config.policy;
    Clocks {
        now,
        process_used_seconds: session.process_used_seconds(now).min(policy.process_seconds),
        process_limit_seconds: policy.process_seconds,
        is_process_running: session.is_process_running(),
        connect_by: session.connect_by(policy),
        resume_by: session.resume_by(policy),
        lease_until: session.lease.map(|lease| lease.until).filter(|until| *until > now),
        retention: session.purges(policy).into_iter().map(|clock| retention(session, clock)).collect(),
    }
}
