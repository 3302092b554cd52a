//! One session: reads it, follows it, and carries out what the agent decides.

mod job;
mod looking;
mod prove;
mod work;

use kyc_wire::ids::SessionId;
use kyc_wire::masked::Field;
use kyc_wire::me::Me;
use kyc_wire::problem::ProblemCode;
use kyc_wire::session::{Act, Mark, Origin, Status};
use leptos::prelude::*;

use crate::api::SignedIn;
use crate::browser;
use crate::components::act_bar::do_primary;
use crate::components::comparison;
use crate::components::panel::{Panel, Place};
use crate::components::photos::OPEN;
use crate::components::session_body::SessionBody;
use crate::held::{Derived, State, effect};
use crate::pages::stuck;
use crate::shell::Shell;
use crate::state::act;
use crate::state::keys::Press;
use crate::state::launch::Launch;
use crate::state::live::Live;
use crate::state::need;
use crate::state::panel::Sheet;
use crate::text::{photos, session as words};
use crate::view::dynamic;

use job::Job;
use work::Work;

/// The page.
#[component]
pub fn SessionPage(
    /// The client.
    client: SignedIn,
    /// Who is signed in.
    me: Me,
    /// The session.
    id: SessionId,
    /// The launch's hint.
    #[prop(optional_no_strip)]
    customer_id: Option<String>,
    /// Whether the list of `/review` is beside it.
    is_beside_list: bool,
) -> impl IntoView {
    let shell = Shell::here();
    if !is_beside_list {
        shell.settle(&Launch::Session { id, customer_id: None });
    }
    let work = Work::start((client.of_view(), shell), me, (id, customer_id), is_beside_list);
    let panel = work.panel;
    provide_context(panel);
    let notes_open = State::new(false);
    shell.hear_keys(move |press| press_key(panel, notes_open, press));
    follow(shell, &work, id);
    keep_lease(&work);
    keep_reveals_short(shell, panel);
    tell_host(shell, panel);
    let has_detail = Derived::new(move || panel.detail.with(Option::is_some));
    let retry = Callback::new(move |()| work.read());
    let body = move || {
        if has_detail.get() {
            return view! { <SessionBody notes_open /> }.into_any();
        }
        match work.trouble.get() {
            None => stuck::loading(),
            Some(trouble) => match trouble.code() {
                Some(ProblemCode::NotFound) => stuck::not_found(),
                Some(ProblemCode::CustomerMismatch) => stuck::mismatch(),
                _ => stuck::trouble(trouble, retry),
            },
        }
    };
    dynamic(body)
}

/// Reads the session again when it has changed, and every ten seconds while the stream is lost.
fn follow(shell: Shell, work: &Work, id: SessionId) {
    let work = *work;
    let mut seen = None::<u64>;
    effect(move || {
        let (number, event) = shell.event.get();
        if seen.is_some_and(|seen| seen != number)
            && let Some(event) = event
        {
            work.hear(&event, id);
        }
        seen = Some(number);
    });
    browser::every(10, move || {
        if shell.live.get_untracked() == Live::Lost {
            work.read();
        }
    });
}

/// Once a minute, while the session is ours and open.
fn keep_lease(work: &Work) {
    let work = *work;
    let renew = move || {
        let is_held = work.panel.detail.with_untracked(|detail| {
            detail.as_ref().is_some_and(|detail| detail.is_mine && !detail.summary.status.is_final())
        });
        if is_held {
            work.queue(Job::Renew);
        }
    };
    browser::every(60, renew);
}

/// Values vanish by themselves, and at once when nobody looks at the page any more.
fn keep_reveals_short(shell: Shell, panel: Panel) {
    effect(move || {
        let now = shell.now.get();
        let is_due = panel.reveals.try_update_untracked(|reveals| reveals.tick(now)).unwrap_or(false);
        if is_due {
            panel.reveals.notify();
            shell.say(words::HIDDEN_AGAIN);
        }
    });
    effect(move || {
        let now = shell.now.get();
        let gone = panel.viewer.try_update_untracked(|viewer| viewer.tick(now)).unwrap_or_default();
        if !gone.is_empty() {
            for (_, url) in &gone {
                browser::forget_bytes(url);
            }
            panel.viewer.notify();
            shell.say(photos::GONE);
        }
    });
    on_cleanup(move || panel.put_photos_away());
    effect(move || {
        if shell.is_blurred.get() {
            panel.look_away();
        }
    });
    browser::hear("visibilitychange", move |_| {
        if document().hidden() {
            panel.look_away();
        }
    });
}

/// The number on our icon in the desktop, and a toast when a result comes while the agent looks elsewhere.
fn tell_host(shell: Shell, panel: Panel) {
    let Some(bridge) = shell.bridge.get_value() else { return };
    let count = panel.part(|detail| {
        let is_open = detail.is_mine && detail.summary.status == Status::AgentVerification;
        if is_open { need::count(&need::needs(detail)) } else { 0 }
    });
    let result = panel.part(|detail| detail.checks.len());
    let counting = bridge.clone();
    effect(move || counting.set_attention(count.get()));
    let mut before = None::<usize>;
    effect(move || {
        let now = result.get();
        if before.is_some_and(|before| before < now) && shell.is_blurred.get_untracked() {
            bridge.toast(shell.lang.get_untracked(), words::TOAST_RESULT);
        }
        before = Some(now);
    });
}

fn press_key(panel: Panel, notes_open: State<bool>, press: Press) -> bool {
    let can = |act: Act| panel.detail.with_untracked(|detail| detail.as_ref().is_some_and(|d| act::is_open(d, act)));
    match press {
        Press::Next | Press::Previous if panel.is_beside_list => return false,
        Press::Next => browser::step_item(1),
        Press::Previous => browser::step_item(-1),
        Press::Number(n) => return number(panel, n),
        Press::Fail => return mark_focused(panel, Mark::Failed),
        Press::Reveal if can(Act::Reveal) => return reveal_focused(panel),
        Press::Note if can(Act::Note) => {
            notes_open.set(true);
            request_animation_frame(|| browser::focus("kyc-note"));
        }
        Press::Primary => do_primary(panel),
        Press::AskAgain if can(Act::Recapture) => panel.start(Act::Recapture),
        Press::Withdraw if can(Act::Withdraw) => panel.start(Act::Withdraw),
        Press::PoorPicture if can(Act::PoorPicture) => panel.start(Act::PoorPicture),
        Press::Escalate if can(Act::Escalate) => panel.start(Act::Escalate),
        Press::Reject if can(Act::Reject) => panel.start(Act::Reject),
        Press::Viewer if can(Act::Reveal) && has_photos_to_show(panel) => panel.toggle(Sheet::Photos),
        Press::Look(to) => return panel.look(to),
        Press::Close if panel.viewer.with_untracked(|viewer| !viewer.photos.is_empty()) => {
            panel.put_photos_away();
            request_animation_frame(|| browser::focus(OPEN));
        }
        Press::Close if panel.sheet.get_untracked() != Sheet::None => {
            panel.close();
            request_animation_frame(|| browser::focus(crate::components::act_bar::PRIMARY));
        }
        _ => return false,
    }
    true
}

/// Whether there are photos that are neither shown nor on their way.
fn has_photos_to_show(panel: Panel) -> bool {
    panel.detail.with_untracked(|detail| detail.as_ref().is_some_and(|detail| !detail.uploads.is_empty()))
        && panel.viewer.with_untracked(|viewer| viewer.photos.is_empty() && !viewer.is_coming)
}

/// A digit picks a reason while reasons are shown, and marks a line of the checklist otherwise.
fn number(panel: Panel, n: usize) -> bool {
    if matches!(panel.sheet.get_untracked(), Sheet::Act(_) | Sheet::Reveal(_) | Sheet::Photos) {
        return browser::click(&format!("#kyc-picker [data-number=\"{n}\"]"));
    }
    let line = panel.detail.with_untracked(|detail| {
        let detail = detail.as_ref().filter(|detail| act::is_open(detail, Act::Mark))?;
        detail.checklist.get(n - 1).map(|line| (line.code.clone(), line.mark))
    });
    let Some((code, mark)) = line else { return false };
    browser::focus(&format!("kyc-line-{n}"));
    panel.on_mark.run((code, if mark == Mark::Passed { Mark::Open } else { Mark::Passed }));
    true
}

fn mark_focused(panel: Panel, mark: Mark) -> bool {
    let Some(code) = browser::focused_data("data-line") else { return false };
    panel.on_mark.run((code, mark));
    true
}

/// The focused value, or both values of the focused field.
fn reveal_focused(panel: Panel) -> bool {
    let Some(name) = browser::focused_data("data-reveal") else { return false };
    let (field, origin) = name.split_once(':').map_or((name.as_str(), None), |(field, origin)| (field, Some(origin)));
    let Some(field) = Field::ALL.iter().copied().find(|known| known.as_str() == field) else { return false };
    let both = panel.detail.with_untracked(|detail| {
        let of = detail.as_ref()?.fields.iter().find(|comparison| comparison.field == field)?;
        Some(comparison::places(of))
    });
    let is_wanted = |place: &Place| origin.is_none_or(|origin| place.1.as_str() == origin);
    let places: Vec<(Field, Origin)> = both.unwrap_or_default().into_iter().filter(is_wanted).collect();
    if places.is_empty() {
        return false;
    }
    panel.toggle(Sheet::Reveal(places));
    true
}
