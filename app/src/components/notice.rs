//! What went wrong, or what has just been done, as a next step.

use leptos::prelude::*;

use crate::components::icon::Glyph;
use crate::components::panel::Panel;
use crate::components::popup::standing;
use crate::shell::{Shell, t};
use crate::state::panel::Notice;
use crate::state::sign_in::{Sign, SignIn};
use crate::state::trouble::Trouble;
use crate::text::{acts, shell as words, sign_in, trouble as sentences};
use crate::view::{button, dynamic, signed, text};

/// Id of the button that opens the window for a proof.
pub const PROVE: &str = "kyc-prove";

/// A problem that takes the place of a view.
#[component]
pub fn TroubleBox(
    /// What went wrong.
    of: Trouble,
    /// Tries again, where that makes sense.
    #[prop(optional)]
    on_retry: Option<Callback<()>>,
) -> impl IntoView {
    let button = on_retry.map(|retry| button("kyc-button", words::RETRY, move || retry.run(())));
    let sentence = t(sentences::sentence(&of));
    view! {
        <div class="kyc-trouble" role="alert">
            <p class="kyc-trouble__what">{signed(Glyph::Alert, sentence.into_any())}</p>
            {of.into_request_id().map(reference)}
            {button}
        </div>
    }
    .into_any()
}

fn reference(id: String) -> AnyView {
    let lang = Shell::here().lang;
    let words = move || sentences::REFERENCE.with(lang.get(), &[("id", &id)]);
    view! { <p class="kyc-trouble__reference">{text(words)}</p> }.into_any()
}

/// What waits for a proof of who acts, and the window in which it is given.
fn prove(panel: Panel, stands: SignIn) -> AnyView {
    let label = if stands == SignIn::Idle { sign_in::PROVE_BUTTON } else { sign_in::AGAIN };
    let can_start = stands != SignIn::Waiting(Sign::None);
    let open = can_start.then(|| {
        view! {
            <button type="button" id=PROVE class="kyc-button kyc-button--primary" data-hue="go" on:click=move |_| panel.on_prove.run(())>
                {t(label)}
            </button>
        }
    });
    view! {
        <div class="kyc-trouble" data-hue="info" role="group" aria-labelledby="kyc-prove-what">
            <p class="kyc-trouble__what" id="kyc-prove-what">{signed(Glyph::Person, t(sign_in::PROVE).into_any())}</p>
            <div role="status">{standing(stands)}</div>
            {open}
        </div>
    }
    .into_any()
}

/// The result of the last act, above the buttons.
#[component]
pub fn NoticeLine() -> impl IntoView {
    let panel = Panel::here();
    let line = move || {
        panel.notice.get().map(|notice| match notice {
            Notice::Done(what) => view! {
                <p class="kyc-notice" data-hue="good">{signed(Glyph::Check, t(acts::told(what)).into_any())}</p>
            }
            .into_any(),
            Notice::Prove(stands) => prove(panel, stands),
            Notice::Trouble { trouble, can_retry } => {
                let on_retry = can_retry.then_some(panel.on_retry);
                match on_retry {
                    Some(on_retry) => view! { <TroubleBox of=trouble on_retry /> }.into_any(),
                    None => view! { <TroubleBox of=trouble /> }.into_any(),
                }
            }
        })
    };
    view! { <div class="kyc-notices">{dynamic(line)}</div> }.into_any()
}
