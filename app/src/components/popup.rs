//! How a window of ours stands: what to do in it, or why it came to nothing.

use leptos::prelude::*;

use crate::components::icon::Glyph;
use crate::components::notice::TroubleBox;
use crate::shell::t;
use crate::state::sign_in::SignIn;
use crate::text::{Say, sign_in as words};
use crate::view::{said, signed};

/// In words; nothing before it was opened.
pub fn standing(stands: SignIn) -> Option<AnyView> {
    Some(match stands {
        SignIn::Idle => return None,
        SignIn::Waiting { looks_closed: false } => said("kyc-page__text", words::WAITING),
        SignIn::Waiting { looks_closed: true } => said("kyc-page__text", words::LOOKS_CLOSED),
        SignIn::PopupBlocked => view! { {loud(words::BLOCKED)}{said("kyc-page__text", words::BLOCKED_DO)} }.into_any(),
        SignIn::CookiesBlocked => {
            view! { {loud(words::COOKIES)}{said("kyc-page__text", words::COOKIES_DO)} }.into_any()
        }
        SignIn::TimedOut => loud(words::TIMED_OUT),
        SignIn::Refused(code) => loud(words::refused(code)),
        SignIn::Failed(of) => view! { <TroubleBox of /> }.into_any(),
    })
}

fn loud(sentence: Say) -> AnyView {
    view! { <p class="kyc-trouble__what">{signed(Glyph::Alert, t(sentence).into_any())}</p> }.into_any()
}
