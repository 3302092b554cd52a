//! KYC Desk: the server behind the widget in the Genesys agent desktop.
//!
//! Dependencies point one way: `domain` ← `pii` ← `store`, `providers`, `auth` ← `casework`, `intake` ← `http`, `jobs`. Wiring happens in
//! this file and nowhere else.

pub mod auth;
pub mod casework;
pub mod clock;
pub mod config;
pub mod custody;
pub mod doctor;
pub mod documents;
pub mod domain;
pub mod events;
pub mod genesys;
pub mod http;
pub mod inbox;
pub mod intake;
pub mod jobs;
pub mod listen;
pub mod live;
pub mod measures;
pub mod names;
pub mod outbound;
pub mod pii;
pub mod providers;
pub mod rates;
pub mod reload;
pub mod serve;
pub mod state;
pub mod store;
pub mod telemetry;
pub mod texts;
pub mod upkeep;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::auth::idp::IdentityProvider;
use crate::auth::oidc::Oidc;
use crate::auth::saml::Saml;
use crate::clock::{Clock, Ids, Rng};
use crate::config::Config;
use crate::config::auth::Configured;
use crate::config::database::DatabaseUrl;
use crate::config::providers::Integration;
use crate::custody::InboxKey;
use crate::documents::{Documents, ObjectError};
use crate::events::Events;
use crate::genesys::Genesys;
use crate::inbox::{Inbox, Room};
use crate::names::Names;
use crate::outbound::{Gate, Outbound};
use crate::pii::vault::{LocalMasterKeys, Vault, VaultError};
use crate::providers::Transport;
use crate::providers::bucket::Rate;
use crate::rates::Rates;
use crate::state::App;
use crate::store::postgres::PostgresStore;
use crate::store::sqlite::SqliteStore;
use crate::store::{Store, StoreError, TenantId};

/// How often the bank may be told something: it has no limit that we know of, and is not to be flooded after an interruption.
const BANK_RATE: Rate = Rate { burst: 50, every: Duration::from_millis(20) };

/// What must be there before anything is served.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be opened.
    #[error("the database cannot be opened")]
    Store(#[from] StoreError),
    /// The master key cannot be used.
    #[error("the master key cannot be used")]
    Vault(#[from] VaultError),
    /// Documents cannot be kept where the configuration says.
    #[error("documents.url cannot be used")]
    Documents(#[from] ObjectError),
    /// No HTTP client can be made.
    #[error("no HTTP client can be made")]
    Http(#[from] reqwest::Error),
    /// An address in the configuration cannot be built upon.
    #[error("http.desk_url cannot be built upon")]
    Url(#[from] url::ParseError),
}

/// Opens the database, and brings it up to date.
pub async fn open(url: &DatabaseUrl, clock: &Arc<dyn Clock>) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match url {
        DatabaseUrl::Sqlite(url) => Arc::new(SqliteStore::open(url, Arc::clone(clock)).await?),
        DatabaseUrl::Postgres(url) => Arc::new(PostgresStore::open(url, Arc::clone(clock)).await?),
    })
}

/// The vault on the configured master keys.
pub fn vault(config: &Config, rng: &Arc<dyn Rng>) -> Result<Vault, VaultError> {
    let keys: Vec<_> =
        std::iter::once(&config.privacy.master_key).chain(&config.privacy.old_master_keys).cloned().collect();
    Ok(Vault::new(Box::new(LocalMasterKeys::new(&keys, Arc::clone(rng))?), Arc::clone(rng)))
}

/// The configured providers, each behind its gate.
fn outbound(config: &Config, clock: &Arc<dyn Clock>) -> Result<BTreeMap<String, Outbound>, reqwest::Error> {
    let transport = Transport::new(reqwest::Client::builder())?;
    let one = |(name, settings): &(String, Integration)| {
        (name.clone(), Outbound::new(name, settings.clone(), transport.clone(), clock))
    };
    Ok(config.providers.iter().map(one).collect())
}

/// The contact centre, if one is configured.
fn genesys(config: &Config, clock: &Arc<dyn Clock>) -> Result<Option<Genesys>, reqwest::Error> {
    let Some(settings) = config.genesys.clone() else { return Ok(None) };
    Ok(Some(Genesys::new(settings, Transport::new(reqwest::Client::builder())?, Arc::clone(clock))))
}

/// The configured identity providers. Nothing is fetched yet.
fn idps(config: &Config, clock: &Arc<dyn Clock>) -> Result<BTreeMap<String, IdentityProvider>, StartError> {
    let desk = &config.http.desk_url;
    let one = |(name, idp): (&String, &Configured)| {
        let idp = match idp {
            Configured::Oidc(idp) => {
                let of = |route: &str| desk.join(&route.replace("{idp}", name));
                let back = (of(kyc_wire::routes::OIDC_CALLBACK)?, of(kyc_wire::routes::OIDC_LEFT)?);
                IdentityProvider::Oidc(Box::new(Oidc::new((**idp).clone(), back, Arc::clone(clock))?))
            }
            Configured::Saml(idp) => {
                IdentityProvider::Saml(Box::new(Saml::new((**idp).clone(), name, desk, Arc::clone(clock))?))
            }
        };
        Ok((name.clone(), idp))
    };
    config.auth.idps.iter().map(one).collect()
}

/// Builds the application on a configuration, with this time and chance.
pub async fn build(config: Config, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Result<Arc<App>, StartError> {
    let store = open(&config.database, &clock).await?;
    let vault = vault(&config, &rng)?;
    let providers = outbound(&config, &clock)?;
    let bank = Gate::new("bank", BANK_RATE, Arc::clone(&clock));
    let genesys = genesys(&config, &clock)?;
    let idps = idps(&config, &clock)?;
    let documents = Documents::open(&config.documents)?;
    let tenant = TenantId::default();
    Ok(Arc::new(App {
        inbox: Inbox::new(&store, &tenant, Room::default()),
        tenant,
        store,
        ids: Ids::new(Arc::clone(&clock), Arc::clone(&rng)),
        clock,
        rng,
        vault,
        documents,
        inbox_key: InboxKey::default(),
        names: Names::default(),
        providers,
        idps,
        http: reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(15))
            .build()?,
        bank,
        genesys,
        events: Events::default(),
        work: tokio::sync::Notify::new(),
        rates: Rates::default(),
        stopping: tokio::sync::watch::Sender::new(false),
        config,
    }))
}
