//! Proofs that an audit entry was written: without one, no clear text.

use kyc_wire::ids::{Micros, SessionId};
use kyc_wire::masked::{Field, Kind, RevealedValue};
use kyc_wire::photo::Photo;
use zeroize::Zeroizing;

use super::Pii;
use crate::domain::audit::{Action, AuditError, AuditSink, NewEntry};

/// How long a proof is good for: one request.
const LIFETIME_SECONDS: i64 = 30;

/// Why a proof does not fit. Nothing was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the grant does not cover this value")]
pub struct GrantRefused;

/// Proof that showing some fields of one session to one person was recorded.
#[derive(Debug)]
pub struct Grant {
    session: SessionId,
    fields: Vec<Field>,
    /// The item whose photo is shown, where it is one.
    picture: Option<String>,
    expires_at: Micros,
}

/// Proof that handing some fields of one session to another system was recorded.
#[derive(Debug)]
pub struct Disclosure {
    session: SessionId,
    fields: Vec<Field>,
    expires_at: Micros,
}

async fn record(sink: &mut (impl AuditSink + ?Sized), entry: NewEntry) -> Result<(SessionId, Vec<Field>), AuditError> {
    let session = entry.session.ok_or_else(|| AuditError("a grant is about one session".into()))?;
    let fields = entry.fields.clone();
    sink.record(entry).await?;
    Ok((session, fields))
}

/// The photo that an entry says is shown.
fn picture(entry: &NewEntry) -> Option<String> {
    entry.detail.clone().filter(|_| entry.action == Action::DocumentViewed)
}

impl Grant {
    /// Writes the entry, which names session, fields and reason, and gives the proof.
    pub async fn record(
        sink: &mut (impl AuditSink + ?Sized),
        entry: NewEntry,
        now: Micros,
    ) -> Result<Self, AuditError> {
        let picture = picture(&entry);
        let (session, fields) = record(sink, entry).await?;
        Ok(Self { session, fields, picture, expires_at: now.plus_seconds(LIFETIME_SECONDS) })
    }

    /// Whether showing this photo was recorded.
    pub(super) fn covers_picture(&self, photo: Photo, session: SessionId, now: Micros) -> bool {
        self.session == session && self.picture.as_deref() == Some(photo.as_str()) && now < self.expires_at
    }

    /// The proof that this very thing was recorded a moment ago, for the repetition of a request whose answer got lost. None when that was
    /// never recorded, or its time is over.
    pub async fn again(
        sink: &mut (impl AuditSink + ?Sized),
        entry: &NewEntry,
        now: Micros,
    ) -> Result<Option<Self>, AuditError> {
        let recorded = sink.find_recorded(entry).await?;
        let grant = entry.session.zip(recorded).map(|(session, at)| Self {
            session,
            fields: entry.fields.clone(),
            picture: picture(entry),
            expires_at: at.plus_seconds(LIFETIME_SECONDS),
        });
        Ok(grant.filter(|grant| now < grant.expires_at))
    }
}

impl Disclosure {
    /// Writes the entry and gives the proof.
    pub async fn record(
        sink: &mut (impl AuditSink + ?Sized),
        entry: NewEntry,
        now: Micros,
    ) -> Result<Self, AuditError> {
        let (session, fields) = record(sink, entry).await?;
        Ok(Self { session, fields, expires_at: now.plus_seconds(LIFETIME_SECONDS) })
    }
}

impl<K: Kind> Pii<K> {
    /// The clear value for one person's eyes, for `seconds`.
    pub fn reveal(
        &self,
        grant: &Grant,
        session: SessionId,
        seconds: u32,
        now: Micros,
    ) -> Result<RevealedValue, GrantRefused> {
        if grant.session != session || !grant.fields.contains(&K::FIELD) || now >= grant.expires_at {
            return Err(GrantRefused);
        }
        Ok(RevealedValue::new(K::FIELD, self.clear().to_owned(), seconds))
    }

    /// The clear value for another system.
    pub fn disclose(
        &self,
        disclosure: &Disclosure,
        session: SessionId,
        now: Micros,
    ) -> Result<Zeroizing<String>, GrantRefused> {
        if disclosure.session != session || !disclosure.fields.contains(&K::FIELD) || now >= disclosure.expires_at {
            return Err(GrantRefused);
        }
        Ok(Zeroizing::new(self.clear().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use kyc_wire::masked::{BirthDate, FullName};
    use uuid::Uuid;

    use super::*;
    use crate::domain::audit::Actor;
    use crate::pii::Picture;

    #[derive(Default)]
    struct Sink {
        entries: u64,
        is_broken: bool,
        recorded: Option<(NewEntry, Micros)>,
    }

    #[async_trait]
    impl AuditSink for Sink {
        async fn record(&mut self, _: NewEntry) -> Result<u64, AuditError> {
            if self.is_broken {
                return Err(AuditError("disk full".into()));
            }
            self.entries += 1;
            Ok(self.entries)
        }

        async fn find_recorded(&mut self, entry: &NewEntry) -> Result<Option<Micros>, AuditError> {
            Ok(self.recorded.as_ref().filter(|(known, _)| known == entry).map(|(_, at)| *at))
        }
    }

    fn session(n: u128) -> SessionId {
        SessionId::new(Uuid::from_u128(n))
    }

    fn entry() -> NewEntry {
        NewEntry::done(Actor::System, Action::FieldRevealed).on(session(1)).about(&[Field::FullName])
    }

    #[tokio::test]
    async fn a_grant_covers_one_session_its_fields_and_a_moment() {
        let mut sink = Sink::default();
        let grant = Grant::record(&mut sink, entry(), Micros(0)).await.unwrap();
        assert_eq!(sink.entries, 1, "the entry comes first");
        let name = Pii::<FullName>::parse("Mara Keller").unwrap();
        let born = Pii::<BirthDate>::parse("1979-04-30").unwrap();
        let now = Micros(1);
        assert_eq!(name.reveal(&grant, session(1), 20, now).unwrap().text(), "Mara Keller");
        assert_eq!(name.reveal(&grant, session(2), 20, now).unwrap_err(), GrantRefused);
        assert_eq!(born.reveal(&grant, session(1), 20, now).unwrap_err(), GrantRefused);
        assert_eq!(name.reveal(&grant, session(1), 20, Micros(30_000_000)).unwrap_err(), GrantRefused);
    }

    #[tokio::test]
    async fn a_repetition_has_the_grant_of_the_entry_that_is_there_and_none_after_its_time() {
        let mut sink = Sink { recorded: Some((entry(), Micros(5))), ..Sink::default() };
        let name = Pii::<FullName>::parse("Mara Keller").unwrap();
        let last = Micros(5).plus_seconds(LIFETIME_SECONDS - 1);
        let grant = Grant::again(&mut sink, &entry(), last).await.unwrap().unwrap();
        assert_eq!(name.reveal(&grant, session(1), 20, last).unwrap().text(), "Mara Keller");
        let late = Micros(5).plus_seconds(LIFETIME_SECONDS);
        assert_eq!(name.reveal(&grant, session(1), 20, late).unwrap_err(), GrantRefused);
        assert!(Grant::again(&mut sink, &entry(), late).await.unwrap().is_none());
        assert!(Grant::again(&mut sink, &entry().on(session(2)), last).await.unwrap().is_none());
        assert_eq!(sink.entries, 0);
    }

    #[tokio::test]
    async fn a_photo_is_shown_by_an_entry_about_it_and_by_no_other() {
        let viewed =
            |detail: &str| NewEntry::done(Actor::System, Action::DocumentViewed).on(session(1)).with(detail.to_owned());
        let photo = Picture::new(Photo::uploaded(kyc_wire::session::CaptureItem::Face), b"pixels".to_vec());
        let mut sink = Sink::default();
        let grant = Grant::record(&mut sink, viewed("face"), Micros(0)).await.unwrap();
        assert_eq!(photo.reveal(&grant, session(1), Micros(1)).unwrap(), b"pixels");
        assert_eq!(photo.reveal(&grant, session(2), Micros(1)).unwrap_err(), GrantRefused);
        assert_eq!(photo.reveal(&grant, session(1), Micros(30_000_000)).unwrap_err(), GrantRefused);
        for other in [viewed("document_front"), viewed("provider_face"), entry().with("face")] {
            let grant = Grant::record(&mut sink, other, Micros(0)).await.unwrap();
            assert_eq!(photo.reveal(&grant, session(1), Micros(1)).unwrap_err(), GrantRefused);
        }
    }

    #[tokio::test]
    async fn without_an_entry_there_is_no_grant() {
        let mut sink = Sink { is_broken: true, ..Sink::default() };
        assert!(Grant::record(&mut sink, entry(), Micros(0)).await.is_err());
    }
}
