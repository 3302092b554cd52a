//! What the widget shows, piece by piece. Components take values and callbacks and never ask the server for anything.

pub mod act_bar;
pub mod act_sheet;
pub mod asked;
pub mod check;
pub mod checklist;
pub mod comparison;
pub mod floor_strip;
pub mod fold;
pub mod head;
pub mod help;
pub mod icon;
pub mod masked_field;
pub mod menu;
pub mod moment;
pub mod needs;
pub mod notes;
pub mod notice;
pub mod panel;
pub mod photos;
pub mod popup;
pub mod reasons;
pub mod session_body;
pub mod session_row;
pub mod start_form;
pub mod status_badge;
pub mod timeline;
pub mod view_list;

/// A provider's name as it writes itself.
pub fn provider_name(code: &str) -> String {
    match code {
        "veriff" => "Veriff".to_owned(),
        "onfido" => "Onfido".to_owned(),
        "jumio" => "Jumio".to_owned(),
        other => other.to_owned(),
    }
}

/// The bank's opaque id, short enough for a narrow line and long enough to recognise: the first character and the last four.
pub fn short_id(id: &str) -> String {
    let signs: Vec<char> = id.chars().collect();
    match signs.len() {
        0..=6 => id.to_owned(),
        n => format!("{}•••{}", signs[0], signs[n - 4..].iter().collect::<String>()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_customer_id_is_shortened() {
        assert_eq!(short_id("C-2026-11-4F2A"), "C•••4F2A");
        assert_eq!(short_id("C-77"), "C-77");
    }
}
