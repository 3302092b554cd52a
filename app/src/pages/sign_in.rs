//! The sign-in page. What was typed elsewhere is kept meanwhile.

use kyc_wire::me::Txn;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::Guest;
use crate::browser;
use crate::components::icon::Glyph;
use crate::components::popup::standing;
use crate::held::{State, Stored};
use crate::rendezvous::{self, Errand};
use crate::shell::{Shell, t};
use crate::state::sign_in::SignIn;
use crate::text::{shell as shell_words, sign_in as words};
use crate::view::{Show, button, dynamic, said, signed};

/// The page.
#[component]
pub fn SignInPage(
    /// Whether a sign-in has just ended.
    has_ended: bool,
    /// Called when the cookie has been set and proven.
    on_done: Callback<()>,
) -> impl IntoView {
    let shell = Shell::here();
    let guest = Guest::of_view();
    let stands = State::new(SignIn::Idle);
    let (title, text) = if has_ended { (words::ENDED, words::KEPT) } else { (words::TITLE, words::HOW) };
    let round = Stored::new(0_u32);
    let start = Callback::new(move |()| begin(guest, (stands, round), on_done));
    let label = move || match stands.get() {
        SignIn::Idle | SignIn::Waiting { .. } => words::BUTTON,
        _ => words::AGAIN,
    };
    let can_start = move || stands.with(SignIn::can_start);
    view! {
        <main class="kyc-page kyc-page--sign-in">
            <h1 class="kyc-page__title">{signed(Glyph::Person, t(title).into_any())}</h1>
            {said("kyc-page__text", text)}
            <div role="status" class="kyc-page__state">{move || status(stands.get(), start)}</div>
            <Show when=can_start>
                <button type="button" class="kyc-button kyc-button--primary" data-hue="go" on:click=move |_| start.run(())>
                    {move || label().to(shell.lang.get())}
                </button>
            </Show>
            {has_ended.then(|| dynamic(move || shell.at_idp.get().map(|txn| leaving(shell, txn))))}
        </main>
    }
    .into_any()
}

/// The offer to sign out at the identity provider too: whoever leaves a shared computer wants it, whoever comes back does not.
fn leaving(shell: Shell, txn: Txn) -> AnyView {
    let leave = move || {
        let txn = txn.clone();
        if let Some(popup) = rendezvous::open_window() {
            spawn_local(rendezvous::sign_out(popup, txn));
            shell.at_idp.set(None);
        }
    };
    view! {
        {said("kyc-quiet", words::AT_IDP)}
        {button("kyc-button", words::AT_IDP_BUTTON, leave)}
    }
    .into_any()
}

/// Opens the window in the click itself; everything else may wait.
///
/// A second start does not wait for the first: what the first still has to say is not shown any more.
fn begin(guest: Guest, (stands, round): (State<SignIn>, Stored<u32>), on_done: Callback<()>) {
    round.update_value(|round| *round += 1);
    let ours = round.get_value();
    let Some(popup) = rendezvous::open_window() else {
        stands.set(SignIn::PopupBlocked);
        return;
    };
    spawn_local(async move {
        let change = move |now| {
            if round.try_get_value() == Some(ours) {
                stands.set(now);
            }
        };
        let result = match rendezvous::sign_in(guest, popup, Errand::SignIn, change).await {
            Ok(()) => prove(guest).await,
            Err(stands) => Err(stands),
        };
        match result {
            Ok(()) => {
                on_done.try_run(());
            }
            Err(now) => change(now),
        }
    });
}

/// Nobody there straight after a redeemed sign-in means that the browser does not keep the cookie.
async fn prove(guest: Guest) -> Result<(), SignIn> {
    match guest.resume().await {
        Err(trouble) if trouble.is_signed_out() => Err(SignIn::CookiesBlocked),
        Err(trouble) => Err(SignIn::Failed(trouble)),
        Ok(_) => Ok(()),
    }
}

fn status(stands: SignIn, start: Callback<()>) -> Option<AnyView> {
    Some(match stands {
        SignIn::Waiting { looks_closed: true } => view! {
            {standing(stands)}
            {button("kyc-button", words::AGAIN, move || start.run(()))}
        }
        .into_any(),
        SignIn::PopupBlocked | SignIn::CookiesBlocked => view! { {standing(stands)}{tab_link()} }.into_any(),
        stands => return standing(stands),
    })
}

fn tab_link() -> AnyView {
    let shell = Shell::here();
    let open = move || browser::open_tab(&shell.absolute(&shell.route.get_untracked()));
    button("kyc-button", shell_words::POP_OUT, open)
}
