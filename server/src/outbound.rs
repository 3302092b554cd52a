//! A provider as the rest of the server uses it: its client behind a token bucket and a circuit breaker.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kyc_wire::ids::Micros;

use crate::config::providers::Integration;
use crate::providers::breaker::{Breaker, Limits, Verdict};
use crate::providers::bucket::Bucket;
use crate::providers::{Provider, ProviderError, Transport};

/// One configured integration.
pub struct Outbound {
    /// The client.
    pub provider: Arc<dyn Provider>,
    /// After how many seconds an answer counts as late.
    pub slow_after_seconds: u32,
    gate: Mutex<(Bucket, Breaker)>,
}

impl Outbound {
    /// From the configuration.
    pub fn new(integration: Integration, transport: Transport) -> Self {
        let slow_after_seconds = u32::try_from(integration.slow_after.as_secs()).unwrap_or(u32::MAX);
        let gate = (Bucket::new(integration.rate), Breaker::new(Limits::default()));
        Self { provider: integration.settings.client(transport).into(), slow_after_seconds, gate: Mutex::new(gate) }
    }

    /// Asks to make a call; says how long to wait when it is not the time.
    pub fn ask(&self, now: Micros) -> Result<(), Duration> {
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        match gate.1.ask(now) {
            Verdict::Wait(wait) => Err(wait),
            Verdict::Call | Verdict::Probe => gate.0.take(now),
        }
    }

    /// Reports how a call ended.
    pub fn ended(&self, outcome: Result<(), &ProviderError>, now: Micros) {
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Err(error) if error.is_outage() => gate.1.failed(now),
            Err(ProviderError::RateLimited { .. }) => gate.0.drain(now),
            _ => gate.1.answered(),
        }
        let name = self.provider.name().to_owned();
        let code = outcome.err().map_or("ok", ProviderError::as_str);
        metrics::counter!("kyc_provider_calls_total", "provider" => name, "outcome" => code).increment(1);
    }
}
