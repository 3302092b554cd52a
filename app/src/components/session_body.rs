//! The session page's parts in their order. The style sheet gives them one, two or three columns; there is no second layout.

use kyc_wire::session::{Act, Blocker, Status};
use leptos::prelude::*;

use crate::components::act_bar::ActBar;
use crate::components::asked::AskedFor;
use crate::components::check::CheckGroups;
use crate::components::checklist::Checklist;
use crate::components::comparison::Agreeing;
use crate::components::head::{Head, PresenceLine};
use crate::components::icon::Glyph;
use crate::components::needs::Needs;
use crate::components::notes::Notes;
use crate::components::panel::Panel;
use crate::components::photos::{IssuedLink, Photos};
use crate::components::timeline::{Decisions, Retention, Timeline, WhoSawWhat};
use crate::held::{Derived, State};
use crate::shell::t;
use crate::state::act::{self, Primary};
use crate::text::{Say, acts, outcome, trouble};
use crate::view::{banner, dynamic};

/// The whole page of one session.
#[component]
pub fn SessionBody(
    /// Whether the notes are unfolded.
    notes_open: State<bool>,
) -> impl IntoView {
    let panel = Panel::here();
    let is_beside_list = panel.is_beside_list;
    let role = if is_beside_list { "region" } else { "main" };
    view! {
        <div class="kyc-session" role=role aria-labelledby="kyc-title">
            <Head />
            <div class="kyc-session__columns">
                <div class="kyc-session__evidence">
                    <PresenceLine />
                    <Outcome />
                    <UsedUp />
                    <AskedFor />
                    <Needs />
                    <Photos />
                    <IssuedLink />
                    <Agreeing />
                    <CheckGroups />
                </div>
                <div class="kyc-session__work">
                    <Checklist />
                    <Notes is_open=notes_open />
                    {is_beside_list.then(|| view! { <Decisions /><WhoSawWhat /> }.into_any())}
                </div>
                <div class="kyc-session__past">
                    <Timeline />
                    <Retention />
                </div>
            </div>
            <ActBar />
        </div>
    }
    .into_any()
}

/// That nothing more of the case is shown to her, and who can see it instead.
#[component]
fn UsedUp() -> impl IntoView {
    let line = Panel::here().part(|detail| {
        let is_so = detail.offer(Act::Reveal).is_some_and(|offer| offer.blocked_by == Some(Blocker::UsedUp));
        is_so.then(|| (trouble::used_up(act::is_open(detail, Act::Escalate)), Glyph::Eye))
    });
    follow("warn", line)
}

/// A line over the page while there is one.
fn follow(hue: &'static str, line: Derived<Option<(Say, Glyph)>>) -> AnyView {
    dynamic(move || line.get().map(|(sentence, glyph)| banner(hue, glyph, t(sentence).into_any())))
}

/// What came out and what happens next; that somebody else has it; or what to say while the customer does her part.
#[component]
fn Outcome() -> impl IntoView {
    let panel = Panel::here();
    let line = panel.part(move |detail| {
        let status = detail.summary.status;
        let can_start_anew = detail.can_start_anew && !panel.is_beside_list;
        Some(match outcome::of(status, can_start_anew) {
            Some(sentence) => (sentence, Glyph::Flag),
            None if !detail.is_mine && act::is_open(detail, Act::TakeOver) => (trouble::THEIRS, Glyph::Person),
            None if act::asks_again(detail) => return None,
            None if status == Status::Created && act::primary(detail, false) == Primary::Do(Act::SendLink) => {
                (acts::WANTS_LINK, Glyph::Clock)
            }
            None => (acts::meanwhile(status)?, Glyph::Clock),
        })
    });
    follow("calm", line)
}
