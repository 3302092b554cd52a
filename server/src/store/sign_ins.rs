//! People who sign in, their sign-ins, sign-ins under way, and the browser sessions that stand for them.

use async_trait::async_trait;
use kyc_wire::ids::{Micros, PersonId, SessionId, SignInId, TxnId};
use kyc_wire::me::{Place, RefusalCode, Role};
use kyc_wire::photo::Photo;
use kyc_wire::session::Act;
use kyc_wire::sign_ins::Browser;
use serde::{Deserialize, Serialize};

use super::StoreError;

/// A person: who she is is decided by issuer and subject together, never by a name, an address, or what the configuration calls her
/// identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Our id.
    pub id: PersonId,
    /// The configured identity provider by which she came first.
    pub idp: String,
    /// Its issuer.
    pub issuer: String,
    /// Its id of the person.
    pub subject: String,
    /// The name it gives.
    pub name: String,
}

/// What an identity provider vouched for: kept from the callback until the widget redeems it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vouched {
    /// The person.
    pub person: PersonId,
    /// The identity provider's session.
    pub idp_session: Option<String>,
    /// When that ends, if it says so: it limits the sign-in that is made of this, whose last deadline then tells.
    #[serde(default)]
    pub session_ends_at: Option<Micros>,
    /// When she proved who she is, seconds since 1970.
    pub auth_time: Option<i64>,
    /// How (authentication context class).
    pub acr: Option<String>,
    /// Her roles.
    pub roles: Vec<Role>,
    /// Her queues, each with the role that she has there.
    pub queues: Vec<(Role, String)>,
    /// In which browser.
    #[serde(default)]
    pub browser: Browser,
    /// What names her session at the identity provider, sealed; gone when the sign-in ends.
    #[serde(default)]
    pub id_token: Option<String>,
}

/// A sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Its id.
    pub id: SignInId,
    /// The configured identity provider.
    pub idp: String,
    /// What it vouched for.
    pub vouched: Vouched,
    /// When it began.
    pub created_at: Micros,
    /// The last real input.
    pub last_activity_at: Micros,
    /// When it ends in any case.
    pub absolute_deadline: Micros,
}

/// What a popup is opened for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To sign in.
    #[default]
    SignIn,
    /// To prove anew who one is, in a sign-in that runs.
    StepUp(StepUp),
    /// To sign out at the identity provider too, after signing out here.
    Leave(Leave),
}

/// Who signs out at her identity provider too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leave {
    /// The sign-in that has ended.
    pub sign_in: SignInId,
    /// Whose it was.
    pub person: PersonId,
    /// What names her session there, sealed.
    pub id_token: String,
}

/// What somebody proves anew who she is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepUp {
    /// In which sign-in.
    pub sign_in: SignInId,
    /// Whose.
    pub person: PersonId,
    /// For which act.
    pub act: Act,
    /// On which session.
    pub session: SessionId,
    /// On which of its values, where the act is a reveal.
    pub values: Vec<Place>,
    /// On which of its photos.
    #[serde(default)]
    pub photos: Vec<Photo>,
    /// When it was asked for.
    pub opened_at: Micros,
}

/// A sign-in under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Txn {
    /// Its id.
    pub id: TxnId,
    /// The configured identity provider.
    pub idp: String,
    /// What for.
    pub purpose: Purpose,
    /// SHA-256 of the widget's verifier.
    pub challenge: [u8; 32],
    /// SHA-256 of the one-time ticket.
    pub ticket_hash: [u8; 32],
    /// When it is void.
    pub expires_at: Micros,
}

/// How a sign-in under way stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TxnProgress {
    /// Waits for the popup.
    Pending,
    /// At the identity provider.
    Begun,
    /// Vouched for, not redeemed.
    Authenticated(Vouched),
    /// Redeemed.
    Redeemed,
    /// Refused.
    Refused(RefusalCode),
}

/// Stores people and sign-ins.
#[async_trait]
pub trait SignIns: Send {
    /// Forgets a transaction of the popup; false when somebody else did.
    async fn delete_txn(&mut self, id: TxnId) -> Result<bool, StoreError>;

    /// The person whom this issuer knows by this subject, created with `person`'s id when she is new; her name is brought up to date.
    async fn upsert_person(&mut self, person: &Person) -> Result<PersonId, StoreError>;

    /// The person whom this issuer knows by this subject.
    async fn find_person(&mut self, issuer: &str, subject: &str) -> Result<Option<PersonId>, StoreError>;

    /// Names of people.
    async fn list_people(&mut self, ids: &[PersonId]) -> Result<Vec<(PersonId, String)>, StoreError>;

    /// Keeps a new sign-in under way.
    async fn insert_txn(&mut self, txn: &Txn) -> Result<(), StoreError>;

    /// How it stands.
    async fn find_txn(&mut self, id: TxnId, now: Micros) -> Result<Option<(Txn, TxnProgress)>, StoreError>;

    /// Uses up a ticket: pending → begun, bound to the popup's browser. None when there is no such ticket, or no more.
    async fn update_txn_begun(
        &mut self,
        ticket: &[u8; 32],
        login: &[u8; 32],
        now: Micros,
    ) -> Result<Option<Txn>, StoreError>;

    /// The sign-in that was begun in this browser.
    async fn find_txn_begun(&mut self, login: &[u8; 32], now: Micros) -> Result<Option<Txn>, StoreError>;

    /// Begun → authenticated; false when it is not begun (any more).
    async fn update_txn_authenticated(&mut self, id: TxnId, vouched: &Vouched) -> Result<bool, StoreError>;

    /// Pending or begun → refused.
    async fn update_txn_refused(&mut self, id: TxnId, code: &str) -> Result<(), StoreError>;

    /// Authenticated → redeemed; false when somebody was faster.
    async fn update_txn_redeemed(&mut self, id: TxnId) -> Result<bool, StoreError>;

    /// Keeps a sign-in. Until the transaction is over, nobody else adds one for the same person.
    async fn insert_sign_in(&mut self, sign_in: &SignIn) -> Result<(), StoreError>;

    /// The sign-in with its person's name, if it has not ended: not revoked, active since `active_since`, before its last deadline.
    async fn find_live_sign_in(
        &mut self,
        id: SignInId,
        active_since: Micros,
        now: Micros,
    ) -> Result<Option<(SignIn, String)>, StoreError>;

    /// A person's sign-ins that have not ended, newest first: not revoked, active since `active_since`, before their last deadline.
    async fn list_live_sign_ins(
        &mut self,
        person: PersonId,
        active_since: Micros,
        now: Micros,
    ) -> Result<Vec<SignInId>, StoreError>;

    /// Everybody's live sign-ins with their names, the most recently active first, `limit` at most.
    async fn list_sign_ins(
        &mut self,
        active_since: Micros,
        now: Micros,
        limit: usize,
    ) -> Result<Vec<(SignIn, String)>, StoreError>;

    /// Notes real input, if the sign-in still lives.
    async fn update_sign_in_activity(
        &mut self,
        id: SignInId,
        at: Micros,
        active_since: Micros,
    ) -> Result<bool, StoreError>;

    /// Takes what was vouched for anew, if the sign-in has not been ended. It may end earlier for it, and never later.
    async fn update_sign_in_vouched(&mut self, id: SignInId, vouched: &Vouched) -> Result<bool, StoreError>;

    /// Ends a sign-in for good.
    async fn update_sign_in_revoked(&mut self, id: SignInId, at: Micros, reason: &str) -> Result<bool, StoreError>;

    /// Keeps a new browser session; [`StoreError::Conflict`] when the hash is taken.
    async fn insert_web_session(&mut self, hash: &[u8; 32], data: &str, expires_at: Micros) -> Result<(), StoreError>;

    /// Changes a browser session that exists; one that was deleted stays deleted.
    async fn update_web_session(&mut self, hash: &[u8; 32], data: &str, expires_at: Micros) -> Result<(), StoreError>;

    /// A browser session that has not ended.
    async fn find_web_session(&mut self, hash: &[u8; 32], now: Micros) -> Result<Option<(String, Micros)>, StoreError>;

    /// Forgets a browser session.
    async fn delete_web_session(&mut self, hash: &[u8; 32]) -> Result<(), StoreError>;

    /// Forgets what has ended, and sign-ins whose last deadline was at `before` or earlier, a bounded number of rows. Gives how many.
    async fn delete_ended(&mut self, now: Micros, before: Micros) -> Result<u64, StoreError>;
}
