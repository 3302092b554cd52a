//! The session page's parts in their order. The style sheet gives them one, two or three columns; there is no second layout.

use kyc_wire::session::{Act, Blocker};
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
use crate::held::State;
use crate::shell::t;
use crate::state::act;
use crate::text::{acts, outcome, trouble};
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
    let is_so = Panel::here()
        .part(|detail| detail.offer(Act::Reveal).is_some_and(|offer| offer.blocked_by == Some(Blocker::UsedUp)));
    dynamic(move || is_so.get().then(|| banner("warn", Glyph::Eye, t(trouble::USED_UP).into_any())))
}

/// What came out and what happens next; that somebody else has it; or what to say while the customer does her part.
#[component]
fn Outcome() -> impl IntoView {
    let facts = Panel::here().part(|detail| {
        let is_theirs = !detail.is_mine && act::is_open(detail, Act::TakeOver);
        Some((detail.summary.status, is_theirs, act::asks_again(detail)))
    });
    let line = move || {
        let (status, is_theirs, asks_again) = facts.get()?;
        let (sentence, glyph) = match outcome::of(status) {
            Some(sentence) => (sentence, Glyph::Flag),
            None if is_theirs => (trouble::THEIRS, Glyph::Person),
            None if asks_again => return None,
            None => (acts::meanwhile(status)?, Glyph::Clock),
        };
        Some(banner("calm", glyph, t(sentence).into_any()))
    };
    dynamic(line)
}
