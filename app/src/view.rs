//! Pieces of views that are compiled once, whatever they show. A closure in a view is otherwise a type of its own, and brings all
//! the code that builds, changes and removes what it shows.

use leptos::prelude::*;

use crate::components::icon::{Glyph, Icon};
use crate::held::Derived;
use crate::shell::t;
use crate::text::Say;

/// Text that follows what it reads.
pub fn text(words: impl Fn() -> String + Send + 'static) -> AnyView {
    fn boxed(words: Box<dyn Fn() -> String + Send>) -> AnyView {
        words.into_any()
    }
    boxed(Box::new(words))
}

/// A part of a view that follows what it reads.
pub fn dynamic<V: IntoAny>(part: impl Fn() -> V + Send + 'static) -> AnyView {
    fn boxed(part: Box<dyn Fn() -> AnyView + Send>) -> AnyView {
        part.into_any()
    }
    boxed(Box::new(move || part().into_any()))
}

/// A sentence in a paragraph.
pub fn said(class: &'static str, sentence: Say) -> AnyView {
    view! { <p class=class>{t(sentence)}</p> }.into_any()
}

/// Words behind an icon.
pub fn signed(of: Glyph, words: AnyView) -> AnyView {
    view! { <Icon of /><span>{words}</span> }.into_any()
}

/// A line over a page: what is known about the whole of it.
pub fn banner(hue: &'static str, of: Glyph, words: AnyView) -> AnyView {
    view! { <p class="kyc-banner" data-hue=hue>{signed(of, words)}</p> }.into_any()
}

/// A button with a sentence on it.
pub fn button(class: &'static str, label: Say, act: impl Fn() + 'static) -> AnyView {
    fn boxed(class: &'static str, label: Say, act: Box<dyn Fn()>) -> AnyView {
        view! { <button type="button" class=class on:click=move |_| act()>{t(label)}</button> }.into_any()
    }
    boxed(class, label, Box::new(act))
}

impl<F: Fn() -> bool + Send + Sync + 'static> From<F> for Derived<bool> {
    fn from(is: F) -> Self {
        Self::new(is)
    }
}

/// Shows its children while `when` is true.
#[component]
pub fn Show(
    /// Whether to show them.
    #[prop(into)]
    when: Derived<bool>,
    /// What to show.
    children: ChildrenFn,
) -> impl IntoView {
    dynamic(move || when.get().then(|| children()))
}
