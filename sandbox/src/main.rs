//! The stand-ins, started for the demo; and the seed that fills a running KYC Desk through its public API.

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use kyc_sandbox::Clock;
use kyc_sandbox::bank::{Bank, BankConfig};
use kyc_sandbox::genesys_api::{GenesysApi, GenesysConfig};
use kyc_sandbox::genesys_host::{Host, HostConfig};
use kyc_sandbox::idp::{Idp, IdpConfig, OpenerPolicy};
use kyc_sandbox::jumio::{Jumio, JumioConfig};
use kyc_sandbox::line::{self, Flow};
use kyc_sandbox::onfido::{Onfido, OnfidoConfig};
use kyc_sandbox::seed::{SeedConfig, seed, work};
use kyc_sandbox::veriff::{Veriff, VeriffConfig};

/// Stand-ins for the world around KYC Desk. For demos and tests only: the secrets are no secrets.
#[derive(Parser)]
#[command(name = "kyc-sandbox", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs all stand-ins until it is interrupted.
    Serve(Box<Serve>),
    /// Creates sessions in different states and lists them on the imitated desktop.
    Seed(Seed),
}

#[derive(Args)]
struct Serve {
    /// Port of the imitated agent desktop.
    #[arg(long, default_value_t = 7300)]
    port_host: u16,
    /// Port of the identity provider.
    #[arg(long, default_value_t = 7301)]
    port_idp: u16,
    /// Port of the verification provider.
    #[arg(long, default_value_t = 7302)]
    port_veriff: u16,
    /// Port of the other verification provider.
    #[arg(long, default_value_t = 7305)]
    port_onfido: u16,
    /// Port of the bank's event receiver.
    #[arg(long, default_value_t = 7303)]
    port_bank: u16,
    /// Port of another verification provider.
    #[arg(long, default_value_t = 7304)]
    port_jumio: u16,
    /// Port of the contact centre's API.
    #[arg(long, default_value_t = 7308)]
    port_genesys: u16,
    /// The product's client id at the contact centre.
    #[arg(long, default_value = "kyc-desk-server")]
    genesys_client: String,
    /// Its secret.
    #[arg(long, default_value = "demo-genesys-secret")]
    genesys_secret: String,
    /// The product's address for agents.
    #[arg(long, default_value = "http://localhost:7310")]
    desk_url: String,
    /// The product's address for machines.
    #[arg(long, default_value = "http://localhost:7311")]
    edge_url: String,
    /// Name of the identity provider in the product's configuration: part of the redirect address.
    #[arg(long, default_value = "bank")]
    idp_name: String,
    /// The product's client id at the identity provider.
    #[arg(long, default_value = "kyc-desk")]
    idp_client: String,
    /// The product's secret at the identity provider.
    #[arg(long, default_value = "demo-client-secret")]
    idp_secret: String,
    /// API key of the integration.
    #[arg(long, default_value = "demo-veriff-key")]
    veriff_key: String,
    /// Shared secret of the integration.
    #[arg(long, default_value = "demo-veriff-secret")]
    veriff_secret: String,
    /// The product's client id at the other one.
    #[arg(long, default_value = "demo-jumio-client")]
    jumio_client: String,
    /// Its secret.
    #[arg(long, default_value = "demo-jumio-secret")]
    jumio_secret: String,
    /// The workflow there.
    #[arg(long, default_value_t = 10_164)]
    jumio_workflow: u32,
    /// API token of the other provider's account.
    #[arg(long, default_value = "demo-onfido-token")]
    onfido_token: String,
    /// Token of its webhook.
    #[arg(long, default_value = "demo-onfido-webhook-token")]
    onfido_webhook_token: String,
    /// How long a check takes after the customer has handed in the pictures, in milliseconds.
    #[arg(long, default_value_t = 1500)]
    veriff_delay_ms: u64,
    /// The secret by which events to the bank are signed.
    #[arg(long, default_value = "whsec_ZGVtby1iYW5rLXdlYmhvb2stc2VjcmV0LTEyMzQ1Ng==")]
    bank_secret: String,
    /// Client id of the Genesys flow, which gives signs of life for the customers in the video.
    #[arg(long, default_value = "flow")]
    flow_client: String,
    /// Its secret.
    #[arg(long, default_value = "demo-flow-secret")]
    flow_secret: String,
    /// Lets `/authorize?auto=mira` sign in without a page, for scripted browsers.
    #[arg(long)]
    allow_auto: bool,
}

#[derive(Args)]
struct Seed {
    /// The product's address for machines.
    #[arg(long, default_value = "http://localhost:7311")]
    edge_url: String,
    /// The product's address for agents.
    #[arg(long, default_value = "http://localhost:7310")]
    desk_url: String,
    /// The imitated agent desktop.
    #[arg(long, default_value = "http://127.0.0.1:7300")]
    host_url: String,
    /// Client id of the Genesys flow.
    #[arg(long, default_value = "flow")]
    flow_client: String,
    /// Its secret.
    #[arg(long, default_value = "demo-flow-secret")]
    flow_secret: String,
    /// Client id of the bank's system.
    #[arg(long, default_value = "bank")]
    bank_client: String,
    /// Its secret.
    #[arg(long, default_value = "demo-bank-secret")]
    bank_secret: String,
    /// How long to wait for a capture address, in seconds.
    #[arg(long, default_value_t = 30)]
    patience_seconds: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Serve(options) => serve(*options).await,
        Command::Seed(options) => fill(options).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: Serve) -> Result<(), Box<dyn Error>> {
    let host =
        HostConfig { port: options.port_host, desk_url: options.desk_url.clone(), opener_policy: OpenerPolicy::Unset };
    let host = Host::start(host).await.map_err(|error| format!("the desktop did not start: {error}"))?;
    let idp = Idp::start(idp_config(&options)).await.map_err(|error| format!("the IdP did not start: {error}"))?;
    let veriff = Veriff::start(veriff_config(&options)).await;
    let veriff = veriff.map_err(|error| format!("the verification provider did not start: {error}"))?;
    veriff.set_webhook_url(&format!("{}/webhooks/veriff/veriff-demo", options.edge_url.trim_end_matches('/')));
    let jumio = Jumio::start(jumio_config(&options)).await;
    let jumio = jumio.map_err(|error| format!("the other verification provider did not start: {error}"))?;
    let genesys = GenesysApi::start(genesys_config(&options)).await;
    let genesys = genesys.map_err(|error| format!("the contact centre's API did not start: {error}"))?;
    let onfido = Onfido::start(onfido_config(&options)).await;
    let onfido = onfido.map_err(|error| format!("the other verification provider did not start: {error}"))?;
    onfido.set_webhook_url(&format!("{}/webhooks/onfido/onfido-demo", options.edge_url.trim_end_matches('/')));
    let flow = Flow { edge_url: options.edge_url, client: options.flow_client, secret: options.flow_secret };
    let secrets = vec![options.bank_secret];
    let bank = Bank::start(BankConfig { port: options.port_bank, clock: Clock::system(), secrets }).await;
    let bank = bank.map_err(|error| format!("the bank's receiver did not start: {error}"))?;
    say(&format!("agent desktop          {}", host.url()));
    say(&format!("identity provider      {}", idp.issuer()));
    say(&format!("verification provider  {}", veriff.base_url()));
    say(&format!("another one            {}", jumio.base_url()));
    say(&format!("another, Onfido        {}", onfido.base_url()));
    say(&format!("the bank's events      {}", bank.events_url()));
    say(&format!("contact centre's API   {}", genesys.url()));
    tokio::select! {
        stopped = tokio::signal::ctrl_c() => Ok(stopped?),
        () = line::hold(flow, &host) => Ok(()),
    }
}

fn idp_config(options: &Serve) -> IdpConfig {
    let desk = options.desk_url.trim_end_matches('/');
    let mut config = IdpConfig::new(Clock::system(), &options.idp_client, &options.idp_secret);
    config.port = options.port_idp;
    config.redirect_uris = vec![format!("{desk}/auth/oidc/{}/callback", options.idp_name)];
    config.post_logout_redirect_uris = vec![format!("{desk}/auth/oidc/{}/signed-out", options.idp_name)];
    config.backchannel_logout_uri = Some(format!("{desk}/auth/oidc/{}/backchannel-logout", options.idp_name));
    config.allows_auto = options.allow_auto;
    config
}

/// Every conversation is there, with every agent on it: in the demo anybody may take any interaction.
fn genesys_config(options: &Serve) -> GenesysConfig {
    let mut config = GenesysConfig::new(Clock::system(), &options.genesys_client, &options.genesys_secret);
    config.port = options.port_genesys;
    config.has_every_conversation = true;
    config
}

fn veriff_config(options: &Serve) -> VeriffConfig {
    let mut config = VeriffConfig::new(Clock::system(), &options.veriff_key, &options.veriff_secret);
    config.port = options.port_veriff;
    config.decision_delay = Duration::from_millis(options.veriff_delay_ms);
    // Veriff repeats hourly; in a demo nobody waits that long for a server that was being restarted.
    config.retry_delays = vec![Duration::from_secs(5); 60];
    config.allows_casting = true;
    config
}

fn jumio_config(options: &Serve) -> JumioConfig {
    let (client, secret) = (&options.jumio_client, &options.jumio_secret);
    let mut config = JumioConfig::new(Clock::system(), client, secret, options.jumio_workflow);
    config.port = options.port_jumio;
    config.decision_delay = Duration::from_millis(options.veriff_delay_ms);
    config.retry_delays = vec![Duration::from_secs(5); 60];
    config.allows_casting = true;
    config
}

fn onfido_config(options: &Serve) -> OnfidoConfig {
    let mut config = OnfidoConfig::new(Clock::system(), &options.onfido_token, &options.onfido_webhook_token);
    config.port = options.port_onfido;
    config.decision_delay = Duration::from_millis(options.veriff_delay_ms);
    config.retry_delays = vec![Duration::from_secs(5); 60];
    config.allows_casting = true;
    config
}

async fn fill(options: Seed) -> Result<(), Box<dyn Error>> {
    let config = SeedConfig {
        jumio: "jumio-demo".to_owned(),
        edge_url: options.edge_url,
        desk_url: options.desk_url,
        host_url: options.host_url,
        flow_client: (options.flow_client, options.flow_secret),
        bank_client: (options.bank_client, options.bank_secret),
        patience: Duration::from_secs(options.patience_seconds),
    };
    let made = seed(&config, say).await?;
    work(&config, &made, say).await?;
    say(&format!("{} sessions are on the desktop: {}", made.len(), config.host_url));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a command for people at a terminal")]
fn say(words: &str) {
    println!("{words}");
}

#[expect(clippy::print_stderr, reason = "a command for people at a terminal")]
fn complain(words: &str) {
    eprintln!("kyc-sandbox: {words}");
}
