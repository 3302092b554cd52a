//! Pieces of views that are compiled once, whatever they show. A closure in a view is otherwise a type of its own, and brings all
//! the code that builds, changes and removes what it shows.

use leptos::prelude::*;

use crate::held::Derived;

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
