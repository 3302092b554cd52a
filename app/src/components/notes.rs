//! Notes: what agents tell each other about a case.

use kyc_wire::session::{Act, Note};
use leptos::prelude::*;

use crate::components::fold::Fold;
use crate::components::moment::Moment;
use crate::components::panel::Panel;
use crate::held::{Derived, State};
use crate::shell::{Shell, t};
use crate::text::session;
use crate::view::{Show, said};

/// The block. What is typed is kept in memory until it is saved, also across a sign-in.
#[component]
pub fn Notes(
    /// Whether the block is open; the key for a note opens it.
    is_open: State<bool>,
) -> impl IntoView {
    let panel = Panel::here();
    let notes = panel.part(|detail| detail.notes.clone());
    let can_write = panel.can(Act::Note);
    let aside = Derived::new(move || match notes.with(Vec::len) {
        0 => String::new(),
        n => n.to_string(),
    });
    let is_empty = move || notes.with(Vec::is_empty);
    view! {
        <Fold id="kyc-notes" title=session::NOTES aside is_open>
            <Show when=is_empty>
                {said("kyc-quiet", session::NO_NOTES)}
            </Show>
            <ul class="kyc-notes">{move || notes.get().into_iter().map(note).collect_view()}</ul>
            <Show when=move || can_write.get()>
                <NoteForm />
            </Show>
        </Fold>
    }
    .into_any()
}

fn note(note: Note) -> AnyView {
    view! {
        <li class="kyc-note">
            <p class="kyc-note__text">{note.text}</p>
            <p class="kyc-quiet">{note.author.name}" · "<Moment at=note.at /></p>
        </li>
    }
    .into_any()
}

#[component]
fn NoteForm() -> impl IntoView {
    let (shell, panel) = (Shell::here(), Panel::here());
    let id = panel.part(|detail| Some(detail.summary.id));
    let draft = Derived::new(move || match id.get() {
        Some(id) => shell.drafts.with(|drafts| drafts.note(id).to_owned()),
        None => String::new(),
    });
    let keep = move |text: String| {
        if let Some(id) = id.get_untracked() {
            shell.drafts.update(|drafts| drafts.keep_note(id, text));
        }
    };
    let save = move || {
        let text = draft.get_untracked().trim().to_owned();
        if !text.is_empty() {
            panel.on_note.run(text);
        }
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            save();
        }
    };
    view! {
        <div class="kyc-form">
            <label for="kyc-note">{t(session::NOTE_LABEL)}</label>
            <textarea
                id="kyc-note"
                rows="2"
                maxlength="2000"
                aria-describedby="kyc-note-hint"
                prop:value=move || draft.get()
                on:input=move |event| keep(event_target_value(&event))
                on:keydown=on_key
            ></textarea>
            <p class="kyc-quiet" id="kyc-note-hint">{t(session::NOTE_HINT)}</p>
            <button
                type="button"
                class="kyc-button"
                disabled=move || draft.with(|text| text.trim().is_empty()) || panel.is_busy.get()
                on:click=move |_| save()
            >{t(session::NOTE_SAVE)}</button>
        </div>
    }
    .into_any()
}
