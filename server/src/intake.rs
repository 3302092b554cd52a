//! What providers and the bank hand over: sealed on arrival, compared, and reported to the session.

use kyc_wire::ids::{Micros, SessionId};
use kyc_wire::masked::{Address, BirthDate, DocumentNumber, Email, FullName, Phone};
use kyc_wire::session::Origin;

use crate::casework::{self, Changed};
use crate::custody::{self, Held, Holdings};
use crate::domain::audit::{Action, Actor};
use crate::domain::command::Report;
use crate::domain::session::{DocumentFacts, ResultFacts, ResultOutcome, Session};
use crate::http::error::ApiError;
use crate::pii::Pii;
use crate::pii::vault::KeyScope;
use crate::providers::{Extracted, Outcome, ProviderResult};
use crate::state::App;
use crate::store::Tx;

/// What an applicant claimed, as the bank hands it over.
#[derive(Debug, Default)]
pub struct Claims {
    /// Her name.
    pub full_name: Option<Pii<FullName>>,
    /// Her date of birth.
    pub birth_date: Option<Pii<BirthDate>>,
    /// The number of her document.
    pub document_number: Option<Pii<DocumentNumber>>,
    /// Her address.
    pub address: Option<Pii<Address>>,
    /// Her e-mail address.
    pub email: Option<Pii<Email>>,
    /// Her telephone number.
    pub phone: Option<Pii<Phone>>,
}

impl Claims {
    /// Whether nothing was claimed.
    pub const fn is_empty(&self) -> bool {
        matches!(
            self,
            Self { full_name: None, birth_date: None, document_number: None, address: None, email: None, phone: None }
        )
    }

    fn into_held(self) -> Vec<Held> {
        [
            self.full_name.map(Held::FullName),
            self.birth_date.map(Held::BirthDate),
            self.document_number.map(Held::DocumentNumber),
            self.address.map(Held::Address),
            self.email.map(Held::Email),
            self.phone.map(Held::Phone),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Takes in what the applicant claimed.
pub async fn claims(
    app: &App,
    mut tx: Box<dyn Tx>,
    session: Session,
    claims: Claims,
    actor: Actor,
) -> Result<Changed, ApiError> {
    let known = custody::holdings(&mut *tx, &app.vault, &app.tenant, session.id).await?;
    let holdings = Holdings { claims: claims.into_held(), document: known.document };
    seal(app, &mut *tx, session.id, Origin::Claim, &holdings.claims).await?;
    let report = Report::Claims { mismatches: holdings.mismatches() };
    casework::report(app, tx, session, report, (actor, Action::ClaimsReceived)).await
}

async fn seal(app: &App, tx: &mut dyn Tx, session: SessionId, origin: Origin, values: &[Held]) -> Result<(), ApiError> {
    let key = custody::key(tx, &app.vault, &app.tenant, &KeyScope::Session(session)).await?;
    Ok(custody::keep(tx, &key, session, origin, values).await?)
}

/// Takes in a provider's result. What an older or later one may change is the session's business, and so is whose values are kept: those of
/// the latest result that has any.
pub async fn result(
    app: &App,
    mut tx: Box<dyn Tx>,
    session: Session,
    result: ProviderResult,
) -> Result<Changed, ApiError> {
    let actor = Actor::Provider { integration: session.provider.integration.clone() };
    let known = custody::holdings(&mut *tx, &app.vault, &app.tenant, session.id).await?;
    let (document, facts) = split(result.extracted);
    let are_kept = !known.document.is_empty();
    let takes_values = !document.is_empty() && session.takes_values(result.decided_at, are_kept);
    let values_at = if takes_values { Some(result.decided_at) } else { session.values_at(are_kept) };
    let holdings = Holdings { claims: known.claims, document: if takes_values { document } else { known.document } };
    let capture = result.capture;
    let facts = facts_of(result.outcome, (result.decided_at, result.checks), facts, (&holdings, values_at));
    let facts = ResultFacts { capture, ..facts };
    if takes_values {
        seal(app, &mut *tx, session.id, Origin::Document, &holdings.document).await?;
    }
    let action = if facts.outcome == ResultOutcome::Expired { Action::ProviderLapsed } else { Action::ResultApplied };
    casework::report(app, tx, session, Report::Result(Box::new(facts)), (actor, action)).await
}

fn facts_of(
    outcome: Outcome,
    (decided_at, checks): (Micros, Vec<crate::domain::check::Check>),
    document: DocumentFacts,
    (holdings, values_at): (&Holdings, Option<Micros>),
) -> ResultFacts {
    let outcome = match outcome {
        Outcome::Verified => ResultOutcome::Verified,
        Outcome::Rejected => ResultOutcome::Rejected,
        Outcome::NewCapture => ResultOutcome::NewCapture,
        Outcome::NewRun => ResultOutcome::NewRun,
        Outcome::Expired | Outcome::Abandoned => ResultOutcome::Expired,
        Outcome::Review | Outcome::Error | Outcome::Pending => ResultOutcome::Review,
    };
    ResultFacts {
        version: 0,
        decided_at,
        outcome,
        checks,
        document,
        mismatches: holdings.mismatches(),
        values_at,
        capture: None,
    }
}

fn split(extracted: Extracted) -> (Vec<Held>, DocumentFacts) {
    let facts = DocumentFacts {
        document_type: extracted.document_type.map(|kind| kind.as_str().to_owned()),
        country: extracted.country,
        valid_until: extracted.valid_until.map(|date| date.to_string()),
    };
    let values = [
        extracted.full_name.map(Held::FullName),
        extracted.birth_date.map(Held::BirthDate),
        extracted.document_number.map(Held::DocumentNumber),
        extracted.address.map(Held::Address),
    ];
    (values.into_iter().flatten().collect(), facts)
}
