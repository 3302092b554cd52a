//! The way out: whom we call is called neither too often nor while it is down.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kyc_wire::ids::Micros;
use tracing::{Instrument, Span};

use crate::clock::Clock;
use crate::config::providers::Integration;
use crate::measures;
use crate::providers::breaker::{Breaker, Limits, Verdict};
use crate::providers::bucket::{Bucket, Rate};
use crate::providers::{
    Fetched, Image, ImageBytes, Provider, ProviderError, ProviderRef, StartRequest, Started, Transport,
};

/// One configured integration: its client, behind a gate.
pub struct Outbound {
    /// The client.
    pub provider: Arc<dyn Provider>,
    /// After how many seconds an answer counts as late.
    pub slow_after_seconds: u32,
    /// Whether the pictures of a result are fetched.
    pub fetches_images: bool,
    /// Before each call but deletions.
    pub gate: Gate,
    /// Before each deletion: a provider that asks to delete more slowly must not hold up those who wait for their link.
    pub deletions: Gate,
}

impl Outbound {
    /// From the configuration.
    pub fn new(name: &str, integration: Integration, transport: Transport, clock: &Arc<dyn Clock>) -> Self {
        let slow_after_seconds = u32::try_from(integration.slow_after.as_secs()).unwrap_or(u32::MAX);
        let gate = Gate::new(name, integration.rate, Arc::clone(clock));
        let deletions = Rate { burst: 1, every: integration.settings.deletes_every() };
        let deletions = Gate::new(&format!("{name} deletions"), deletions, Arc::clone(clock));
        let fetches_images = integration.fetch_images;
        let provider = integration.settings.client(transport, Arc::clone(clock)).into();
        Self { provider, slow_after_seconds, fetches_images, gate, deletions }
    }

    /// Starts a run, and counts how that ended.
    pub async fn start(&self, request: &StartRequest) -> Result<Started, ProviderError> {
        self.counted("start", self.provider.start(request)).await
    }

    /// Asks for a result, and counts how that ended.
    pub async fn result(&self, reference: &ProviderRef, now: Micros) -> Result<Fetched, ProviderError> {
        self.counted("result", self.provider.result(reference, now)).await
    }

    /// Asks what pictures there are, and counts how that ended.
    pub async fn images(&self, reference: &ProviderRef) -> Result<Vec<Image>, ProviderError> {
        self.counted("images", self.provider.images(reference)).await
    }

    /// Fetches a picture, and counts how that ended.
    pub async fn image(&self, reference: &ProviderRef, image: &Image) -> Result<ImageBytes, ProviderError> {
        self.counted("image", self.provider.image(reference, image)).await
    }

    /// Has the provider delete what it keeps of a run, and counts how that ended.
    pub async fn delete(&self, reference: &ProviderRef) -> Result<(), ProviderError> {
        self.counted("delete", self.provider.delete(reference)).await
    }

    fn span(&self, call: &'static str) -> Span {
        tracing::info_span!("provider", otel.name = call, otel.kind = "client", provider.name = self.provider.name())
    }

    async fn counted<T>(
        &self,
        name: &'static str,
        call: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        let start = Instant::now();
        let outcome = call.instrument(self.span(name)).await;
        // However deep it lies: the alert on 429 must see it.
        let code = match &outcome {
            Ok(_) => "ok",
            Err(error) if error.is_too_many() => "rate_limited",
            Err(error) => error.as_str(),
        };
        measures::provider_called(self.provider.name(), name, code, start.elapsed());
        outcome
    }
}

/// Who waits for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// A person.
    Someone,
    /// Nobody: half of what may be called at once is left to those for whom somebody waits.
    Nobody,
}

/// How a call ended, for the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With an answer, be it a refusal.
    Answered,
    /// With the request to slow down.
    TooMany,
    /// As calls end whose other side is down.
    Outage,
}

impl<T> From<&Result<T, ProviderError>> for Ended {
    fn from(outcome: &Result<T, ProviderError>) -> Self {
        match outcome {
            Err(error) if error.is_outage() => Self::Outage,
            Err(error) if error.is_too_many() => Self::TooMany,
            _ => Self::Answered,
        }
    }
}

/// A token bucket and a circuit breaker before everything that is sent to one other side.
pub struct Gate {
    name: String,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

struct State {
    bucket: Bucket,
    breaker: Breaker,
}

impl Gate {
    /// A gate, by this name in the metrics.
    pub fn new(name: &str, rate: Rate, clock: Arc<dyn Clock>) -> Self {
        let state = State { bucket: Bucket::new(rate), breaker: Breaker::new(Limits::default()) };
        Self { name: name.to_owned(), clock, state: Mutex::new(state) }
    }

    /// Lets one call through, or says how long to wait.
    pub fn pass(&self, urgency: Urgency) -> Result<Pass<'_>, Duration> {
        let now = self.clock.now();
        let mut state = self.lock();
        let verdict = state.breaker.ask(now);
        if let Verdict::Wait(wait) = verdict {
            return Err(wait);
        }
        let taken = match urgency {
            Urgency::Someone => state.bucket.take(now),
            Urgency::Nobody => state.bucket.take_from_upper_half(now),
        };
        let is_probe = verdict == Verdict::Probe;
        if let Err(wait) = taken {
            if is_probe {
                state.breaker.abandoned();
            }
            return Err(wait);
        }
        Ok(Pass { gate: self, is_open_probe: is_probe })
    }

    /// Brings its gauge up to date.
    pub fn show(&self) {
        let is_closed = self.lock().breaker.is_closed();
        metrics::gauge!("kyc_outbound_down", "to" => self.name.clone()).set(if is_closed { 0.0 } else { 1.0 });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Micros {
        self.clock.now()
    }
}

/// Leave to make one call. Dropped without a report, as when the call is broken off, it says nothing about the other side.
#[must_use]
pub struct Pass<'a> {
    gate: &'a Gate,
    is_open_probe: bool,
}

impl Pass<'_> {
    /// Reports how the call ended.
    pub fn ended(mut self, how: Ended) {
        self.is_open_probe = false;
        let now = self.gate.now();
        let mut state = self.gate.lock();
        match how {
            Ended::Answered => state.breaker.answered(),
            Ended::TooMany => {
                state.breaker.answered();
                state.bucket.drain(now);
            }
            Ended::Outage => state.breaker.failed(now),
        }
        drop(state);
        self.gate.show();
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if self.is_open_probe {
            self.gate.lock().breaker.abandoned();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::FixedClock;

    fn gate(burst: u32) -> (Gate, FixedClock) {
        let clock = FixedClock::at(Micros(1_000_000_000));
        (Gate::new("veriff-de", Rate { burst, every: Duration::from_secs(10) }, Arc::new(clock.clone())), clock)
    }

    fn down(gate: &Gate) {
        for _ in 0..5 {
            gate.pass(Urgency::Someone).ok().unwrap().ended(Ended::Outage);
        }
    }

    #[test]
    fn who_is_down_is_left_alone_and_then_asked_once() {
        let (gate, clock) = gate(100);
        down(&gate);
        assert_eq!(gate.pass(Urgency::Someone).err(), Some(Duration::from_secs(10)));
        clock.advance(Duration::from_secs(10));
        let probe = gate.pass(Urgency::Someone).ok().unwrap();
        assert!(gate.pass(Urgency::Someone).is_err(), "two probes at once");
        probe.ended(Ended::Answered);
        assert!(gate.pass(Urgency::Someone).is_ok());
    }

    #[test]
    fn a_probe_that_is_broken_off_is_made_again_at_once() {
        let (gate, clock) = gate(100);
        down(&gate);
        clock.advance(Duration::from_secs(10));
        drop(gate.pass(Urgency::Someone).ok().unwrap());
        assert!(gate.pass(Urgency::Someone).is_ok());
    }

    #[test]
    fn a_probe_that_finds_the_bucket_empty_is_made_as_soon_as_it_is_not() {
        let (gate, clock) = gate(5);
        down(&gate);
        clock.advance(Duration::from_secs(10));
        gate.lock().bucket.drain(clock.now());
        assert_eq!(gate.pass(Urgency::Someone).err(), Some(Duration::from_secs(10)), "the bucket's wait");
        clock.advance(Duration::from_secs(10));
        assert!(gate.pass(Urgency::Someone).is_ok(), "not another minute for the probe that never was");
    }

    #[test]
    fn what_nobody_waits_for_leaves_half_to_what_somebody_waits_for() {
        let (gate, _clock) = gate(6);
        let passes =
            |urgency| (0..10).filter(|_| gate.pass(urgency).map(|pass| pass.ended(Ended::Answered)).is_ok()).count();
        assert_eq!(passes(Urgency::Nobody), 3);
        assert_eq!(passes(Urgency::Someone), 3);
    }

    #[test]
    fn being_told_to_slow_down_empties_the_bucket_and_is_no_outage() {
        let (gate, clock) = gate(3);
        gate.pass(Urgency::Someone).ok().unwrap().ended(Ended::TooMany);
        assert_eq!(gate.pass(Urgency::Someone).err(), Some(Duration::from_secs(10)));
        clock.advance(Duration::from_secs(10));
        assert!(gate.pass(Urgency::Someone).is_ok());
    }
}
