//! What every handler can reach. Made once, in `lib.rs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

use crate::auth::idp::IdentityProvider;
use crate::clock::{Clock, Ids, Rng};
use crate::config::Config;
use crate::custody::InboxKey;
use crate::documents::Documents;
use crate::events::Events;
use crate::genesys::Genesys;
use crate::inbox::Inbox;
use crate::names::Names;
use crate::outbound::{Gate, Outbound};
use crate::pii::vault::Vault;
use crate::rates::Rates;
use crate::store::{Store, TenantId};

/// The application.
pub struct App {
    /// The configuration.
    pub config: Config,
    /// The one tenant of this installation.
    pub tenant: TenantId,
    /// The database.
    pub store: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub rng: Arc<dyn Rng>,
    /// Ids.
    pub ids: Ids,
    /// Sealing.
    pub vault: Vault,
    /// Photos of documents and faces.
    pub documents: Documents,
    /// Where webhooks are kept.
    pub inbox: Arc<Inbox>,
    /// The key that seals today's webhooks.
    pub inbox_key: InboxKey,
    /// The names of colleagues.
    pub names: Names,
    /// The providers, by integration.
    pub providers: BTreeMap<String, Outbound>,
    /// The identity providers, by name.
    pub idps: BTreeMap<String, IdentityProvider>,
    /// The client for what is neither provider nor identity provider: the bank.
    pub http: reqwest::Client,
    /// Before everything that is sent to the bank.
    pub bank: Gate,
    /// The contact centre, if one is configured.
    pub genesys: Option<Genesys>,
    /// What changed, for whoever watches.
    pub events: Events,
    /// Wakes the workers when there is something to do.
    pub work: tokio::sync::Notify,
    /// Who asks how often.
    pub rates: Rates,
    /// Whether the server is stopping: streams close, no further job begins.
    pub stopping: watch::Sender<bool>,
}

impl App {
    /// Waits until the server is stopping.
    pub async fn stopped(&self) {
        drop(self.stopping.subscribe().wait_for(|is_stopping| *is_stopping).await);
    }
}
