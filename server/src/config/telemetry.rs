//! `[telemetry]`: where traces go.

use serde::Deserialize;
use url::Url;

use super::{Problems, http};

/// The section as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelemetrySection {
    traces_url: Url,
    #[serde(default = "all")]
    traces_sampled: f64,
}

const fn all() -> f64 {
    1.0
}

/// Where traces go.
#[derive(Clone, Debug)]
pub struct Telemetry {
    /// A collector's endpoint for OTLP over HTTP.
    pub traces_url: Url,
    /// Which share of traces is sent, from 0 to 1.
    pub traces_sampled: f64,
}

impl TelemetrySection {
    pub(super) fn validate(self, problems: &mut Problems) -> Telemetry {
        http::require_https("telemetry.traces_url", &self.traces_url, problems);
        if !(0.0..=1.0).contains(&self.traces_sampled) {
            problems.add("telemetry.traces_sampled", "must lie between 0 and 1");
        }
        Telemetry { traces_url: self.traces_url, traces_sampled: self.traces_sampled }
    }
}
