//! The one set of icons: 16 px, drawn with the colour of the text around them. An icon never stands alone for a meaning.

use leptos::prelude::*;

/// An icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    /// In order.
    Check,
    /// Not in order.
    Cross,
    /// Needs a look.
    Alert,
    /// Waits.
    Clock,
    /// Show.
    Eye,
    /// Menu.
    Dots,
    /// Opens downwards.
    Chevron,
    /// A new photo.
    Camera,
    /// Flagged.
    Flag,
    /// A person.
    Person,
    /// Opens elsewhere.
    Out,
    /// The connection is lost.
    Offline,
    /// A neutral point.
    Dot,
    /// Back.
    Back,
}

impl Glyph {
    /// The strokes.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Check => "M3 8.5l3.2 3.2L13 5",
            Self::Cross => "M4 4l8 8M12 4l-8 8",
            Self::Alert => "M8 2.2l6.2 11H1.8zM8 6.5v3.2M8 11.6v.2",
            Self::Clock => "M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2zM8 5v3.2l2 1.6",
            Self::Eye => {
                "M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8zM8 6.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6z"
            }
            Self::Dots => "M3 8h.01M8 8h.01M13 8h.01",
            Self::Chevron => "M4 6.2l4 4 4-4",
            Self::Camera => "M2 5h2.6l1-1.6h4.8l1 1.6H14v8H2zM8 6.7a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4z",
            Self::Flag => "M4 14V2.5M4 3h8l-1.8 2.8L12 8.6H4",
            Self::Person => "M8 2.5a2.6 2.6 0 1 1 0 5.2 2.6 2.6 0 0 1 0-5.2zM2.8 13.5c.5-2.6 2.6-4 5.2-4s4.7 1.4 5.2 4",
            Self::Out => "M6.5 3.5h-3v9h9v-3M9 2.5h4.5V7M13.5 2.5L7.5 8.5",
            Self::Offline => {
                "M2.5 2.5l11 11M4.7 9.3A4.6 4.6 0 0 1 8 8M2 6.6A9 9 0 0 1 5 4.8M8 4a9 9 0 0 1 6 2.6M8 12v.2"
            }
            Self::Dot => "M8 6.5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3z",
            Self::Back => "M9.8 4l-4 4 4 4",
        }
    }
}

/// Draws an icon. Hidden from screen readers: the word beside it speaks.
#[component]
pub fn Icon(
    /// Which.
    of: Glyph,
) -> impl IntoView {
    view! {
        <svg class="kyc-icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
            <path d=of.path() />
        </svg>
    }
    .into_any()
}
