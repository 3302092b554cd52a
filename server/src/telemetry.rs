//! What the server says about itself while it runs: the log, as lines of JSON, and where configured traces by OpenTelemetry. Both hold ids
//! and codes only.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry::trace::TracerProvider;
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_http::{Bytes, HttpClient, HttpError};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tokio::runtime::Handle;
use tracing::Subscriber;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::config::telemetry::Telemetry;

/// How long the collector may take. Whoever is traced does not wait for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why traces cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// No HTTP client can be made.
    #[error("no HTTP client can be made for traces")]
    Http(#[from] reqwest::Error),
    /// The exporter cannot be made.
    #[error("no exporter can be made for traces")]
    Exporter(#[from] ExporterBuildError),
}

/// Begins to log to standard error, and to send traces if they are configured. Called once, from within the runtime.
pub fn begin(traces: Option<&Telemetry>) -> Result<Option<Traces>, TelemetryError> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    let log = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(std::io::stderr);
    let traces = traces.map(Traces::to).transpose()?;
    let spans = traces.as_ref().map(Traces::layer);
    tracing_subscriber::registry().with(spans).with(log.with_filter(filter)).init();
    Ok(traces)
}

/// Traces on their way to a collector, in batches, from a thread of their own. What a collector that is down does not take is dropped.
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// To this collector. Called from within the runtime.
    pub fn to(telemetry: &Telemetry) -> Result<Self, TelemetryError> {
        let client =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE).build()?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client { client, runtime: Handle::current() })
            .with_endpoint(telemetry.traces_url.as_str())
            .with_timeout(PATIENCE)
            .build()?;
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(Sampler::TraceIdRatioBased(telemetry.traces_sampled))
            .with_resource(Resource::builder().with_service_name("kyc-desk").with_attribute(version).build())
            .build();
        Ok(Self(provider))
    }

    /// What turns our own spans into traces: requests, jobs and calls to others. Libraries may put anything into theirs.
    pub fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(&self) -> impl Layer<S> + use<S> {
        let tracer = self.0.tracer_with_scope(InstrumentationScope::builder("kyc-desk").build());
        let layer = tracing_opentelemetry::layer().with_tracer(tracer).with_location(false).with_threads(false);
        layer.with_filter(tracing_subscriber::filter::filter_fn(|metadata| {
            metadata.is_span() && metadata.target().starts_with("kyc_desk")
        }))
    }

    /// Sends what there is. Blocks.
    pub fn flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    /// Sends what there is and ends. Blocks, for a few seconds at most.
    pub fn end(self) -> OTelSdkResult {
        self.0.shutdown_with_timeout(PATIENCE)
    }
}

/// Our own HTTP client for the exporter, whose thread knows no runtime.
struct Client {
    client: reqwest::Client,
    runtime: Handle,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, HttpError> {
        let request = reqwest::Request::try_from(request)?;
        let client = self.client.clone();
        let sent = async move {
            let answer = client.execute(request).await?;
            let mut response = http::Response::builder().status(answer.status()).body(Bytes::new())?;
            *response.headers_mut() = answer.headers().clone();
            *response.body_mut() = answer.bytes().await?;
            Ok::<_, HttpError>(response)
        };
        self.runtime.spawn(sent).await?
    }
}
