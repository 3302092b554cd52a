//! The browser around us: time, randomness, waiting, focus. Small and boring on purpose; it decides nothing.

use core::time::Duration;

use js_sys::{Function, Promise};
use leptos::prelude::{document, on_cleanup, set_interval_with_handle, window, window_event_listener_untyped};
use uuid::{Builder, Uuid};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement};

/// Milliseconds of the monotonic clock.
pub fn monotonic_ms() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// Random bytes from the browser's generator.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let crypto = window().crypto().expect("every browser that runs WebAssembly has a generator");
    crypto.get_random_values_with_u8_array(&mut bytes).expect("fewer than 65,536 bytes are always given");
    bytes
}

/// A fresh random UUID, for a person's intent.
pub fn intent() -> Uuid {
    Builder::from_random_bytes(random()).into_uuid()
}

/// A number between 0 and 1, to spread retries.
pub fn chance() -> f64 {
    f64::from(u16::from_le_bytes(random())) / f64::from(u16::MAX)
}

/// A promise that is kept after `ms` milliseconds.
pub fn timer(ms: u32) -> Promise {
    Promise::new(&mut |resolve: Function, _| {
        let ms = i32::try_from(ms).unwrap_or(i32::MAX);
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms);
    })
}

/// Waits.
pub async fn sleep(ms: u32) {
    let _ = JsFuture::from(timer(ms)).await;
}

/// Hears an event of the window as long as the current view lives.
pub fn hear(name: &str, act: impl Fn(Event) + 'static) {
    fn boxed(name: &str, act: Box<dyn Fn(Event)>) {
        let heard = window_event_listener_untyped(name, act);
        on_cleanup(move || heard.remove());
    }
    boxed(name, Box::new(act));
}

/// Does something every `seconds` as long as the current view lives.
pub fn every(seconds: u64, act: impl Fn() + 'static) {
    fn boxed(seconds: u64, act: Box<dyn Fn()>) {
        let Ok(handle) = set_interval_with_handle(act, Duration::from_secs(seconds)) else { return };
        on_cleanup(move || handle.clear());
    }
    boxed(seconds, Box::new(act));
}

/// Whether a window that we were not given has opened all the same; to be asked in the click that asked for it.
///
/// A window that opens uses the click up (HTML, "transient activation-consuming API"), and one that is blocked does not. Gecko uses it up
/// either way, but there a window that opens has taken the focus by now.
pub fn has_opened_unseen() -> bool {
    if property(&window(), "mozInnerScreenX").is_some() {
        return !document().has_focus().unwrap_or(true);
    }
    let activation = property(&window().navigator(), "userActivation");
    let is_active = activation.and_then(|activation| property(&activation, "isActive")).and_then(|is| is.as_bool());
    is_active == Some(false)
}

/// The origin of this page.
pub fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// The element that has the focus.
pub fn focused() -> Option<HtmlElement> {
    document().active_element().and_then(|element| element.dyn_into().ok())
}

/// Moves the focus to the element with this id, if it is there.
pub fn focus(id: &str) {
    if let Some(element) = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Moves the focus to the first element that fits, if there is one.
pub fn focus_first(selector: &str) {
    let found = document().query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Whether something is being typed: letters belong to the field then.
pub fn is_typing(element: Option<&HtmlElement>) -> bool {
    element.is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT") && !is_toggle(element)
            || element.is_content_editable()
    })
}

fn is_toggle(element: &HtmlElement) -> bool {
    matches!(element.get_attribute("type").as_deref(), Some("checkbox" | "radio"))
}

/// Moves the focus by `by` among the elements that carry `data-item`, in the order of the page.
pub fn step_item(by: isize) {
    let Ok(items) = document().query_selector_all("[data-item]") else { return };
    let count = isize::try_from(items.length()).unwrap_or(0);
    if count == 0 {
        return;
    }
    let at = (0..count).find(|at| item(&items, *at).is_some_and(|element| has_focus_in(&element)));
    let to = at.map_or(if by > 0 { 0 } else { count - 1 }, |at| (at + by).clamp(0, count - 1));
    if let Some(element) = item(&items, to).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

fn item(items: &web_sys::NodeList, at: isize) -> Option<Element> {
    items.item(u32::try_from(at).ok()?)?.dyn_into().ok()
}

/// Whether the focus is in the first element that fits.
pub fn has_focus(selector: &str) -> bool {
    document().query_selector(selector).ok().flatten().is_some_and(|element| has_focus_in(&element))
}

fn has_focus_in(element: &Element) -> bool {
    element.contains(document().active_element().as_deref())
}

/// The nearest value of a `data-…` attribute at or above the focused element.
pub fn focused_data(name: &str) -> Option<String> {
    let element: Element = focused()?.into();
    element.closest(&format!("[{name}]")).ok()??.get_attribute(name)
}

/// Opens an address in a tab of its own, without a way back to us.
pub fn open_tab(url: &str) {
    let _ = window().open_with_url_and_target_and_features(url, "_blank", "noopener,noreferrer");
}

/// Reads a property of a JavaScript value; nothing when it is not an object.
pub fn property(value: &JsValue, name: &str) -> Option<JsValue> {
    js_sys::Reflect::get(value, &JsValue::from_str(name)).ok().filter(|found| !found.is_undefined() && !found.is_null())
}

/// Writes a moment as the person's locale does, in one of `Intl`'s styles: the date may be left out, the time never is.
pub fn write_time(lang: &str, micros: i64, date_style: Option<&str>, time_style: &str) -> String {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit 53 bits until the year 287396")]
    let date = js_sys::Date::new(&JsValue::from_f64((micros / 1_000) as f64));
    let options = js_sys::Object::new();
    let set = |name: &str, value: &str| {
        let _ = js_sys::Reflect::set(&options, &JsValue::from_str(name), &JsValue::from_str(value));
    };
    if let Some(style) = date_style {
        set("dateStyle", style);
    }
    set("timeStyle", time_style);
    String::from(date.to_locale_string(lang, &options))
}

/// Writes a day (`YYYY-MM-DD`) as the person's locale does; anything else comes back as it is.
pub fn write_day(lang: &str, day: &str) -> String {
    let date = js_sys::Date::new(&JsValue::from_str(&format!("{day}T12:00:00Z")));
    if date.get_time().is_nan() {
        return day.to_owned();
    }
    let options = js_sys::Object::new();
    for (name, value) in [("day", "numeric"), ("month", "short"), ("year", "numeric"), ("timeZone", "UTC")] {
        let _ = js_sys::Reflect::set(&options, &JsValue::from_str(name), &JsValue::from_str(value));
    }
    String::from(date.to_locale_date_string(lang, &options))
}

/// Takes what lies at an address of ours, as a file.
pub fn download(address: &str) {
    let Ok(link) = document().create_element("a") else { return };
    let _ = link.set_attribute("href", address);
    let _ = link.set_attribute("download", "");
    if let Ok(link) = link.dyn_into::<HtmlElement>() {
        link.click();
    }
}

/// Takes away the bytes behind an address that only this page has.
pub fn forget_bytes(url: &str) {
    let _ = web_sys::Url::revoke_object_url(url);
}

/// Selects what a field holds.
pub fn select(id: &str) {
    let field = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlInputElement>().ok());
    if let Some(field) = field {
        field.select();
    }
}

/// Empties every field that fits.
pub fn empty(selector: &str) {
    let Ok(fields) = document().query_selector_all(selector) else { return };
    for field in (0..fields.length()).filter_map(|at| fields.item(at)) {
        let _ = js_sys::Reflect::set(&field, &JsValue::from_str("value"), &JsValue::from_str(""));
    }
}

/// Clicks the first element that fits; whether there was one.
pub fn click(selector: &str) -> bool {
    let found = document().query_selector(selector).ok().flatten();
    let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) else { return false };
    element.click();
    true
}
