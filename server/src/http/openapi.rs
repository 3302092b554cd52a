//! The API as a document: `/openapi.json` (OpenAPI 3.1), made from the same paths and types that the router and the widget use.
//!
//! A table, not an attribute on each handler: one reading shows who may call what. A test holds the table against the router, so that
//! neither can gain a path or a method without the other.

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::response::{IntoResponse, Response};
use http::header;
use kyc_wire::bank::SessionEvent;
use kyc_wire::customer::{NewUpload, Precheck, UploadState};
use kyc_wire::flow::{
    EndOfConversation, FlowAnswer, HandOver, NewAttempt, NewSession, QualityReport, ResumeSession, SignOfLife,
    TokenResponse,
};
use kyc_wire::list::{Floor, ListQuery, SessionPage, Sort};
use kyc_wire::masked::RevealedValue;
use kyc_wire::me::{Me, NewStepUp, NewTxn, Redeem, SignInOptions, SignedOut, Txn, TxnState};
use kyc_wire::problem::Problem;
use kyc_wire::routes as at;
use kyc_wire::session::{
    AskLink, CustomerLink, MarkItem, Plain, Recapture, Reveal, SessionDetail, StartForConversation, Take, ViewPhoto,
    WithReason, WriteNote,
};
use kyc_wire::sign_ins::SignInList;
use kyc_wire::stream::StreamEvent;
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, ClientCredentials, Flow, OAuth2, Scopes, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, PathsBuilder, Ref, RefOr,
    Required, ResponseBuilder, Schema, SecurityRequirement, Type,
};
use utoipa::{IntoParams, ToSchema};

use super::bank::{ClaimsIn, HoldIn};
use super::confirm_code::{Confirmed, TypedCode};
use super::sign_in::{Begun, Ticket};

/// Who may call an operation.
#[derive(Clone, Copy)]
enum Guard {
    /// Our own page, signed in or not.
    Page,
    /// Our own page, signed in with one of these roles.
    Staff(&'static [&'static str]),
    /// A client with this scope.
    Client(&'static str),
    /// A client with its id and secret.
    Secret,
    /// A provider, by its signature.
    Signature,
    /// The script of the customer's page, with the cookie of her visit.
    Customer,
    /// Everybody who reaches the listener.
    Anyone,
}

const ANY_ROLE: Guard = Guard::Staff(&[]);
const DESK: Guard = Guard::Staff(&["agent", "supervisor"]);
const READER: Guard = Guard::Staff(&["agent", "supervisor", "auditor"]);
const SUPERVISOR: Guard = Guard::Staff(&["supervisor"]);
const OVERSEER: Guard = Guard::Staff(&["supervisor", "auditor"]);
const AUDITOR: Guard = Guard::Staff(&["auditor"]);
const ADMIN: Guard = Guard::Staff(&["admin"]);
const FLOW: Guard = Guard::Client("flow");
const HOLDS: Guard = Guard::Client("holds:write");

/// A type, by what the document needs of it.
#[derive(Clone, Copy)]
struct Shape {
    name: fn() -> Cow<'static, str>,
    schema: fn() -> RefOr<Schema>,
    related: fn(&mut Vec<(String, RefOr<Schema>)>),
}

const fn shape<T: ToSchema>() -> Shape {
    Shape { name: T::name, schema: T::schema, related: T::schemas }
}

/// One line of the table.
struct Line {
    path: &'static str,
    method: HttpMethod,
    guard: Guard,
    summary: &'static str,
    takes: Option<Shape>,
    status: u16,
    gives: Option<Shape>,
    /// Another status that a success may have.
    or: Option<u16>,
    /// Whether it takes an idempotency key.
    is_keyed: bool,
}

impl Line {
    const fn keyed(mut self) -> Self {
        self.is_keyed = true;
        self
    }

    const fn or(mut self, status: u16) -> Self {
        self.or = Some(status);
        self
    }

    const fn takes<T: ToSchema>(mut self) -> Self {
        self.takes = Some(shape::<T>());
        self
    }

    const fn gives<T: ToSchema>(mut self, status: u16) -> Self {
        self.gives = Some(shape::<T>());
        self.status = status;
        self
    }
}

const fn line(method: HttpMethod, path: &'static str, guard: Guard, summary: &'static str) -> Line {
    let status = if matches!(method, HttpMethod::Get) { 200 } else { 204 };
    Line { path, method, guard, summary, takes: None, status, gives: None, or: None, is_keyed: false }
}

const fn get(path: &'static str, guard: Guard, summary: &'static str) -> Line {
    line(HttpMethod::Get, path, guard, summary)
}

const fn post(path: &'static str, guard: Guard, summary: &'static str) -> Line {
    line(HttpMethod::Post, path, guard, summary)
}

/// A command on a session: it names the version it was decided on, and gives the session as it is afterwards.
const fn act<T: ToSchema>(path: &'static str, guard: Guard, summary: &'static str) -> Line {
    post(path, guard, summary).keyed().takes::<T>().gives::<SessionDetail>(200)
}

/// Every operation.
fn table() -> Vec<Line> {
    [for_staff(), for_conversations(), for_files(), for_offices(), for_sign_in(), for_customers(), for_machines()]
        .into_iter()
        .flatten()
        .collect()
}

fn for_staff() -> Vec<Line> {
    vec![
        get(at::ME, ANY_ROLE, "Who is signed in, with what she may choose from").gives::<Me>(200),
        post(at::ACTIVITY, ANY_ROLE, "Real input: the idle clock starts anew"),
        get(at::SESSIONS, READER, "Sessions of one view, page by page").gives::<SessionPage>(200),
        post(at::NEXT, DESK, "Takes the session that has waited longest; null when nobody waits")
            .keyed()
            .gives::<SessionDetail>(200),
        get(at::FLOOR, OVERSEER, "How many sessions each view holds, and the longest wait").gives::<Floor>(200),
        get(at::SESSION, READER, "One session, masked; a customer_id that is not its own is refused and recorded")
            .gives::<SessionDetail>(200),
        act::<Take>(at::TAKE, DESK, "Take a session, or take it over with a reason"),
        post(at::RENEW, DESK, "Keep the lease"),
        act::<Plain>(at::RELEASE, DESK, "Give it back"),
        post(at::REVEAL, DESK, "One field in clear text, for some seconds and a reason")
            .keyed()
            .takes::<Reveal>()
            .gives::<RevealedValue>(200),
        act::<MarkItem>(at::MARK, DESK, "Mark a line of the checklist"),
        post(at::NOTE, DESK, "Write a note").keyed().takes::<WriteNote>().gives::<SessionDetail>(200),
        act::<Recapture>(at::RECAPTURE, DESK, "Ask the customer for a new capture"),
        act::<Plain>(
            at::WITHDRAW,
            DESK,
            "Take back what the customer was asked for again, as far as it has not arrived",
        ),
        act::<Plain>(at::POOR_PICTURE, DESK, "Report that the picture is too poor to go on with"),
        act::<WithReason>(at::ESCALATE, DESK, "Call a supervisor"),
        act::<Plain>(at::UNFLAG, SUPERVISOR, "Take the flag off"),
        act::<Take>(at::PROPOSE, DESK, "Send to final approval"),
        act::<WithReason>(at::REJECT, DESK, "Refuse"),
        act::<WithReason>(at::COULD_NOT_VERIFY, DESK, "End for technical reasons"),
        act::<Plain>(at::APPROVE, SUPERVISOR, "Second approval, never by somebody who took part"),
        act::<WithReason>(at::RETURN, SUPERVISOR, "Back to the agent"),
        act::<WithReason>(at::REOPEN, SUPERVISOR, "Open a finished session again"),
        get(at::EVENTS, ANY_ROLE, "What changed, as server-sent events: ids and versions only"),
    ]
}

/// What an interaction of the contact centre is asked for.
fn for_conversations() -> Vec<Line> {
    vec![
        get(at::CONVERSATION, READER, "The session of a Genesys conversation").gives::<SessionDetail>(200),
        post(at::CONVERSATION, DESK, "Start a session for a conversation, or get its open one")
            .keyed()
            .takes::<StartForConversation>()
            .gives::<SessionDetail>(201)
            .or(200),
    ]
}

/// What a case's files and its customer's page are asked for.
fn for_files() -> Vec<Line> {
    vec![
        Line {
            status: 200,
            ..post(at::PHOTO, DESK, "A photo that the customer uploaded, for some seconds and a reason")
                .keyed()
                .takes::<ViewPhoto>()
        },
        post(
            at::LINK,
            DESK,
            "A link to the customer's page: another one, with which earlier ones end, or the one in force",
        )
        .keyed()
        .takes::<AskLink>()
        .gives::<CustomerLink>(200),
    ]
}

/// What is beside the cases: the audit log, and who is signed in.
fn for_offices() -> Vec<Line> {
    vec![
        get(at::AUDIT, AUDITOR, "The audit log as JSON Lines (or CSV), closed by a signed head"),
        get(at::SIGN_INS, ADMIN, "Sign-ins that live: who, by which identity provider, in which family of browser")
            .gives::<SignInList>(200),
        post(at::END_SIGN_IN, ADMIN, "End one"),
        post(at::END_SIGN_INS_OF, ADMIN, "End all of a person, but the one that asks"),
    ]
}

fn for_sign_in() -> Vec<Line> {
    vec![
        post(at::TXN, Guard::Page, "Open a sign-in").takes::<NewTxn>().gives::<Txn>(201),
        get(at::SIGN_IN_OPTIONS, Guard::Page, "By whom one can sign in, and whether by a code")
            .gives::<SignInOptions>(200),
        post(at::POPUP_CONFIRM, Guard::Page, "Trade a code that was typed for a ticket, in the popup")
            .takes::<TypedCode>()
            .gives::<Confirmed>(200),
        post(at::POPUP_BEGIN, Guard::Page, "Trade the ticket, in the popup").takes::<Ticket>().gives::<Begun>(200),
        post(at::STEP_UP, DESK, "Open the proof that an act asks for (RFC 9470), within the running sign-in")
            .takes::<NewStepUp>()
            .gives::<Txn>(201),
        post(at::REDEEM, Guard::Page, "Trade a finished sign-in for the cookie")
            .takes::<Redeem>()
            .gives::<TxnState>(200),
        post(
            at::LOGOUT,
            ANY_ROLE,
            "End the sign-in; gives a ticket with which the popup ends it at the identity provider too",
        )
        .gives::<SignedOut>(200),
        get(at::LEAVE, Guard::Anyone, "From here the popup goes on to sign out at the identity provider").or(303),
        get(at::OIDC_LEFT, Guard::Anyone, "Where the identity provider sends the popup back to after signing out"),
        get(at::OIDC_CALLBACK, Guard::Anyone, "Where the identity provider sends the popup back to"),
        get(at::SAML_METADATA, Guard::Anyone, "What an identity provider's administrator needs to know of us"),
        Line {
            status: 200,
            ..post(at::SAML_ACS, Guard::Anyone, "Where the identity provider's page posts its SAML response")
        },
        get(at::SAML_SLO, Guard::Signature, "A SAML logout request by redirect: what it speaks of ends here too")
            .or(303),
        Line {
            status: 200,
            ..post(
                at::OIDC_LOGOUT,
                Guard::Signature,
                "An identity provider's logout token: what it speaks of ends here too",
            )
        },
    ]
}

fn for_customers() -> Vec<Line> {
    use Guard::Customer;
    vec![
        post(at::CUSTOMER_HEARTBEAT, Customer, "The customer is there"),
        post(at::CUSTOMER_QUALITY, Customer, "What her device is capable of, before the call").takes::<Precheck>(),
        get(at::CUSTOMER_PROBE, Customer, "Bytes of no meaning, to measure the line by"),
        post(at::CUSTOMER_PROBE, Customer, "The same the other way"),
        post(at::CUSTOMER_UPLOADS, Customer, "Begin an upload in parts").takes::<NewUpload>().gives::<UploadState>(201),
        get(at::CUSTOMER_UPLOAD, Customer, "How far an upload has come").gives::<UploadState>(200),
        line(HttpMethod::Patch, at::CUSTOMER_UPLOAD, Customer, "Its next part, raw; with the last one, the photo")
            .gives::<UploadState>(200),
    ]
}

fn for_machines() -> Vec<Line> {
    vec![
        post(at::TOKEN, Guard::Secret, "A token by client credentials (RFC 6749, section 4.4)")
            .gives::<TokenResponse>(200),
        post(at::FLOW_SESSIONS, FLOW, "Open a session").keyed().takes::<NewSession>().gives::<FlowAnswer>(201),
        get(at::FLOW_SESSION, FLOW, "What to do as things stand").gives::<FlowAnswer>(200),
        post(at::FLOW_ATTEMPTS, FLOW, "Begin a video attempt: what to do next")
            .keyed()
            .takes::<NewAttempt>()
            .gives::<FlowAnswer>(200),
        post(at::FLOW_QUALITY, FLOW, "Report the picture's quality: what to do next")
            .keyed()
            .takes::<QualityReport>()
            .gives::<FlowAnswer>(200),
        post(at::FLOW_HEARTBEAT, FLOW, "The customer is connected: what to do next")
            .takes::<SignOfLife>()
            .gives::<FlowAnswer>(200),
        post(at::FLOW_RESUME, FLOW, "The customer is back, perhaps in another conversation")
            .keyed()
            .takes::<ResumeSession>()
            .gives::<FlowAnswer>(200),
        post(at::FLOW_ESCALATE, FLOW, "Hand over to a person").keyed().takes::<HandOver>().gives::<FlowAnswer>(200),
        post(at::FLOW_END, FLOW, "The conversation is over")
            .keyed()
            .takes::<EndOfConversation>()
            .gives::<FlowAnswer>(200),
        line(
            HttpMethod::Put,
            at::BANK_CLAIMS,
            Guard::Client("claims:write"),
            "What the applicant claimed; sealed on arrival",
        )
        .takes::<ClaimsIn>(),
        line(HttpMethod::Put, at::BANK_HOLD, HOLDS, "Hold what would be deleted, until a time").takes::<HoldIn>(),
        line(HttpMethod::Delete, at::BANK_HOLD, HOLDS, "Let it be deleted when its time is over"),
        post(at::WEBHOOK, Guard::Signature, "A provider's webhook, signed over its raw bytes"),
        get(at::OPENAPI, Guard::Anyone, "This document"),
        get(at::HEALTHZ, Guard::Anyone, "The process runs"),
        get(at::READYZ, Guard::Anyone, "Requests will be served"),
        get(at::METRICS, Guard::Anyone, "Metrics for Prometheus"),
    ]
}

/// The document.
pub fn document() -> OpenApi {
    let mut schemas = BTreeMap::new();
    // What no answer of JSON holds: a query's words, an event of the stream, and what the bank is sent.
    for shape in [shape::<Problem>(), shape::<Sort>(), shape::<StreamEvent>(), shape::<SessionEvent>()] {
        keep(&mut schemas, shape);
    }
    let mut paths = PathsBuilder::new();
    for line in table() {
        for shape in [line.takes, line.gives].into_iter().flatten() {
            keep(&mut schemas, shape);
        }
        paths = paths.path(line.path, utoipa::openapi::PathItem::new(line.method.clone(), operation(&line)));
    }
    let components = ComponentsBuilder::new()
        .schemas_from_iter(schemas)
        .security_scheme(
            "sign-in",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(crate::auth::cookie::SIGN_IN_COOKIE))),
        )
        .security_scheme(
            "visit",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(crate::auth::cookie::VISIT_COOKIE))),
        )
        .security_scheme(
            "client",
            SecurityScheme::OAuth2(OAuth2::new([Flow::ClientCredentials(ClientCredentials::new(at::TOKEN, scopes()))])),
        );
    OpenApiBuilder::new()
        .info(InfoBuilder::new().title("KYC Desk").version(env!("CARGO_PKG_VERSION")).build())
        .paths(paths)
        .components(Some(components.build()))
        .build()
}

fn scopes() -> Scopes {
    Scopes::from_iter([
        ("flow", "drive sessions, as the Genesys flow"),
        ("claims:write", "hand over what an applicant claimed"),
        ("holds:write", "hold what would be deleted"),
    ])
}

fn keep(schemas: &mut BTreeMap<String, RefOr<Schema>>, shape: Shape) {
    let mut related = Vec::new();
    (shape.related)(&mut related);
    schemas.extend(related);
    schemas.insert((shape.name)().into_owned(), (shape.schema)());
}

fn operation(line: &Line) -> Operation {
    let mut operation = OperationBuilder::new()
        .operation_id(Some(operation_id(line)))
        .summary(Some(line.summary))
        .response(line.status.to_string(), answer(line.gives))
        .response("default", problem());
    if let Some(status) = line.or {
        operation = operation.response(status.to_string(), answer(line.gives));
    }
    for parameter in parameters(line) {
        operation = operation.parameter(parameter);
    }
    if let Some(shape) = line.takes {
        let content = ContentBuilder::new().schema(Some(reference(shape))).build();
        let body = RequestBodyBuilder::new().content("application/json", content).required(Some(Required::True));
        operation = operation.request_body(Some(body.build()));
    }
    match line.guard {
        Guard::Staff(roles) => operation.security(SecurityRequirement::new("sign-in", roles.iter().copied())).build(),
        Guard::Client(scope) => operation.security(SecurityRequirement::new("client", [scope])).build(),
        Guard::Customer => operation.security(SecurityRequirement::new("visit", [""; 0])).build(),
        Guard::Page | Guard::Secret | Guard::Signature | Guard::Anyone => operation.build(),
    }
}

/// `post_api_sessions_take`: stable as long as the path is.
fn operation_id(line: &Line) -> String {
    let method = match line.method {
        HttpMethod::Get => "get",
        HttpMethod::Put => "put",
        HttpMethod::Patch => "patch",
        _ => "post",
    };
    let words = line.path.split(['/', '-', '.']).filter(|word| !word.is_empty() && !word.starts_with('{'));
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}

fn reference(shape: Shape) -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name((shape.name)()))
}

fn answer(gives: Option<Shape>) -> utoipa::openapi::Response {
    let response =
        ResponseBuilder::new().description(if gives.is_some() { "Done" } else { "Done, without a body of JSON" });
    match gives {
        Some(shape) => {
            response.content("application/json", ContentBuilder::new().schema(Some(reference(shape))).build()).build()
        }
        None => response.build(),
    }
}

fn problem() -> utoipa::openapi::Response {
    let content = ContentBuilder::new().schema(Some(reference(shape::<Problem>()))).build();
    ResponseBuilder::new()
        .description("A problem (RFC 9457) with a stable code; nothing was changed")
        .content("application/problem+json", content)
        .build()
}

/// What is in the path, in the query, and the headers that the guard asks for.
fn parameters(line: &Line) -> Vec<Parameter> {
    let in_path = line.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut all: Vec<Parameter> = in_path.map(|name| parameter((name, true), ParameterIn::Path, "")).collect();
    let is_get = matches!(line.method, HttpMethod::Get);
    match line.guard {
        Guard::Page | Guard::Staff(_) => {
            all.push(header("Sec-Fetch-Site", "same-origin: sent by our own page"));
            if !is_get {
                all.push(header("Origin", "the desk's own origin"));
                all.push(header("X-KycDesk-CSRF", "1: no other site can send it"));
            }
        }
        Guard::Customer if !is_get => all.push(header("X-KycDesk-CSRF", "1: no form of another site can send it")),
        Guard::Client("flow") if line.path != at::FLOW_SESSIONS => {
            all.push(header("X-Session-ID", "the same id as in the path"));
        }
        _ => {}
    }
    if line.is_keyed {
        all.push(header("Idempotency-Key", "the same for a repeated request, such as {conversation}-{step}-{attempt}"));
    }
    if matches!(line.method, HttpMethod::Patch) {
        all.push(header("Upload-Offset", "where the part begins: what the upload has come to"));
    }
    all.extend(query(line));
    all
}

/// What the query may say.
fn query(line: &Line) -> Vec<Parameter> {
    let may = |name, about| parameter((name, false), ParameterIn::Query, about);
    match (line.path, &line.method) {
        (at::SESSIONS, _) => ListQuery::into_params(|| Some(ParameterIn::Query)),
        (at::SESSION, _) => {
            vec![may("customer_id", "the launch's hint; another customer's id is refused and recorded")]
        }
        (at::AUDIT, _) => vec![may("format", "jsonl or csv"), may("after", "only entries after this one")],
        (at::OIDC_CALLBACK, _) => vec![may("code", ""), may("state", ""), may("iss", "RFC 9207"), may("error", "")],
        (at::OIDC_LEFT, _) => vec![may("state", "")],
        (at::SAML_SLO, _) => vec![
            may("SAMLRequest", "deflated, base64"),
            may("RelayState", ""),
            may("SigAlg", ""),
            may("Signature", "by a pinned certificate"),
        ],
        _ => Vec::new(),
    }
}

fn header(name: &str, about: &str) -> Parameter {
    parameter((name, true), ParameterIn::Header, about)
}

fn parameter((name, is_required): (&str, bool), place: ParameterIn, about: &str) -> Parameter {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(if is_required { Required::True } else { Required::False })
        .description((!about.is_empty()).then_some(about))
        .schema(Some(text))
        .build()
}

/// The document as JSON.
pub async fn show() -> Response {
    static JSON: std::sync::LazyLock<String> =
        std::sync::LazyLock::new(|| document().to_json().expect("a document of plain data can be written"));
    ([(header::CONTENT_TYPE, "application/json")], JSON.as_str()).into_response()
}
