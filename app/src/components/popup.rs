//! How a window of ours stands: what to do in it, or why it came to nothing.

use leptos::prelude::*;

use crate::components::icon::Glyph;
use crate::components::notice::TroubleBox;
use crate::shell::t;
use crate::state::sign_in::{Sign, SignIn, in_halves};
use crate::text::{Say, sign_in as words};
use crate::view::{said, signed};

/// In words; nothing before it was opened.
pub fn standing(stands: SignIn) -> Option<AnyView> {
    Some(match stands {
        SignIn::Idle => return None,
        SignIn::Waiting(Sign::None) => quiet(words::WAITING),
        SignIn::Waiting(Sign::LooksClosed) => quiet(words::LOOKS_CLOSED),
        SignIn::Waiting(Sign::Sandboxed) => explained(words::SANDBOXED, words::SANDBOXED_DO),
        SignIn::ByCode(code) => view! {
            {quiet(words::TYPE_CODE)}
            <p class="kyc-page__code">{in_halves(&code)}</p>
            {quiet(words::CODE_IS_YOURS)}
        }
        .into_any(),
        SignIn::PopupBlocked => explained(words::BLOCKED, words::BLOCKED_DO),
        SignIn::OutOfReach => explained(words::OUT_OF_REACH, words::OUT_OF_REACH_DO),
        SignIn::CookiesBlocked => explained(words::COOKIES, words::COOKIES_DO),
        SignIn::TimedOut => loud(words::TIMED_OUT),
        SignIn::Refused(code) => loud(words::refused(code)),
        SignIn::Failed(of) => view! { <TroubleBox of /> }.into_any(),
    })
}

fn explained(what: Say, what_to_do: Say) -> AnyView {
    view! { {loud(what)}{quiet(what_to_do)} }.into_any()
}

fn quiet(sentence: Say) -> AnyView {
    said("kyc-page__text", sentence)
}

fn loud(sentence: Say) -> AnyView {
    view! { <p class="kyc-trouble__what">{signed(Glyph::Alert, t(sentence).into_any())}</p> }.into_any()
}
