//! The sign-in page. What was typed elsewhere is kept meanwhile.

use kyc_wire::me::{IdpChoice, SignInOptions, Txn};
use kyc_wire::routes;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::Guest;
use crate::browser;
use crate::components::icon::Glyph;
use crate::components::popup::standing;
use crate::held::{State, Stored};
use crate::rendezvous::{self, Errand};
use crate::shell::{Shell, t};
use crate::state::sign_in::{Sign, SignIn};
use crate::text::{shell as shell_words, sign_in as words};
use crate::view::{button, dynamic, said, signed, text};

/// What the page knows.
#[derive(Clone, Copy)]
struct Page {
    shell: Shell,
    guest: Guest,
    stands: State<SignIn>,
    /// Which start it is: what an earlier one still has to say is not shown any more.
    round: Stored<u32>,
    /// By whom one can sign in; none until the server has said so.
    options: State<Option<SignInOptions>>,
    /// Whom she has chosen among several.
    chosen: Stored<Option<String>>,
    on_done: Callback<()>,
}

/// The page.
#[component]
pub fn SignInPage(
    /// Whether a sign-in has just ended.
    has_ended: bool,
    /// Called when the cookie has been set and proven.
    on_done: Callback<()>,
) -> impl IntoView {
    let page = Page {
        shell: Shell::here(),
        guest: Guest::of_view(),
        stands: State::new(SignIn::Idle),
        round: Stored::new(0),
        options: State::new(None),
        chosen: Stored::new(None),
        on_done,
    };
    page.ask();
    let (title, how) = if has_ended { (words::ENDED, words::KEPT) } else { (words::TITLE, words::HOW) };
    view! {
        <main class="kyc-page kyc-page--sign-in">
            <h1 class="kyc-page__title">{signed(Glyph::Person, t(title).into_any())}</h1>
            {said("kyc-page__text", how)}
            <div role="status" class="kyc-page__state">{dynamic(move || page.status())}</div>
            {dynamic(move || page.starts())}
            {has_ended.then(|| dynamic(move || page.shell.at_idp.get().map(|txn| leaving(page.shell, txn))))}
        </main>
    }
    .into_any()
}

/// The offer to sign out at the identity provider too: whoever leaves a shared computer wants it, whoever comes back does not.
fn leaving(shell: Shell, txn: Txn) -> AnyView {
    let leave = move || {
        let txn = txn.clone();
        if let Ok(popup) = rendezvous::open_window() {
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

impl Page {
    /// Who cannot be asked is asked again by the click: one can always try.
    fn ask(self) {
        spawn_local(async move {
            let options = self.guest.sign_in_options().await;
            self.options.set(Some(options.unwrap_or(SignInOptions { idps: Vec::new(), by_code: false })));
        });
    }

    fn allows_codes(self) -> bool {
        self.options.with_untracked(|options| options.as_ref().is_some_and(|options| options.by_code))
    }

    /// Opens the window in the click itself; everything else may wait.
    fn start(self) {
        let window = match rendezvous::open_window() {
            Ok(window) => Some(window),
            Err(SignIn::OutOfReach) if self.allows_codes() => None,
            Err(now) => {
                self.round.update_value(|round| *round += 1);
                return self.stands.set(now);
            }
        };
        self.begin(window);
    }

    /// Has the host open the window: without our frame's sandbox, and out of our reach.
    fn start_by_code(self) {
        self.shell.open_outside(&format!("{}{}", browser::origin(), routes::POPUP));
        self.begin(None);
    }

    fn begin(self, window: Option<web_sys::Window>) {
        self.round.update_value(|round| *round += 1);
        let ours = self.round.get_value();
        let change = move |now| {
            if self.round.try_get_value() == Some(ours) {
                self.stands.set(now);
            }
        };
        let errand = Errand::SignIn { idp: self.chosen.get_value() };
        spawn_local(async move {
            let result = match rendezvous::sign_in(self.guest, window, errand, change).await {
                Ok(()) => prove(self.guest).await,
                Err(now) => Err(now),
            };
            match result {
                Ok(()) => {
                    self.on_done.try_run(());
                }
                Err(now) => change(now),
            }
        });
    }

    /// How it stands, and what else can be done about it.
    fn status(self) -> Option<AnyView> {
        let again = move || button("kyc-button", words::AGAIN, move || self.start());
        let by_code =
            move || self.allows_codes().then(|| button("kyc-button", words::BY_CODE, move || self.start_by_code()));
        let stands = self.stands.get();
        Some(match stands {
            SignIn::Waiting(Sign::LooksClosed) | SignIn::ByCode(_) => view! { {standing(stands)}{again()} }.into_any(),
            SignIn::Waiting(Sign::Sandboxed) => view! { {standing(stands)}{by_code()}{tab_link()}{again()} }.into_any(),
            SignIn::PopupBlocked => view! { {standing(stands)}{by_code()}{tab_link()} }.into_any(),
            SignIn::OutOfReach | SignIn::CookiesBlocked => view! { {standing(stands)}{tab_link()} }.into_any(),
            stands => return standing(stands),
        })
    }

    /// The button that starts, or one for each identity provider.
    fn starts(self) -> Option<AnyView> {
        let options = self.options.get().filter(|_| self.stands.with(SignIn::can_start))?;
        if options.idps.len() > 1 {
            let buttons = options.idps.into_iter().enumerate().map(|(at, idp)| self.start_with(idp, at == 0));
            return Some(buttons.collect_view().into_any());
        }
        let label = self.stands.with(|stands| if *stands == SignIn::Idle { words::BUTTON } else { words::AGAIN });
        Some(start_button(true, t(label).into_any(), move || self.start()))
    }

    fn start_with(self, idp: IdpChoice, is_first: bool) -> AnyView {
        let IdpChoice { name, label } = idp;
        let words = move || words::BUTTON_WITH.with(self.shell.lang.get(), &[("idp", &label)]);
        start_button(is_first, text(words), move || {
            self.chosen.set_value(Some(name.clone()));
            self.start();
        })
    }
}

fn start_button(is_first: bool, words: AnyView, start: impl Fn() + 'static) -> AnyView {
    let (class, hue) = if is_first { ("kyc-button kyc-button--primary", Some("go")) } else { ("kyc-button", None) };
    view! { <button type="button" class=class data-hue=hue on:click=move |_| start()>{words}</button> }.into_any()
}

/// Nobody there straight after a redeemed sign-in means that the browser does not keep the cookie.
async fn prove(guest: Guest) -> Result<(), SignIn> {
    match guest.resume().await {
        Err(trouble) if trouble.is_signed_out() => Err(SignIn::CookiesBlocked),
        Err(trouble) => Err(SignIn::Failed(trouble)),
        Ok(_) => Ok(()),
    }
}

/// By the host where there is one: a tab that we open has our frame's sandbox.
fn tab_link() -> AnyView {
    let shell = Shell::here();
    let open = move || shell.open_outside(&shell.absolute(&shell.route.get_untracked()));
    button("kyc-button", shell_words::POP_OUT, open)
}
