//! What is measured: names, units and what each is for. Labels are names from the configuration, templates of routes and codes; never an
//! id, and nothing about a person.

use std::time::Duration;

use kyc_wire::ids::Micros;
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder};

use crate::providers::SignatureRefused;
use crate::state::App;
use crate::store::work::JobKind;

/// Upper bounds of the histograms, in seconds: from an answer out of memory to a provider that hangs.
const SECONDS: [f64; 12] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

/// What providers are called for.
const CALLS: [&str; 2] = ["start", "result"];

/// How long a scrape waits for the database.
const LIMIT: Duration = Duration::from_secs(2);

/// The recorder, with histograms in the buckets of this module.
pub fn recorder() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
}

/// Says what each metric is; call once, after the recorder is installed.
pub fn describe() {
    describe_counter!("kyc_http_requests_total", Unit::Count, "Requests, by listener, route and class of status");
    describe_histogram!("kyc_http_request_duration_seconds", Unit::Seconds, "Time until an answer's headers");
    describe_counter!("kyc_webhooks_total", Unit::Count, "Webhooks of providers, by what became of them");
    describe_counter!(
        "kyc_webhook_signature_failures_total",
        Unit::Count,
        "Webhooks that were not signed by the provider, by what was wrong"
    );
    describe_histogram!("kyc_webhook_lag_seconds", Unit::Seconds, "From accepting a webhook to having applied it");
    describe_counter!("kyc_provider_calls_total", Unit::Count, "Calls to providers, by outcome; rate_limited is a 429");
    describe_histogram!(
        "kyc_provider_call_duration_seconds",
        Unit::Seconds,
        "Time of one call to a provider, with whatever it needs on the way"
    );
    describe_counter!(
        "kyc_provider_changed_its_mind_total",
        Unit::Count,
        "Results that contradict one on which a final decision rests: look at each"
    );
    describe_counter!("kyc_requests_limited_total", Unit::Count, "Requests that came too often, by door");
    describe_counter!(
        "kyc_guests_refused_total",
        Unit::Count,
        "Refusals of somebody who is nobody yet; the audit log holds the first of each kind in an hour"
    );
    describe_counter!("kyc_requests_given_up_total", Unit::Count, "Requests whose body or answer took too long");
    describe_gauge!(
        "kyc_outbound_down",
        Unit::Count,
        "Whether a provider or the bank is left alone for now (1), by name"
    );
    describe_counter!("kyc_jobs_dead_total", Unit::Count, "Jobs that were given up: look at each");
    describe_gauge!("kyc_job_queue_age_seconds", Unit::Seconds, "For how long the oldest due job has been waiting");
    describe_gauge!("kyc_streams_open", Unit::Count, "Open event streams");
    describe_gauge!("kyc_database_up", Unit::Count, "Whether the database answers (1) or not (0)");
    describe_counter!("kyc_config_reloads_total", Unit::Count, "Reloads of the configuration, by outcome");
    describe_gauge!("kyc_build_info", Unit::Count, "Always 1; the version is the label");
    metrics::gauge!("kyc_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}

/// Brings up to date what is looked at rather than counted. Called for each scrape.
pub async fn look(app: &App) {
    let now = app.clock.now();
    for gate in app.providers.values().map(|outbound| &outbound.gate).chain([&app.bank]) {
        gate.show();
    }
    begin(app);
    let due = tokio::time::timeout(LIMIT, async { app.store.read(&app.tenant).await?.find_next_due().await }).await;
    let due = due.ok().and_then(Result::ok);
    metrics::gauge!("kyc_database_up").set(if due.is_some() { 1.0 } else { 0.0 });
    if let Some(due) = due {
        metrics::gauge!("kyc_job_queue_age_seconds").set(due.map_or(0.0, |due| seconds_between(due, now)));
    }
}

/// Begins at zero what an alert waits for: the first increase of a series that was not there before is none to Prometheus.
fn begin(app: &App) {
    for provider in app.providers.keys() {
        for call in CALLS {
            let labels =
                [("provider", provider.clone()), ("call", call.to_owned()), ("outcome", "rate_limited".to_owned())];
            metrics::counter!("kyc_provider_calls_total", &labels).increment(0);
        }
        for reason in SignatureRefused::ALL.map(SignatureRefused::as_str) {
            let labels = [("provider", provider.clone()), ("reason", reason.to_owned())];
            metrics::counter!("kyc_webhook_signature_failures_total", &labels).increment(0);
        }
    }
    for kind in JobKind::ALL {
        metrics::counter!("kyc_jobs_dead_total", "kind" => kind.as_str()).increment(0);
    }
    metrics::counter!("kyc_provider_changed_its_mind_total").increment(0);
}

/// A provider was called.
pub fn provider_called(integration: &str, call: &'static str, outcome: &'static str, took: Duration) {
    let provider = integration.to_owned();
    let labels = [("provider", provider.clone()), ("call", call.to_owned()), ("outcome", outcome.to_owned())];
    metrics::counter!("kyc_provider_calls_total", &labels).increment(1);
    let labels = [("provider", provider), ("call", call.to_owned())];
    metrics::histogram!("kyc_provider_call_duration_seconds", &labels).record(took);
}

/// A webhook was applied.
pub fn webhook_applied(integration: &str, received: Micros, now: Micros) {
    let lag = metrics::histogram!("kyc_webhook_lag_seconds", "provider" => integration.to_owned());
    lag.record(seconds_between(received, now));
}

/// A webhook was turned away because of its signature.
pub fn webhook_refused(integration: &str, reason: &'static str) {
    let provider = integration.to_owned();
    metrics::counter!("kyc_webhooks_total", "provider" => provider.clone(), "outcome" => "bad_signature").increment(1);
    metrics::counter!("kyc_webhook_signature_failures_total", "provider" => provider, "reason" => reason).increment(1);
}

/// Counts an open stream until it is dropped.
pub struct OpenStream(());

/// A stream was opened.
pub fn stream_opened() -> OpenStream {
    metrics::gauge!("kyc_streams_open").increment(1.0);
    OpenStream(())
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        metrics::gauge!("kyc_streams_open").decrement(1.0);
    }
}

/// Never negative: a clock that is put right must not make a queue look young.
fn seconds_between(from: Micros, to: Micros) -> f64 {
    Duration::from_micros(u64::try_from(to.0.saturating_sub(from.0)).unwrap_or(0)).as_secs_f64()
}
