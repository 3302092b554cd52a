//! Is my floor all right? The counts, the longest wait, and the last hour of each.

use kyc_wire::list::{Floor, View};
use leptos::prelude::*;

use crate::held::State;
use crate::shell::{Shell, t};
use crate::state::trend::Trend;
use crate::text::{review, short_span};
use crate::view::{dynamic, text};

/// The views whose counts tell how the floor is doing.
pub const WATCHED: [View; 5] = [View::Waiting, View::Live, View::NeedsMyApproval, View::Flagged, View::ProviderTrouble];

/// The strip.
#[component]
pub fn FloorStrip(
    /// The counts.
    floor: State<Floor>,
    /// The last hour of each watched view, in the same order.
    trends: State<Vec<Trend>>,
) -> impl IntoView {
    let shell = Shell::here();
    let numbers = WATCHED.into_iter().enumerate().map(|(at, view)| number(at, view, floor, trends)).collect_view();
    let oldest = move || match floor.with(|floor| floor.oldest_wait_seconds) {
        Some(seconds) => short_span(shell.lang.get(), seconds.into()),
        None => "–".to_owned(),
    };
    let is_long = move || floor.with(|floor| floor.oldest_wait_seconds.is_some_and(|seconds| seconds > 120));
    let hue = move || if is_long() { "warn" } else { "calm" };
    view! {
        <dl class="kyc-strip" aria-label=t(review::FLOOR)>
            <div class="kyc-strip__number" data-hue=hue>
                <dt>{t(review::OLDEST)}</dt>
                <dd>{text(oldest)}</dd>
            </div>
            {numbers}
        </dl>
    }
    .into_any()
}

fn number(at: usize, view: View, floor: State<Floor>, trends: State<Vec<Trend>>) -> AnyView {
    let count = move || count_of(floor, view);
    let hue = move || match (view, count()) {
        (View::ProviderTrouble | View::Flagged | View::Waiting, 1..) => "warn",
        _ => "calm",
    };
    let line = move || {
        let points = trends.with(|trends| trends.get(at).and_then(Trend::points))?;
        Some(
            view! {
                <svg class="kyc-trend" viewBox="0 0 60 16" width="60" height="16" aria-hidden="true">
                    <polyline points=points />
                </svg>
            }
            .into_any(),
        )
    };
    view! {
        <div class="kyc-strip__number" data-hue=hue>
            <dt>{t(review::view(view))}</dt>
            <dd>{text(move || count().to_string())}{dynamic(line)}</dd>
        </div>
    }
    .into_any()
}

/// How many sessions a view holds.
pub fn count_of(floor: State<Floor>, view: View) -> u32 {
    floor.with(|floor| floor.counts.iter().find(|count| count.view == view).map_or(0, |count| count.count))
}
