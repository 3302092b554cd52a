//! The end of the sign-in: real input postpones it, and two minutes before it the person is told.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser;
use crate::components::icon::Glyph;
use crate::held::{Derived, State, effect};
use crate::shell::{Shell, User};
use crate::state::idle::{Ending, Idle};
use crate::text::{shell as words, span};
use crate::view::{button, dynamic, signed, text};

/// Reports activity, and shows the warning.
#[component]
pub fn EndingLine() -> impl IntoView {
    let shell = Shell::here();
    let idle = State::new(None::<Idle>);
    effect(move || {
        shell.user.with(|user| match user {
            User::In(_, me) => idle.update(|idle| match idle {
                Some(idle) => idle.refresh(me),
                None => *idle = Some(Idle::of(me)),
            }),
            _ => idle.set(None),
        });
    });
    hear_input(shell, idle);
    let ending = Derived::new(move || idle.get().map_or(Ending::Far, |idle| idle.ending(shell.now.get())));
    effect(move || {
        if ending.get() == Ending::Over {
            shell.leave();
        }
    });
    let line = move || match ending.get() {
        Ending::Far | Ending::Over => None,
        Ending::Idle { left } => Some(warning(shell, idle, words::IDLE_SOON, left, true)),
        Ending::Absolute { left } => Some(warning(shell, idle, words::ABSOLUTE_SOON, left, false)),
    };
    dynamic(line)
}

fn warning(shell: Shell, idle: State<Option<Idle>>, sentence: crate::text::Say, left: i64, can_stay: bool) -> AnyView {
    let words_now = move || {
        let time = span(shell.lang.get(), left);
        sentence.with(shell.lang.get(), &[("time", &time)])
    };
    let stay = can_stay.then(|| {
        let keep = move || report(shell, idle);
        button("kyc-link", words::STAY, keep)
    });
    view! { <p class="kyc-banner" data-hue="warn">{signed(Glyph::Clock, text(words_now))}{stay}</p> }.into_any()
}

/// Real input only: what a script dispatches is not trusted.
fn hear_input(shell: Shell, idle: State<Option<Idle>>) {
    let touched = move |is_trusted: bool| {
        let now = shell.now.get_untracked();
        let is_due = is_trusted
            && idle.try_update_untracked(|idle| idle.as_mut().is_some_and(|i| i.touch(now))).unwrap_or(false);
        if is_due {
            report(shell, idle);
        }
    };
    browser::hear("keydown", move |event| touched(event.is_trusted()));
    browser::hear("pointerdown", move |event| touched(event.is_trusted()));
}

fn report(shell: Shell, idle: State<Option<Idle>>) {
    let User::In(client, _) = shell.user.get_untracked() else { return };
    spawn_local(async move {
        let result = async {
            client.report_activity().await?;
            client.me().await
        };
        match result.await {
            Ok(me) => idle.update(|idle| {
                if let Some(idle) = idle {
                    idle.refresh(&me);
                }
            }),
            Err(trouble) if trouble.is_signed_out() => shell.leave(),
            // Nothing to say: the next input tries again, and the warning comes in time.
            Err(_) => {}
        }
    });
}
