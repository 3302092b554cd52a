//! The keyboard: what a key means. Single letters are off while something is typed and can be switched off altogether
//! (WCAG 2.2, success criterion 2.1.4).

use crate::state::viewer::Move;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// Focus the next item.
    Next,
    /// Focus the previous item.
    Previous,
    /// The item or reason with this number, from 1.
    Number(usize),
    /// Mark the focused line of the checklist as failed.
    Fail,
    /// Reveal the focused field.
    Reveal,
    /// Write a note.
    Note,
    /// Look at the photos.
    Viewer,
    /// Enlarge, move or turn them.
    Look(Move),
    /// The primary action.
    Primary,
    /// Ask the customer for a new capture.
    AskAgain,
    /// Take back what was asked for again.
    Withdraw,
    /// Report that the picture is too poor.
    PoorPicture,
    /// Call a supervisor.
    Escalate,
    /// Reject.
    Reject,
    /// Search.
    Search,
    /// My sessions.
    MySessions,
    /// The list of keys.
    Help,
    /// Close what is open.
    Close,
}

/// The keys in the order in which they are explained, and what they do.
pub const LIST: &[(&str, Press)] = &[
    ("j", Press::Next),
    ("k", Press::Previous),
    ("1…9", Press::Number(1)),
    ("x", Press::Fail),
    ("r", Press::Reveal),
    ("n", Press::Note),
    ("v", Press::Viewer),
    ("+", Press::Look(Move::In)),
    ("-", Press::Look(Move::Out)),
    ("0", Press::Look(Move::Fit)),
    ("←", Press::Look(Move::Left)),
    ("→", Press::Look(Move::Right)),
    ("a", Press::Primary),
    ("u", Press::AskAgain),
    ("w", Press::Withdraw),
    ("p", Press::PoorPicture),
    ("e", Press::Escalate),
    ("d", Press::Reject),
    ("/", Press::Search),
    ("g s", Press::MySessions),
    ("Esc", Press::Close),
    ("?", Press::Help),
];

/// One key as the page saw it.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    /// The key's name, as in `KeyboardEvent.key`.
    pub name: &'a str,
    /// Whether Ctrl, Alt or Meta is held: then it belongs to the browser.
    pub is_chord: bool,
    /// Whether something is being typed.
    pub is_typing: bool,
    /// Whether it comes again because it is held down.
    pub is_repeat: bool,
}

/// Remembers the first half of a two-key sequence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keyboard {
    saw_g: bool,
}

impl Keyboard {
    /// What the key asks for, if anything.
    pub fn press(&mut self, key: Key<'_>, letters_on: bool) -> Option<Press> {
        let after_g = core::mem::take(&mut self.saw_g);
        if key.is_chord {
            return None;
        }
        if key.name == "Escape" {
            return Some(Press::Close);
        }
        if key.is_typing || !letters_on {
            return None;
        }
        if after_g && key.name == "s" {
            return Some(Press::MySessions);
        }
        self.saw_g = key.name == "g";
        // Held down, a key goes on through the page or the photos, and does nothing else again.
        single(key.name).filter(|press| !key.is_repeat || press.is_step())
    }
}

impl Press {
    const fn is_step(self) -> bool {
        matches!(self, Self::Next | Self::Previous | Self::Look(_))
    }
}

fn single(name: &str) -> Option<Press> {
    Some(match name {
        "j" => Press::Next,
        "k" => Press::Previous,
        "x" => Press::Fail,
        "r" => Press::Reveal,
        "n" => Press::Note,
        "v" => Press::Viewer,
        "+" => Press::Look(Move::In),
        "-" => Press::Look(Move::Out),
        "0" => Press::Look(Move::Fit),
        "ArrowLeft" => Press::Look(Move::Left),
        "ArrowRight" => Press::Look(Move::Right),
        "ArrowUp" => Press::Look(Move::Up),
        "ArrowDown" => Press::Look(Move::Down),
        "a" => Press::Primary,
        "u" => Press::AskAgain,
        "w" => Press::Withdraw,
        "p" => Press::PoorPicture,
        "e" => Press::Escalate,
        "d" => Press::Reject,
        "/" => Press::Search,
        "?" => Press::Help,
        _ => return number(name).map(Press::Number),
    })
}

/// A digit from 1 to 9. Works while single letters are off, too, where the caller shows numbered choices.
pub fn number(name: &str) -> Option<usize> {
    name.parse().ok().filter(|n| (1..=9).contains(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn key(name: &str) -> Key<'_> {
        Key { name, is_chord: false, is_typing: false, is_repeat: false }
    }

    #[test]
    fn every_explained_key_does_what_the_list_says() {
        for (name, press) in LIST {
            let mut keyboard = Keyboard::default();
            let mut last = None;
            for part in name.split(' ') {
                let part = match part {
                    "Esc" => "Escape",
                    "←" => "ArrowLeft",
                    "→" => "ArrowRight",
                    part => part.split('…').next().unwrap(),
                };
                last = keyboard.press(key(part), true);
            }
            assert_eq!(last, Some(*press), "{name}");
        }
    }

    #[test]
    fn letters_are_off_while_something_is_typed_but_escape_works() {
        let mut keyboard = Keyboard::default();
        assert_eq!(keyboard.press(Key { is_typing: true, ..key("d") }, true), None);
        assert_eq!(keyboard.press(Key { is_typing: true, ..key("Escape") }, true), Some(Press::Close));
    }

    #[test]
    fn letters_can_be_switched_off() {
        assert_eq!(Keyboard::default().press(key("a"), false), None);
        assert_eq!(Keyboard::default().press(key("1"), false), None);
    }

    #[test]
    fn the_browsers_own_shortcuts_stay_the_browsers() {
        assert_eq!(Keyboard::default().press(Key { is_chord: true, ..key("r") }, true), None);
    }

    #[test]
    fn a_sequence_that_goes_elsewhere_is_forgotten() {
        let mut keyboard = Keyboard::default();
        assert_eq!(keyboard.press(key("g"), true), None);
        assert_eq!(keyboard.press(key("j"), true), Some(Press::Next));
        assert_eq!(keyboard.press(key("s"), true), None);
    }

    #[test]
    fn zero_is_no_number_of_an_item() {
        assert_eq!(number("0"), None);
        assert_eq!(number("9"), Some(9));
    }

    #[test]
    fn a_key_that_is_held_down_acts_once_and_steps_on() {
        let mut keyboard = Keyboard::default();
        let mut held = |name| keyboard.press(Key { is_repeat: true, ..key(name) }, true);
        assert_eq!((held("a"), held("2"), held("v")), (None, None, None));
        assert_eq!((held("j"), held("ArrowUp")), (Some(Press::Next), Some(Press::Look(Move::Up))));
    }
}
