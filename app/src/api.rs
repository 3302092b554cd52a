//! The server, as the widget may use it: the only fetch in the crate.
//!
//! [`Guest`] can sign in and nothing else. [`SignedIn`] exists only after the server has said who is there, and alone has
//! sessions and reveals. The credential itself is an `HttpOnly` cookie: this code never sees it.
//!
//! A request ends when the view that asked for it does.

use js_sys::{Array, Promise};
use kyc_wire::ids::{SessionId, TxnId};
use kyc_wire::list::{Floor, ListQuery, SessionPage, Sort, View};
use kyc_wire::masked::RevealedValue;
use kyc_wire::me::{Me, NewStepUp, NewTxn, Redeem, SignInOptions, SignedOut, Txn, TxnState};
use kyc_wire::routes;
use kyc_wire::session::{AskLink, CustomerLink, SessionDetail, StartForConversation, Status};
use kyc_wire::sign_ins::SignInList;
use leptos::prelude::{LocalStorage, StoredValue, WithValue, on_cleanup, window};
use serde::Serialize;
use uuid::Uuid;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Blob, Headers, RequestCache, RequestInit, Response, Url};

use crate::browser;
use crate::read::{self, Read};
use crate::state::sign_ins::Ending;
use crate::state::trouble::Trouble;

/// Milliseconds after which no answer is an answer.
const PATIENCE_MS: u32 = 20_000;
/// Milliseconds before each automatic second and third try of a command.
const RETRIES_MS: [u32; 2] = [800, 2_500];

/// The life of the view that asks: requests are broken off with it.
#[derive(Clone, Copy)]
struct Scope(StoredValue<AbortController, LocalStorage>);

impl Scope {
    fn of_view() -> Self {
        let controller = AbortController::new().expect("every browser that runs WebAssembly can abort requests");
        let stored = StoredValue::new_local(controller);
        on_cleanup(move || {
            stored.try_with_value(AbortController::abort);
        });
        Self(stored)
    }

    fn is_over(self) -> bool {
        self.0.try_with_value(|controller| controller.signal().aborted()).unwrap_or(true)
    }
}

/// What a person wants done, once: the key is the same on every try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    path: String,
    body: String,
    key: Uuid,
}

impl Intent {
    /// A fresh intent about one session.
    pub fn of_session(route: &str, id: SessionId, body: &impl Serialize) -> Self {
        Self::new(routes::of_session(route, id), body)
    }

    fn new(path: String, body: &impl Serialize) -> Self {
        Self { path, body: to_json(body), key: browser::intent() }
    }
}

/// Nobody is signed in, as far as we know.
#[derive(Clone, Copy)]
pub struct Guest(Scope);

impl Guest {
    /// A client for the current view.
    pub fn of_view() -> Self {
        Self(Scope::of_view())
    }

    /// Finds out whether the cookie is there and good.
    pub async fn resume(self) -> Result<(SignedIn, Me), Trouble> {
        let me = get(self.0, routes::ME).await?;
        Ok((SignedIn(self.0), me))
    }

    /// By whom one can sign in.
    pub async fn sign_in_options(self) -> Result<SignInOptions, Trouble> {
        get(self.0, routes::SIGN_IN_OPTIONS).await
    }

    /// Opens a sign-in.
    pub async fn open_txn(self, txn: &NewTxn) -> Result<Txn, Trouble> {
        post(self.0, &Intent::new(routes::TXN.to_owned(), txn)).await
    }

    /// Asks whether a sign-in is finished; if it is, the answer sets the cookie.
    pub async fn redeem(self, id: TxnId, verifier: &Redeem) -> Result<TxnState, Trouble> {
        post(self.0, &Intent::new(routes::redeem(id), verifier)).await
    }
}

/// Somebody is signed in.
#[derive(Clone, Copy)]
pub struct SignedIn(Scope);

impl SignedIn {
    /// The same client for the current view: what it asks for ends with the view.
    pub fn of_view(&self) -> Self {
        let Self(_proof) = self;
        Self(Scope::of_view())
    }

    /// Who, and what the bank configured for her.
    pub async fn me(self) -> Result<Me, Trouble> {
        get(self.0, routes::ME).await
    }

    /// Reports real input.
    pub async fn report_activity(self) -> Result<(), Trouble> {
        send(self.0, "POST", routes::ACTIVITY, Some(&Intent::new(routes::ACTIVITY.to_owned(), &Empty {})))
            .await
            .map(drop)
    }

    /// Ends the sign-in.
    pub async fn sign_out(self) -> Result<SignedOut, Trouble> {
        post(self.0, &Intent::new(routes::LOGOUT.to_owned(), &Empty {})).await
    }

    /// One session. `customer_id` is the launch's hint; the server checks it once.
    pub async fn session(self, id: SessionId, customer_id: Option<&str>) -> Result<SessionDetail, Trouble> {
        let path = routes::of_session(routes::SESSION, id);
        let hint = customer_id.map(|hint| format!("?customer_id={}", routes::encode(hint)));
        get(self.0, &(path + hint.as_deref().unwrap_or_default())).await
    }

    /// The session of a Genesys conversation.
    pub async fn of_conversation(self, conversation_id: &str) -> Result<SessionDetail, Trouble> {
        get(self.0, &routes::of_conversation(conversation_id)).await
    }

    /// Starts a session for a conversation whose flow failed.
    pub async fn start(self, conversation_id: &str, new: &StartForConversation) -> Result<SessionDetail, Trouble> {
        self.command(&Intent::new(routes::of_conversation(conversation_id), new)).await
    }

    /// A page of a list.
    pub async fn list(self, query: &ListQuery) -> Result<SessionPage, Trouble> {
        get(self.0, &format!("{}{}", routes::SESSIONS, query_string(query))).await
    }

    /// The counts of the views.
    pub async fn floor(self) -> Result<Floor, Trouble> {
        get(self.0, routes::FLOOR).await
    }

    /// Takes the oldest waiting session; none when nobody waits.
    pub async fn next(self) -> Result<Option<SessionDetail>, Trouble> {
        let intent = Intent::new(routes::NEXT.to_owned(), &Empty {});
        let text = retrying(self.0, &intent).await?;
        if text.is_empty() { Ok(None) } else { from_json(&text) }
    }

    /// Keeps the lease. Nothing waits for it, so it is not tried again: the next one comes in a minute.
    pub async fn renew(self, intent: &Intent) -> Result<(), Trouble> {
        send(self.0, "POST", &intent.path, Some(intent)).await.map(drop)
    }

    /// Carries out what a person wants, and tries again by itself when there was no answer.
    pub async fn command(self, intent: &Intent) -> Result<SessionDetail, Trouble> {
        from_json(&retrying(self.0, intent).await?)
    }

    /// The link to the customer's page.
    pub async fn link(self, id: SessionId, ask: AskLink) -> Result<CustomerLink, Trouble> {
        let intent = Intent::of_session(routes::LINK, id, &ask);
        from_json(&retrying(self.0, &intent).await?)
    }

    /// One photo: an address of its bytes, which only this page has.
    pub async fn photo(self, intent: &Intent) -> Result<String, Trouble> {
        let fetch = window().fetch_with_str_and_init(&intent.path, &request(self.0, "POST", Some(intent)));
        let either = Array::of2(&fetch, &browser::timer(PATIENCE_MS));
        let answer =
            JsFuture::from(Promise::race(&either)).await.ok().and_then(|found| found.dyn_into::<Response>().ok());
        let answer = answer.ok_or(Trouble::NoAnswer)?;
        let status = answer.status();
        if !answer.ok() {
            let text = JsFuture::from(answer.text().map_err(|_| Trouble::NoAnswer)?).await;
            return Err(Trouble::of(status, &text.ok().and_then(|text| text.as_string()).unwrap_or_default()));
        }
        let bytes =
            JsFuture::from(answer.blob().map_err(|_| Trouble::NoAnswer)?).await.map_err(|_| Trouble::NoAnswer)?;
        let bytes = bytes.dyn_into::<Blob>().map_err(|_| Trouble::Unreadable { status })?;
        let url = Url::create_object_url_with_blob(&bytes).map_err(|_| Trouble::Unreadable { status })?;
        if self.0.is_over() {
            browser::forget_bytes(&url);
            return Err(Trouble::Aborted);
        }
        Ok(url)
    }

    /// Shows one value in clear text.
    pub async fn reveal(self, intent: &Intent) -> Result<RevealedValue, Trouble> {
        from_json(&retrying(self.0, intent).await?)
    }

    /// The sign-ins that live.
    pub async fn sign_ins(self) -> Result<SignInList, Trouble> {
        get(self.0, routes::SIGN_INS).await
    }

    /// Ends one of them, or all of a person.
    pub async fn end_sign_in(self, what: Ending) -> Result<(), Trouble> {
        let path = match what {
            Ending::One(id) => routes::end_sign_in(id),
            Ending::All(person) => routes::end_sign_ins_of(person),
        };
        retrying(self.0, &Intent::new(path, &Empty {})).await.map(drop)
    }

    /// Opens the proof that an act asks for.
    pub async fn open_step_up(self, wanted: &NewStepUp) -> Result<Txn, Trouble> {
        post(self.0, &Intent::new(routes::STEP_UP.to_owned(), wanted)).await
    }
}

#[derive(Serialize)]
struct Empty {}

fn query_string(query: &ListQuery) -> String {
    let limit = query.limit.map(|limit| limit.to_string());
    let pairs = [
        ("view", query.view.map(View::as_str)),
        ("status", query.status.map(Status::as_str)),
        ("queue", query.queue.as_deref()),
        ("q", query.q.as_deref()),
        ("sort", query.sort.map(Sort::as_str)),
        ("cursor", query.cursor.as_deref()),
        ("limit", limit.as_deref()),
    ];
    let given = pairs.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", routes::encode(value?))));
    let given: Vec<String> = given.collect();
    if given.is_empty() { String::new() } else { format!("?{}", given.join("&")) }
}

async fn retrying(scope: Scope, intent: &Intent) -> Result<String, Trouble> {
    for pause_ms in RETRIES_MS {
        match send(scope, "POST", &intent.path, Some(intent)).await {
            Err(trouble) if trouble.is_worth_retrying() => browser::sleep(pause_ms).await,
            result => return result,
        }
    }
    send(scope, "POST", &intent.path, Some(intent)).await
}

async fn get<T: Read>(scope: Scope, path: &str) -> Result<T, Trouble> {
    from_json(&send(scope, "GET", path, None).await?)
}

async fn post<T: Read>(scope: Scope, intent: &Intent) -> Result<T, Trouble> {
    from_json(&send(scope, "POST", &intent.path, Some(intent)).await?)
}

/// Sends one request and gives the text of a successful answer.
async fn send(scope: Scope, method: &str, path: &str, intent: Option<&Intent>) -> Result<String, Trouble> {
    if scope.is_over() {
        return Err(Trouble::Aborted);
    }
    let answer = exchange(&request(scope, method, intent), path).await;
    match answer {
        _ if scope.is_over() => Err(Trouble::Aborted),
        None => Err(Trouble::NoAnswer),
        Some((status, text)) if (200..300).contains(&status) => Ok(text),
        Some((status, text)) => Err(Trouble::of(status, &text)),
    }
}

fn request(scope: Scope, method: &str, intent: Option<&Intent>) -> RequestInit {
    let init = RequestInit::new();
    init.set_method(method);
    init.set_cache(RequestCache::NoStore);
    scope.0.try_with_value(|controller| init.set_signal(Some(&controller.signal())));
    if let (Some(intent), Ok(headers)) = (intent, Headers::new()) {
        let key = intent.key.to_string();
        for (name, value) in
            [("Content-Type", "application/json"), ("X-KycDesk-CSRF", "1"), ("Idempotency-Key", key.as_str())]
        {
            let _ = headers.set(name, value);
        }
        init.set_headers(&headers);
        init.set_body(&JsValue::from_str(&intent.body));
    }
    init
}

/// The status and the text, or nothing: no network, no server, or too long.
async fn exchange(init: &RequestInit, path: &str) -> Option<(u16, String)> {
    let fetch = window().fetch_with_str_and_init(path, init);
    let either = Array::of2(&fetch, &browser::timer(PATIENCE_MS));
    let response: Response = JsFuture::from(Promise::race(&either)).await.ok()?.dyn_into().ok()?;
    let text = JsFuture::from(response.text().ok()?).await.ok()?;
    Some((response.status(), text.as_string().unwrap_or_default()))
}

fn to_json(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("wire types serialise")
}

fn from_json<T: Read>(text: &str) -> Result<T, Trouble> {
    read::read(text).ok_or(Trouble::Unreadable { status: 200 })
}
