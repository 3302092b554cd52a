//! From bytes to one tree: everything that can be refused without understanding it is refused here, before a parser sees it.
//!
//! Honest identity providers send neither comments nor processing instructions nor CDATA nor a document type, and most of the history of
//! attacks on SAML begins with one of these. So `<!` and `<?` are refused as such, and what is left means the same to every parser.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, PAD};
use uppsala::{Document, Parser};

use super::Refused;

/// Decoded bytes of one message. Real ones have 5 to 20 KiB.
const MAX_BYTES: usize = 256 * 1024;
/// Tags in one message, opening and closing ones.
const MAX_TAGS: usize = 4096;
/// Equals signs within one tag: more than it may have attributes, so that comparing them with each other stays cheap.
const MAX_IN_TAG: usize = 64;
/// Elements within elements.
const MAX_DEPTH: u32 = 40;

const STRICT: GeneralPurpose = GeneralPurpose::new(&STANDARD, PAD);

/// Bytes of base64 as XML and forms carry it: broken into lines or not, otherwise strict (RFC 4648 section 3).
pub(super) fn base64(text: &str) -> Result<Vec<u8>, Refused> {
    let text: String = text.chars().filter(|char| !matches!(char, '\r' | '\n' | '\t' | ' ')).collect();
    STRICT.decode(text).map_err(|_| Refused("base64"))
}

/// Bytes as base64.
pub(super) fn written(bytes: &[u8]) -> String {
    STRICT.encode(bytes)
}

/// The text of a message in a form field (SAML bindings section 3.5.4).
pub(super) fn message(field: &str) -> Result<String, Refused> {
    if field.len() > MAX_BYTES / 2 * 3 {
        return Err(Refused("too_large"));
    }
    text(base64(field)?)
}

/// UTF-8, not too much of it.
pub(super) fn text(bytes: Vec<u8>) -> Result<String, Refused> {
    if bytes.len() > MAX_BYTES {
        return Err(Refused("too_large"));
    }
    String::from_utf8(bytes).map_err(|_| Refused("not_utf8"))
}

/// The tree of a message. It is made once; verifying and reading use this one.
pub(super) fn tree(xml: &str) -> Result<Document<'_>, Refused> {
    let body = after_declaration(xml)?;
    if body.contains("<!") || body.contains("<?") {
        return Err(Refused("markup_forbidden"));
    }
    if !body.chars().all(is_plain) {
        return Err(Refused("character_forbidden"));
    }
    bounded(body)?;
    let parser = Parser::new().with_max_depth(MAX_DEPTH).with_forbid_dtd(true).with_forbid_entities(true);
    parser.parse(body).map_err(|_| Refused("not_xml"))
}

/// What follows the XML declaration: version 1.0, in UTF-8.
fn after_declaration(xml: &str) -> Result<&str, Refused> {
    let Some(rest) = xml.strip_prefix("<?xml ") else { return Ok(xml) };
    let (declaration, body) = rest.split_once("?>").ok_or(Refused("not_xml"))?;
    let is_known = |part: &str| {
        let part = part.replace('\'', "\"").to_ascii_lowercase();
        matches!(part.as_str(), "version=\"1.0\"" | "encoding=\"utf-8\"" | "standalone=\"yes\"" | "standalone=\"no\"")
    };
    if declaration.split_ascii_whitespace().all(is_known) { Ok(body) } else { Err(Refused("not_xml")) }
}

/// Characters of XML 1.0 (section 2.2), without those that change how text looks or where it ends.
const fn is_plain(char: char) -> bool {
    match char {
        '\t' | '\n' | '\r' => true,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => false,
        _ => true,
    }
}

fn bounded(body: &str) -> Result<(), Refused> {
    let mut tags = 0;
    let mut inside = 0;
    let mut is_tag = false;
    for byte in body.bytes() {
        match byte {
            b'<' => {
                (tags, inside, is_tag) = (tags + 1, 0, true);
            }
            b'>' => is_tag = false,
            b'=' if is_tag => inside += 1,
            _ => {}
        }
        if tags > MAX_TAGS || inside > MAX_IN_TAG {
            return Err(Refused("too_complex"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(xml: &str) -> &'static str {
        tree(xml).map_or_else(|refused| refused.0, |_| "ok")
    }

    #[test]
    fn only_plain_elements_get_to_the_parser() {
        assert_eq!(code("<a>b</a>"), "ok");
        assert_eq!(code("<?xml version=\"1.0\" encoding='UTF-8'?>\n<a/>"), "ok");
        for xml in ["<a><!-- --></a>", "<!DOCTYPE a><a/>", "<a><![CDATA[b]]></a>", "<a><?b c?></a>", "<a/><!---->"] {
            assert_eq!(code(xml), "markup_forbidden", "{xml}");
        }
        for xml in ["<?xml version=\"1.1\"?><a/>", "<?xml version=\"1.0\" encoding=\"utf-16\"?><a/>", "<?xml version"] {
            assert_eq!(code(xml), "not_xml", "{xml}");
        }
        assert_eq!(code("\u{feff}<a/>"), "character_forbidden");
        assert_eq!(code("<a>\u{0}</a>"), "character_forbidden");
        assert_eq!(code("<a>&b;</a>"), "not_xml");
    }

    #[test]
    fn what_is_large_deep_or_wide_is_refused_before_it_costs_anything() {
        let deep = format!("{}{}", "<a>".repeat(41), "</a>".repeat(41));
        assert_eq!(code(&deep), "not_xml");
        assert_eq!(code(&"<a>".repeat(5000)), "too_complex");
        let numbers: Vec<String> = (0..65).map(|number| number.to_string()).collect();
        let wide = format!("<a a{}=''/>", numbers.join("='' a"));
        assert_eq!(code(&wide), "too_complex");
        let spaces = format!("<a xmlns:a{}='urn:x'/>", numbers.join("='urn:x' xmlns:a"));
        assert_eq!(code(&spaces), "too_complex");
        assert_eq!(message(&"A".repeat(10_000_000)).unwrap_err(), Refused("too_large"));
        assert_eq!(text(vec![b'a'; MAX_BYTES + 1]).unwrap_err(), Refused("too_large"));
        assert_eq!(text(vec![0xff]).unwrap_err(), Refused("not_utf8"));
    }

    #[test]
    fn base64_may_be_broken_into_lines_and_is_strict_otherwise() {
        assert_eq!(base64("YWJj\r\nZGU=").unwrap(), b"abcde");
        for odd in ["YWJjZGU", "YWJjZGV=", "YWJj-GU=", "YWJjZGU==", "YWJjZGU=YWJj"] {
            assert_eq!(base64(odd), Err(Refused("base64")), "{odd}");
        }
    }
}
