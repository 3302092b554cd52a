//! Who is signed in, for administrators, and the end of one sign-in or of all of somebody's.

use kyc_wire::sign_ins::{SignInList, SignInSummary};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::SignedIn;
use crate::browser;
use crate::components::icon::Glyph;
use crate::components::menu::Menu;
use crate::components::notice::TroubleBox;
use crate::held::{State, effect};
use crate::pages::stuck::Skeleton;
use crate::shell::{Shell, t};
use crate::state::launch::Launch;
use crate::state::sign_ins::{Ending, Person, by_person};
use crate::state::trouble::Trouble;
use crate::text::{shell as shell_words, short_span, sign_ins as words};
use crate::view::{button, dynamic, said, signed, text};

/// As many people are looked through without a search.
const WITHOUT_SEARCH: usize = 8;
/// Inputs of the last so many seconds are of just now: the widget reports them no more often.
const JUST_NOW: i64 = 60;

/// The page's hands.
#[derive(Clone, Copy)]
struct Work {
    shell: Shell,
    client: SignedIn,
    list: State<Option<SignInList>>,
    trouble: State<Option<Trouble>>,
    search: State<String>,
    /// What she has been asked to confirm.
    asked: State<Option<Ending>>,
    is_busy: State<bool>,
    is_done: State<bool>,
}

/// The page.
#[component]
pub fn SignInsPage(
    /// The client.
    client: SignedIn,
) -> impl IntoView {
    let (shell, client) = (Shell::here(), client.of_view());
    shell.settle(&Launch::SignIns);
    let work = Work {
        shell,
        client,
        list: State::new(None),
        trouble: State::new(None),
        search: State::new(String::new()),
        asked: State::new(None),
        is_busy: State::new(false),
        is_done: State::new(false),
    };
    effect(move || work.read());
    let trouble = move || {
        let on_retry = Callback::new(move |()| work.read());
        work.trouble.get().map(|of| view! { <TroubleBox of on_retry /> })
    };
    let done = move || {
        work.is_done.get().then(|| {
            view! { <p class="kyc-notice" data-hue="good">{signed(Glyph::Check, t(words::DONE).into_any())}</p> }
        })
    };
    view! {
        <main class="kyc-page kyc-page--home">
            <div class="kyc-page__bar"><h1 class="kyc-page__title">{t(words::TITLE)}</h1><Menu /></div>
            {dynamic(trouble)}
            <div role="status">{dynamic(done)}</div>
            {dynamic(move || work.contents())}
        </main>
    }
    .into_any()
}

impl Work {
    fn read(self) {
        self.trouble.set(None);
        spawn_local(async move {
            match self.client.sign_ins().await {
                Ok(list) => {
                    self.shell.set_clock(list.now);
                    self.list.set(Some(list));
                }
                Err(Trouble::Aborted) => {}
                Err(found) if found.is_signed_out() => self.shell.leave(),
                Err(found) => self.trouble.set(Some(found)),
            }
        });
    }

    fn ask(self, what: Option<Ending>) {
        self.is_done.set(false);
        self.asked.set(what);
        if what.is_some() {
            request_animation_frame(|| browser::focus("kyc-end-now"));
        }
    }

    /// What has ended meanwhile is gone, which is what she wanted.
    fn end(self, what: Ending) {
        self.is_busy.set(true);
        spawn_local(async move {
            let result = self.client.end_sign_in(what).await;
            self.is_busy.set(false);
            match result {
                Err(Trouble::Aborted) => return,
                Err(found) if found.is_signed_out() => return self.shell.leave(),
                Err(found) if found.code() != Some(kyc_wire::problem::ProblemCode::NotFound) => {
                    return self.trouble.set(Some(found));
                }
                _ => {}
            }
            self.asked.set(None);
            self.is_done.set(true);
            self.read();
            request_animation_frame(|| browser::focus("kyc-refresh"));
        });
    }

    fn contents(self) -> AnyView {
        let Some(list) = self.list.get() else {
            return if self.trouble.with(Option::is_none) { view! { <Skeleton /> }.into_any() } else { ().into_any() };
        };
        let all = by_person(&list.items, "").len();
        let lang = self.shell.lang;
        let people = move || words::PEOPLE.of(lang.get(), all);
        let (items, has_more) = (list.items, list.has_more);
        let found = move || {
            let people = by_person(&items, &self.search.get());
            if people.is_empty() {
                return said("kyc-page__text", words::NOBODY);
            }
            let people = people.into_iter().map(|person| self.person(person)).collect_view();
            view! { <ul class="kyc-list">{people}</ul> }.into_any()
        };
        view! {
            <div class="kyc-people__bar">
                <p class="kyc-quiet">{text(people)}</p>
                <button type="button" id="kyc-refresh" class="kyc-link" on:click=move |_| self.read()>{t(words::REFRESH)}</button>
            </div>
            {has_more.then(|| said("kyc-quiet", words::MORE))}
            {(all > WITHOUT_SEARCH).then(|| self.search_field())}
            {dynamic(found)}
        }
        .into_any()
    }

    fn search_field(self) -> AnyView {
        view! {
            <div class="kyc-form">
                <label for="kyc-people-search">{t(words::SEARCH)}</label>
                <input
                    id="kyc-people-search"
                    type="search"
                    autocomplete="off"
                    prop:value=move || self.search.get()
                    on:input=move |event| self.search.set(event_target_value(&event))
                />
            </div>
        }
        .into_any()
    }

    fn person(self, of: Person) -> AnyView {
        let (lang, id) = (self.shell.lang, of.who.id);
        let roles = of.sign_ins.first().map(|first| first.roles.clone()).unwrap_or_default();
        let roles = move || {
            let roles: Vec<&str> = roles.iter().map(|role| words::role(*role).to(lang.get())).collect();
            roles.join(" · ")
        };
        let all = of.has_several().then(|| self.opener(Ending::All(id), &of.who.name));
        let name = of.who.name.clone();
        let rows = of.sign_ins.into_iter().map(|of| self.row(of)).collect_view();
        view! {
            <li class="kyc-person">
                <div class="kyc-person__head">
                    <h2 class="kyc-person__name">{of.who.name}</h2>
                    {all}
                    <p class="kyc-quiet">{text(roles)}</p>
                </div>
                {self.question(Ending::All(id), name)}
                <ul>{rows}</ul>
            </li>
        }
        .into_any()
    }

    fn row(self, of: SignInSummary) -> AnyView {
        let (lang, what, name) = (self.shell.lang, Ending::One(of.id), of.person.name);
        let since = move || {
            let time = browser::write_time(lang.get().tag(), of.created_at.0, Some("short"), "short");
            let family = words::browser(of.browser).to(lang.get());
            words::SINCE.with(lang.get(), &[("browser", family), ("idp", &of.idp), ("time", &time)])
        };
        let active = move || {
            let seconds = self.shell.now.get().seconds_since(of.last_activity_at);
            if seconds < JUST_NOW {
                return words::ACTIVE_NOW.to(lang.get()).to_owned();
            }
            words::ACTIVE.with(lang.get(), &[("time", &short_span(lang.get(), seconds))])
        };
        let end = (!of.is_mine).then(|| self.opener(what, &name));
        view! {
            <li class="kyc-person__sign-in">
                <p>{text(since)}</p>
                {end}
                <p class="kyc-quiet">{if of.is_mine { t(words::MINE).into_any() } else { text(active) }}</p>
                {self.question(what, name)}
            </li>
        }
        .into_any()
    }

    fn opener(self, what: Ending, name: &str) -> AnyView {
        let (label, spoken) = match what {
            Ending::One(_) => (words::END, words::END_OF),
            Ending::All(_) => (words::END_ALL, words::END_ALL_OF),
        };
        let (lang, name) = (self.shell.lang, name.to_owned());
        view! {
            <button
                type="button"
                class="kyc-link"
                aria-label=move || spoken.with(lang.get(), &[("name", &name)])
                aria-expanded=move || (self.asked.get() == Some(what)).to_string()
                on:click=move |_| self.ask(if self.asked.get_untracked() == Some(what) { None } else { Some(what) })
            >
                {t(label)}
            </button>
        }
        .into_any()
    }

    /// What will happen, and the button that does it.
    fn question(self, what: Ending, name: String) -> AnyView {
        let lang = self.shell.lang;
        let (sentence, confirm) = match what {
            Ending::One(_) => (words::WHAT_ONE, words::CONFIRM),
            Ending::All(_) => (words::WHAT_ALL, words::CONFIRM_ALL),
        };
        dynamic(move || {
            (self.asked.get() == Some(what)).then(|| {
                let name = name.clone();
                let sentence = move || sentence.with(lang.get(), &[("name", &name)]);
                view! {
                    <div class="kyc-person__question">
                        <p>{text(sentence)}</p>
                        <button
                            type="button"
                            id="kyc-end-now"
                            class="kyc-button kyc-button--primary"
                            data-hue="grave"
                            disabled=move || self.is_busy.get()
                            on:click=move |_| self.end(what)
                        >
                            {t(confirm)}
                        </button>
                        {button("kyc-button", shell_words::CANCEL, move || self.ask(None))}
                    </div>
                }
                .into_any()
            })
        })
    }
}
