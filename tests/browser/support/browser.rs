//! One browser, as empty as a new one: a Chromium that keeps no third-party cookies, if nothing else is asked for.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::WindowHandle;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::chromium;
use super::driver::{Cookies, Driver, Engine};

/// How long anything may take before a test gives up. Nothing waits this long when all is well.
pub const PATIENCE: Duration = Duration::from_secs(90);
/// After how many strokes of Tab something cannot be reached by them.
const TABS: usize = 60;
const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const PAUSE: Duration = Duration::from_millis(40);

/// A browser with one person in front of it.
pub struct Browser {
    page: Client,
    engine: Engine,
    _driver: Driver,
}

impl Browser {
    pub async fn start() -> Self {
        Self::with(Engine::Chromium, Cookies::Blocked).await
    }

    /// This one, with this setting for third-party cookies.
    pub async fn with(engine: Engine, cookies: Cookies) -> Self {
        let driver = Driver::start(engine).await;
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let page = builder
            .capabilities(engine.capabilities(cookies).as_object().unwrap().clone())
            .connect(&format!("http://127.0.0.1:{}", driver.port))
            .await
            .unwrap();
        Self { page, engine, _driver: driver }
    }

    pub async fn goto(&self, url: &str) {
        self.page.goto(url).await.unwrap();
    }

    /// Looks into the widget's frame on the desktop.
    pub async fn enter_widget(&self) {
        // Switching to a window, even to the one we are in, leaves its frames (WebDriver, section 11.3).
        let here = self.page.window().await.unwrap();
        self.page.switch_to_window(here).await.unwrap();
        self.until("the widget on the desktop", async || frame(&self.page).await.is_ok()).await;
    }

    /// Looks at the page around all frames.
    pub async fn enter_desktop(&self) {
        let here = self.page.window().await.unwrap();
        self.page.switch_to_window(here).await.unwrap();
    }

    /// Looks into the frame with this id.
    pub async fn enter_frame(&self, id: &str) {
        self.page.find(Locator::Id(id)).await.unwrap().enter_frame().await.unwrap();
    }

    /// The page's address.
    pub async fn address(&self) -> String {
        self.run("return location.href").await.as_str().unwrap().to_owned()
    }

    /// Runs a script in the page or frame that is looked at.
    pub async fn run(&self, script: &str) -> Value {
        self.page.execute(script, Vec::new()).await.unwrap()
    }

    /// Runs a script that hands its result to `arguments[0]`.
    pub async fn run_async(&self, script: &str) -> Value {
        self.page.execute_async(script, Vec::new()).await.unwrap()
    }

    /// Everything that can be read, once anything can.
    pub async fn text(&self) -> String {
        self.until("a page to read", async || self.readable().await.is_some()).await;
        self.readable().await.expect("what could be read a moment ago")
    }

    /// The same now; nothing where there is no page, or none any more: then nobody can say what stands on it.
    async fn readable(&self) -> Option<String> {
        let text = self.page.execute("return document.body?.innerText ?? null", Vec::new()).await;
        text.ok().and_then(|text| text.as_str().map(str::to_owned))
    }

    async fn reads(&self, words: &str) -> Option<bool> {
        self.readable().await.map(|text| text.contains(words))
    }

    /// Waits until this can be read.
    pub async fn see(&self, words: &str) {
        self.until(&format!("to read “{words}”"), async || self.reads(words).await == Some(true)).await;
    }

    /// Waits until this can be read no more.
    pub async fn see_no(&self, words: &str) {
        self.until(&format!("“{words}” to be gone"), async || self.reads(words).await == Some(false)).await;
    }

    /// Waits until the session that is open is hers. That words such as “with you” can be read says less: they stand elsewhere too.
    pub async fn until_hers(&self) {
        let is_hers = "return !!document.querySelector('.kyc-head__holder[data-state=mine]')";
        self.wait_for("the session to be hers", is_hers).await;
    }

    /// Waits until a session is not in the list, or no more.
    pub async fn wait_for_no_row(&self, session: &str) {
        let is_gone = format!("return !!document.body && !document.getElementById('kyc-row-{session}')");
        self.wait_for("the session to leave the list", &is_gone).await;
    }

    /// Waits until a script says yes.
    pub async fn wait_for(&self, what: &str, script: &str) {
        let asked = async || self.page.execute(script, Vec::new()).await.is_ok_and(|answer| answer == true);
        self.until(what, asked).await;
    }

    /// Presses the button, link or field with this name, once it is there and can be pressed.
    pub async fn press(&self, name: &str) {
        self.press_at(name, Locator::XPath(&named(name))).await;
    }

    /// Waits until something of this name can be pressed. The word alone may stand elsewhere on the page.
    pub async fn wait_for_button(&self, name: &str) {
        self.until(&format!("“{name}” to press"), async || self.count(name).await > 0).await;
    }

    /// How many buttons of this name there are.
    pub async fn count(&self, name: &str) -> usize {
        self.page.find_all(Locator::XPath(&named(name))).await.unwrap().len()
    }

    /// Opens a session from the list.
    pub async fn press_row(&self, session: &str) {
        self.press_css(&format!("#kyc-row-{session}")).await;
    }

    /// Waits until a session is in the list.
    pub async fn wait_for_row(&self, session: &str) {
        self.wait_for("the session in the list", &format!("return !!document.getElementById('kyc-row-{session}')"))
            .await;
    }

    /// Chooses a view of the list; the button's name ends with the count.
    pub async fn press_view(&self, name: &str) {
        let button = format!("//nav//button[span[normalize-space(.)=\"{name}\"]]");
        self.press_at(name, Locator::XPath(&button)).await;
    }

    /// Presses "In order" on the first open line of the checklist.
    pub async fn press_open_line(&self) {
        self.press_css("li[data-state=open] button[aria-label='In order']").await;
    }

    /// Presses the reason with this number.
    pub async fn press_number(&self, number: usize) {
        self.press_css(&format!("#kyc-picker [data-number='{number}']")).await;
    }

    async fn press_css(&self, selector: &str) {
        self.press_at(selector, Locator::Css(selector)).await;
    }

    /// The same in a window that this closes, which then may have no answer left for who pressed.
    async fn press_last(&self, selector: &str) {
        let own = self.here().await;
        let press = async || {
            let Ok(button) = self.page.find(Locator::Css(selector)).await else { return false };
            button.click().await.is_ok() || !self.page.windows().await.unwrap().contains(&own)
        };
        self.until(&format!("to press “{selector}”"), press).await;
    }

    async fn press_at(&self, what: &str, locator: Locator<'_>) {
        let press = async || {
            let Ok(button) = self.page.find(locator).await else { return false };
            button.click().await.is_ok()
        };
        self.until(&format!("to press “{what}”"), press).await;
    }

    /// Types into whatever has the focus. `\u{e004}` is Tab, `\u{e007}` Enter, `\u{e00c}` Escape (WebDriver, section 17.4.2).
    pub async fn keys(&self, keys: &str) {
        self.stroke(keys).await.unwrap();
    }

    async fn stroke(&self, keys: &str) -> Result<(), CmdError> {
        for key in keys.chars() {
            let stroke =
                KeyActions::new("keys".into()).then(KeyAction::Down { value: key }).then(KeyAction::Up { value: key });
            self.page.perform_actions(stroke).await?;
        }
        Ok(())
    }

    /// The name of what has the focus, as a screen reader says it.
    pub async fn focused(&self) -> String {
        match self.page.active_element().await {
            Ok(element) => label(&element).await,
            Err(_) => String::new(),
        }
    }

    /// Waits until what is called `name` has the focus.
    pub async fn until_focused(&self, name: &str) {
        self.until(&format!("the focus on “{name}”"), async || self.focused().await == name).await;
    }

    /// Signs in through the small window, from wherever the sign-in page is shown, and comes back to it.
    pub async fn sign_in(&self, login: &str, is_framed: bool) {
        let here = self.here().await;
        self.open_tab(async || self.press("Sign in").await).await;
        let small = self.here().await;
        self.press_login(login).await;
        self.come_back(&here, &small).await;
        if is_framed {
            self.enter_widget().await;
        }
        self.see_no("Sign in").await;
    }

    /// The same with a button of this name; does not wait until it is gone.
    pub async fn sign_in_by(&self, button: &str, login: &str) {
        let here = self.here().await;
        self.open_tab(async || self.press(button).await).await;
        self.press_login(login).await;
        self.enter(&here).await;
    }

    /// Chooses somebody on the identity provider's page that is looked at.
    pub async fn press_login(&self, login: &str) {
        self.press_last(&format!("button[name=login][value={login}]")).await;
    }

    /// Waits until the small window has closed by itself, and brings the one before it to the front: until then keys may go nowhere.
    async fn come_back(&self, here: &WindowHandle, small: &WindowHandle) {
        let is_gone = async || !self.page.windows().await.unwrap().contains(small);
        self.until("the small window to close", is_gone).await;
        self.enter(here).await;
        if self.engine == Engine::Chromium {
            chromium::to_front(&self.page).await;
        }
    }

    /// The same at an identity provider of others: what to press there is named by a selector.
    pub async fn sign_in_at(&self, selector: &str) {
        self.choose_at("Sign in", selector).await;
    }

    /// The same by another button.
    pub async fn choose_at(&self, button: &str, selector: &str) {
        let here = self.page.window().await.unwrap();
        self.open_tab(async || self.press(button).await).await;
        self.press_last(selector).await;
        self.page.switch_to_window(here).await.unwrap();
    }

    /// Goes to an address in another tab, sees these words there, closes it and comes back.
    pub async fn see_elsewhere(&self, url: &str, words: &str) {
        self.elsewhere(url, None, words).await;
    }

    /// The same with something to be pressed there first.
    pub async fn press_elsewhere(&self, url: &str, name: &str, words: &str) {
        self.elsewhere(url, Some(name), words).await;
    }

    async fn elsewhere(&self, url: &str, name: Option<&str>, words: &str) {
        let here = self.page.window().await.unwrap();
        let other = self.page.new_window(true).await.unwrap();
        self.page.switch_to_window(other.handle).await.unwrap();
        self.goto(url).await;
        if let Some(name) = name {
            self.press(name).await;
        }
        self.see(words).await;
        self.page.close_window().await.unwrap();
        self.page.switch_to_window(here).await.unwrap();
    }

    /// The same in a browser that the identity provider knows somebody else in.
    pub async fn sign_in_as_another(&self, login: &str) {
        let here = self.page.window().await.unwrap();
        self.open_tab(async || self.press("Sign in").await).await;
        let small = self.here().await;
        self.press_css("summary").await;
        self.press_login(login).await;
        self.come_back(&here, &small).await;
        self.see_no("Sign in").await;
    }

    /// The same by keyboard, in a tab.
    pub async fn sign_in_by_keyboard(&self, login: &str) {
        let here = self.page.window().await.unwrap();
        // The heading says it too, and is there before anybody has said by whom one can sign in.
        self.wait_for_button("Sign in").await;
        self.tab_to("Sign in").await;
        self.open_tab(async || self.keys(ENTER).await).await;
        let small = self.here().await;
        let is_there = format!("return !!document.querySelector('button[value={login}]')");
        self.wait_for("the identity provider's page", &is_there).await;
        let is_focused = format!("return document.activeElement?.value === '{login}'");
        for _ in 0..TABS {
            if self.run(&is_focused).await == true {
                break;
            }
            self.keys(TAB).await;
        }
        assert_eq!(self.run(&is_focused).await, true, "Tab never reaches {login}");
        // The window closes with it.
        let _ = self.stroke(ENTER).await;
        self.come_back(&here, &small).await;
        self.see_no("Sign in").await;
    }

    /// Presses Tab until what is called `name` has the focus.
    pub async fn tab_to(&self, name: &str) {
        for _ in 0..TABS {
            if self.focused().await == name {
                return;
            }
            self.keys(TAB).await;
        }
        panic!("Tab never reaches “{name}”");
    }

    /// The window or tab that is looked at.
    pub async fn here(&self) -> WindowHandle {
        self.page.window().await.unwrap()
    }

    /// Looks at another one.
    pub async fn enter(&self, window: &WindowHandle) {
        self.page.switch_to_window(window.clone()).await.unwrap();
    }

    /// Does what opens a tab or window, and goes there. One that was opened before may still be closing.
    pub async fn open_tab(&self, open: impl AsyncFnOnce()) {
        let before = self.page.windows().await.unwrap();
        open().await;
        let is_new = async || {
            let now = self.page.windows().await.unwrap();
            let Some(new) = now.into_iter().find(|window| !before.contains(window)) else { return false };
            self.page.switch_to_window(new).await.is_ok()
        };
        self.until("a new tab", is_new).await;
    }

    /// Waits until the page that is looked at is the only one: whatever opened has closed by itself.
    pub async fn until_alone(&self) {
        self.until("the other windows to close", async || self.page.windows().await.unwrap().len() == 1).await;
    }

    /// Presses what a selector names in any other window, if there is one that shows it; whether there was.
    pub async fn try_press_in_another(&self, selector: &str) -> bool {
        let here = self.here().await;
        let mut is_pressed = false;
        for other in self.page.windows().await.unwrap().into_iter().filter(|window| *window != here) {
            // It may close, or go on to another page, at any moment.
            if self.page.switch_to_window(other).await.is_ok()
                && let Ok(found) = self.page.find(Locator::Css(selector)).await
            {
                is_pressed |= found.click().await.is_ok();
            }
        }
        self.enter(&here).await;
        is_pressed
    }

    /// What can be read in all other windows, with their addresses.
    pub async fn elsewhere_now(&self) -> String {
        let here = self.here().await;
        let mut all = String::new();
        for other in self.page.windows().await.unwrap().into_iter().filter(|window| *window != here) {
            if self.page.switch_to_window(other).await.is_ok() {
                let address = self.page.current_url().await.map(|url| url.to_string()).unwrap_or_default();
                let _ = writeln!(all, "at {address}: {}", self.readable().await.unwrap_or_default());
            }
        }
        all
    }

    /// Another screen: its size in CSS pixels, and `light` or `dark`.
    pub async fn screen(&self, (width, height): (u32, u32), scheme: &str) {
        chromium::screen(&self.page, width, height).await;
        chromium::appearance(&self.page, scheme).await;
    }

    /// Runs a script before those of every page that is loaded from now on.
    pub async fn on_every_page(&self, script: &str) {
        chromium::on_every_page(&self.page, script).await;
    }

    /// From now on every page is loaded as if it were the first.
    pub async fn keep_nothing(&self) {
        chromium::keep_nothing(&self.page).await;
    }

    /// Chooses a file in the field with this selector.
    pub async fn choose_file(&self, selector: &str, file: &Path) {
        let field = self.page.find(Locator::Css(selector)).await.unwrap();
        field.send_keys(file.to_str().unwrap()).await.unwrap();
    }

    /// From now on what is downloaded goes into this folder.
    pub async fn download_to(&self, folder: &Path) {
        chromium::download_to(&self.page, folder).await;
    }

    /// From now on the page's own scripts do not run.
    pub async fn without_scripts(&self) {
        chromium::without_scripts(&self.page).await;
    }

    /// Keeps a picture of the page in `target/screens`, for people to look at.
    pub async fn picture(&self, name: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screens");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), self.page.screenshot().await.unwrap()).unwrap();
    }

    async fn until(&self, what: &str, is_so: impl AsyncFn() -> bool) {
        let end = Instant::now() + PATIENCE;
        while !is_so().await {
            if Instant::now() > end {
                let address = self.page.current_url().await.map(|url| url.to_string()).unwrap_or_default();
                panic!(
                    "waited in vain for {what} at {address}, where one reads:\n{}",
                    self.readable().await.unwrap_or_default()
                );
            }
            sleep(PAUSE).await;
        }
    }
}

async fn frame(page: &Client) -> Result<(), CmdError> {
    page.find(Locator::Css("iframe[title='KYC Desk']")).await?.enter_frame().await
}

async fn label(element: &Element) -> String {
    let spoken = element.attr("aria-label").await.ok().flatten();
    match spoken {
        Some(name) => name,
        None => element.text().await.unwrap_or_default(),
    }
}

/// What can be pressed and is called `name`: by its label, or by its words.
fn named(name: &str) -> String {
    let mut path = String::new();
    for tag in ["button", "a", "summary", "select", "input", "textarea"] {
        let or = if path.is_empty() { "" } else { " | " };
        let free = "not(@disabled) and not(@aria-disabled='true')";
        let _ = write!(
            path,
            "{or}//{tag}[{free} and (@aria-label=\"{name}\" or (not(@aria-label) and normalize-space(.)=\"{name}\"))]"
        );
    }
    let _ = write!(path, " | //*[@id=//label[normalize-space(.)=\"{name}\"]/@for]");
    path
}

#[expect(clippy::disallowed_methods, reason = "set by `cargo xtask test`, which knows where everything is")]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
