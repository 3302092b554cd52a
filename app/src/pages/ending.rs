//! The end of the sign-in: real input postpones it, and two minutes before it the person is told.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::Guest;
use crate::browser;
use crate::components::icon::Glyph;
use crate::components::popup::standing;
use crate::held::{Derived, State, Stored, effect};
use crate::rendezvous::{self, Errand};
use crate::shell::{Shell, User};
use crate::state::idle::{Ending, Idle};
use crate::state::sign_in::SignIn;
use crate::text::{Say, shell as words, span};
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
    let mut heard = None::<u32>;
    effect(move || {
        let renewed = shell.renewed.get();
        if heard.is_some_and(|heard| heard != renewed) {
            refresh(shell, idle);
        }
        heard = Some(renewed);
    });
    let again = Again { shell, idle, guest: Guest::of_view(), stands: State::new(SignIn::Idle), round: Stored::new(0) };
    let ending = Derived::new(move || idle.get().map_or(Ending::Far, |idle| idle.ending(shell.now.get())));
    effect(move || {
        if ending.get() == Ending::Over {
            shell.leave();
        }
    });
    let line = move || match ending.get() {
        Ending::Far | Ending::Over => None,
        Ending::Idle { left } => {
            Some(warning(shell, words::IDLE_SOON, left, button("kyc-link", words::STAY, move || report(shell, idle))))
        }
        Ending::Absolute { left } => Some(warning(shell, words::ABSOLUTE_SOON, left, again.offer())),
    };
    view! { {dynamic(line)} {again.standing()} }.into_any()
}

fn warning(shell: Shell, sentence: Say, left: i64, act: AnyView) -> AnyView {
    let words_now = move || {
        let time = span(shell.lang.get(), left);
        sentence.with(shell.lang.get(), &[("time", &time)])
    };
    view! { <p class="kyc-banner" data-hue="warn">{signed(Glyph::Clock, text(words_now))}{act}</p> }.into_any()
}

/// Signing in again while somebody is signed in: the page stays as it is, with all that was typed.
#[derive(Clone, Copy)]
struct Again {
    shell: Shell,
    idle: State<Option<Idle>>,
    guest: Guest,
    stands: State<SignIn>,
    round: Stored<u32>,
}

impl Again {
    fn offer(self) -> AnyView {
        button("kyc-link", words::SIGN_IN_AGAIN, move || self.start())
    }

    /// What to do in the window, or why it came to nothing.
    fn standing(self) -> AnyView {
        dynamic(move || {
            standing(self.stands.get()).map(|how| view! { <div class="kyc-banner" role="status">{how}</div> })
        })
    }

    /// Opens the window in the click itself.
    fn start(self) {
        let ours = self.round.try_update_value(|round| {
            *round += 1;
            *round
        });
        let change = move |now| {
            if self.round.try_get_value() == ours {
                self.stands.set(now);
            }
        };
        let popup = match rendezvous::open_window() {
            Ok(popup) => popup,
            Err(now) => return change(now),
        };
        spawn_local(async move {
            match rendezvous::sign_in(self.guest, Some(popup), Errand::SignIn { idp: None }, change).await {
                Ok(()) => {
                    change(SignIn::Idle);
                    self.shell.announce_sign_in();
                    refresh(self.shell, self.idle);
                }
                Err(now) => change(now),
            }
        });
    }
}

/// Real input only: what a script dispatches is not trusted.
fn hear_input(shell: Shell, idle: State<Option<Idle>>) {
    let touched = move |is_trusted: bool| {
        // Whose hands are in the page looks at it, whatever the host said last: it does not always say that she is back.
        if is_trusted && shell.is_blurred.get_untracked() {
            shell.is_blurred.set(false);
            shell.tick();
        }
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
        match client.report_activity().await {
            Ok(()) => refresh(shell, idle),
            Err(trouble) if trouble.is_signed_out() => shell.leave(),
            // Nothing to say: the next input tries again, and the warning comes in time.
            Err(_) => {}
        }
    });
}

/// Takes the server's word for when the sign-in ends. Whoever is somebody else now begins anew.
fn refresh(shell: Shell, idle: State<Option<Idle>>) {
    let User::In(client, before) = shell.user.get_untracked() else { return };
    spawn_local(async move {
        match client.me().await {
            Ok(me) if me.person.id != before.person.id || me.roles != before.roles => shell.enter(client, me),
            Ok(me) => {
                shell.set_clock(me.now);
                idle.update(|idle| {
                    if let Some(idle) = idle {
                        idle.refresh(&me);
                    }
                });
            }
            Err(trouble) if trouble.is_signed_out() => shell.leave(),
            // Nothing to say: the next input tries again, and the warning comes in time.
            Err(_) => {}
        }
    });
}
