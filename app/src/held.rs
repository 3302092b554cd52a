//! What views follow and remember. The reactive graph's own signals, memos and stored values are generic all the way down: each type
//! they hold is another copy of all their code. Here the graph sees one type, and only the outermost layer knows what it is.

use core::any::Any;
use core::marker::PhantomData;

use leptos::prelude::{Effect, Memo, Notify, ReadUntracked, RwSignal, Track, Write};

/// A value of any type.
type Held = Box<dyn Any + Send + Sync>;

/// What a memo last came to, and how two of its kind are compared.
struct Kept {
    held: Held,
    is_same: fn(&dyn Any, &dyn Any) -> bool,
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        (self.is_same)(&*self.held, &*other.held)
    }
}

fn is_same<T: PartialEq + 'static>(one: &dyn Any, other: &dyn Any) -> bool {
    one.downcast_ref::<T>() == other.downcast_ref()
}

/// Once for each type, not once for each use of it.
#[inline(never)]
fn known<T: 'static>(held: &Held) -> Option<&T> {
    held.downcast_ref()
}

#[inline(never)]
fn known_mut<T: 'static>(held: &mut Held) -> Option<&mut T> {
    held.downcast_mut()
}

const GONE: &str = "a view reads what lives at least as long as it";

/// A value that is followed by those who read it.
pub struct State<T>(RwSignal<Held>, PhantomData<fn() -> T>);

impl<T> Clone for State<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for State<T> {}

impl<T: Send + Sync + 'static> State<T> {
    /// Holds `value` as long as the current view lives.
    pub fn new(value: T) -> Self {
        Self(RwSignal::new(Box::new(value)), PhantomData)
    }

    /// Follows it without reading it.
    pub fn track(self) {
        self.0.track();
    }

    /// Tells those who follow it.
    pub fn notify(self) {
        self.0.notify();
    }

    /// Reads it without following it; nothing when its view is gone.
    pub fn try_with_untracked<U>(self, read: impl FnOnce(&T) -> U) -> Option<U> {
        let held = self.0.try_read_untracked()?;
        known(&held).map(read)
    }

    /// Reads it without following it.
    pub fn with_untracked<U>(self, read: impl FnOnce(&T) -> U) -> U {
        self.try_with_untracked(read).expect(GONE)
    }

    /// Reads and follows it.
    pub fn with<U>(self, read: impl FnOnce(&T) -> U) -> U {
        self.track();
        self.with_untracked(read)
    }

    /// Changes it without telling; nothing when its view is gone.
    pub fn try_update_untracked<U>(self, write: impl FnOnce(&mut T) -> U) -> Option<U> {
        let mut held = self.0.try_write_untracked()?;
        known_mut(&mut held).map(write)
    }

    /// Changes it; nothing when its view is gone.
    pub fn try_update<U>(self, write: impl FnOnce(&mut T) -> U) -> Option<U> {
        let out = self.try_update_untracked(write);
        if out.is_some() {
            self.notify();
        }
        out
    }

    /// Changes it.
    pub fn update(self, write: impl FnOnce(&mut T)) {
        self.try_update(write);
    }

    /// Replaces it, unless its view is gone.
    pub fn set(self, value: T) {
        self.try_update(|held| *held = value);
    }
}

impl<T: Clone + Send + Sync + 'static> State<T> {
    /// A copy, without following it.
    pub fn get_untracked(self) -> T {
        self.with_untracked(T::clone)
    }

    /// A copy; follows it.
    pub fn get(self) -> T {
        self.with(T::clone)
    }
}

/// A value that nobody follows.
pub struct Stored<T>(State<T>);

impl<T> Clone for Stored<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Stored<T> {}

impl<T: Send + Sync + 'static> Stored<T> {
    /// Holds `value` as long as the current view lives.
    pub fn new(value: T) -> Self {
        Self(State::new(value))
    }

    /// Reads it.
    pub fn with_value<U>(self, read: impl FnOnce(&T) -> U) -> U {
        self.0.with_untracked(read)
    }

    /// Changes it; nothing when its view is gone.
    pub fn try_update_value<U>(self, write: impl FnOnce(&mut T) -> U) -> Option<U> {
        self.0.try_update_untracked(write)
    }

    /// Changes it.
    pub fn update_value(self, write: impl FnOnce(&mut T)) {
        self.0.try_update_untracked(write);
    }

    /// Replaces it.
    pub fn set_value(self, value: T) {
        self.update_value(|held| *held = value);
    }
}

impl<T: Clone + Send + Sync + 'static> Stored<T> {
    /// A copy.
    pub fn get_value(self) -> T {
        self.0.get_untracked()
    }

    /// A copy; nothing when its view is gone.
    pub fn try_get_value(self) -> Option<T> {
        self.0.try_with_untracked(T::clone)
    }
}

/// What follows from other values; tells those who follow it only when it has changed.
pub struct Derived<T>(Memo<Kept>, PhantomData<fn() -> T>);

impl<T> Clone for Derived<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Derived<T> {}

fn memo(derive: Box<dyn Fn() -> Kept + Send + Sync>) -> Memo<Kept> {
    Memo::new(move |_| derive())
}

impl<T: PartialEq + Send + Sync + 'static> Derived<T> {
    /// Derives a value by `derive`.
    pub fn new(derive: impl Fn() -> T + Send + Sync + 'static) -> Self {
        let derive = move || Kept { held: Box::new(derive()), is_same: is_same::<T> };
        Self(memo(Box::new(derive)), PhantomData)
    }

    /// Reads and follows it.
    pub fn with<U>(self, read: impl FnOnce(&T) -> U) -> U {
        self.track();
        self.with_untracked(read)
    }

    /// Reads it without following it.
    pub fn with_untracked<U>(self, read: impl FnOnce(&T) -> U) -> U {
        known(&self.0.read_untracked().held).map(read).expect(GONE)
    }

    /// Follows it without reading it.
    pub fn track(self) {
        self.0.track();
    }
}

impl<T: Clone + PartialEq + Send + Sync + 'static> Derived<T> {
    /// A copy; follows it.
    pub fn get(self) -> T {
        self.with(T::clone)
    }

    /// A copy, without following it.
    pub fn get_untracked(self) -> T {
        self.with_untracked(T::clone)
    }
}

/// Runs `run` now and whenever something that it read has changed, as long as the current view lives.
pub fn effect(run: impl FnMut() + 'static) {
    fn boxed(mut run: Box<dyn FnMut()>) {
        Effect::new(move |_| run());
    }
    boxed(Box::new(run));
}
