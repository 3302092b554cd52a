//! The HTTP surface: every route and every layer. Three listeners, each answering 404 to the others' paths.

mod address;
mod asked;
mod assets;
pub mod audit_log;
mod bank;
mod clients;
mod confirm_code;
mod customer;
mod documents;
pub mod error;
mod flow;
mod guard;
mod guest;
pub mod json;
mod leave;
mod limits;
mod logout;
mod me;
mod measure;
mod on_conversation;
pub mod openapi;
mod operator;
mod patience;
mod popup_pages;
mod redeem;
pub mod request_id;
mod saml;
mod sessions;
mod showing;
mod sign_in;
mod sign_ins;
pub mod staff;
mod step_up;
mod stream;
mod view;
mod webhooks;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post, put};
use axum::{Router, response::IntoResponse};
use kyc_wire::routes as at;
use metrics_exporter_prometheus::PrometheusHandle;
use tower_http::catch_panic::CatchPanicLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

use self::customer::script;
use self::customer::upload::LARGEST_FORM;
use self::error::ApiError;
use crate::auth::cookie;
use crate::auth::web_session::WebSessions;
use crate::state::App;

/// Largest body of our own API.
const BODY: usize = 16 * 1024;
/// Largest webhook.
const WEBHOOK: usize = 1024 * 1024;

/// Largest form with a SAML response: what the gate takes, in base64, percent-encoded.
const SAML_RESPONSE: usize = 512 * 1024;

/// For agents, supervisors and auditors.
pub fn desk(app: &Arc<App>) -> Router {
    let pages = Router::new()
        .route(at::HOME, get(assets::page))
        .route(at::SESSION_PAGE, get(assets::page))
        .route(at::REVIEW_PAGE, get(assets::page))
        .route(at::SIGN_INS_PAGE, get(assets::page))
        .route(at::OPENAPI, get(openapi::show))
        .route(at::POPUP, get(popup_pages::start))
        .route("/auth/{file}", get(popup_pages::file))
        .route(at::OIDC_CALLBACK, get(sign_in::callback))
        .route(at::OIDC_LOGOUT, post(logout::by_idp))
        .route(at::LEAVE, get(leave::go))
        .route(at::OIDC_LEFT, get(leave::left))
        .route(at::SAML_METADATA, get(saml::metadata))
        .route(at::SAML_ACS, post(saml::acs).layer(DefaultBodyLimit::max(SAML_RESPONSE)))
        .route(at::SAML_SLO, get(saml::slo))
        .fallback(assets::file);
    let ours = Router::new().route(at::TXN, post(sign_in::open)).route(at::POPUP_BEGIN, post(sign_in::begin));
    let ours = ours.route(at::SIGN_IN_OPTIONS, get(confirm_code::options));
    let ours = ours.route(at::POPUP_CONFIRM, post(confirm_code::confirm));
    let ours = ours.merge(signed_in(app)).layer(from_fn_with_state(Arc::clone(app), guard::same_origin));
    finish(app, "desk", ours.merge(pages).layer(DefaultBodyLimit::max(BODY)))
}

/// What needs the sign-in cookie.
fn signed_in(app: &Arc<App>) -> Router<Arc<App>> {
    let store = WebSessions::new(
        Arc::clone(&app.store),
        app.tenant.clone(),
        Arc::clone(&app.clock),
        app.config.auth.absolute_seconds,
    );
    let absolute = time::Duration::seconds(app.config.auth.absolute_seconds);
    let sessions = SessionManagerLayer::new(store)
        .with_name(cookie::SIGN_IN_COOKIE)
        .with_same_site(SameSite::None)
        .with_expiry(Expiry::OnInactivity(absolute));
    Router::new()
        .route(at::ME, get(me::show))
        .route(at::ACTIVITY, post(me::activity))
        .route(at::SESSIONS, get(sessions::list))
        .route(at::NEXT, post(sessions::next))
        .route(at::FLOOR, get(sessions::floor))
        .route(at::SESSION, get(sessions::show))
        .merge(acts())
        .route(at::CONVERSATION, get(sessions::of_conversation).post(sessions::start_for_conversation))
        .route(at::AUDIT, get(audit_log::export))
        .route(at::EVENTS, get(stream::open))
        .route(at::SIGN_INS, get(sign_ins::list))
        .route(at::END_SIGN_IN, post(sign_ins::end))
        .route(at::END_SIGN_INS_OF, post(sign_ins::end_all))
        .route(at::STEP_UP, post(step_up::open))
        .route(at::REDEEM, post(redeem::redeem))
        .route(at::LOGOUT, post(logout::by_person))
        .layer(sessions)
        .layer(from_fn(cookie::rewrite))
}

/// What staff do with a session.
fn acts() -> Router<Arc<App>> {
    Router::new()
        .route(at::TAKE, post(sessions::take))
        .route(at::PHOTO, post(documents::photo))
        .route(at::LINK, post(sessions::link))
        .route(at::RENEW, post(sessions::renew))
        .route(at::RELEASE, post(sessions::release))
        .route(at::REVEAL, post(sessions::reveal))
        .route(at::MARK, post(sessions::mark))
        .route(at::NOTE, post(sessions::note))
        .route(at::RECAPTURE, post(sessions::recapture))
        .route(at::WITHDRAW, post(sessions::withdraw))
        .route(at::POOR_PICTURE, post(sessions::poor_picture))
        .route(at::ESCALATE, post(sessions::escalate))
        .route(at::UNFLAG, post(sessions::unflag))
        .route(at::PROPOSE, post(sessions::propose))
        .route(at::REJECT, post(sessions::reject))
        .route(at::COULD_NOT_VERIFY, post(sessions::could_not_verify))
        .route(at::APPROVE, post(sessions::approve))
        .route(at::RETURN, post(sessions::send_back))
        .route(at::REOPEN, post(sessions::reopen))
}

/// For the flow, the bank and the providers.
pub fn edge(app: &Arc<App>) -> Router {
    let ours = Router::new()
        .route(at::TOKEN, post(clients::token))
        .route(at::FLOW_SESSIONS, post(flow::start))
        .route(at::FLOW_SESSION, get(flow::show))
        .route(at::FLOW_ATTEMPTS, post(flow::attempt))
        .route(at::FLOW_QUALITY, post(flow::quality))
        .route(at::FLOW_HEARTBEAT, post(flow::heartbeat))
        .route(at::FLOW_RESUME, post(flow::resume))
        .route(at::FLOW_ESCALATE, post(flow::escalate))
        .route(at::FLOW_END, post(flow::end))
        .route(at::BANK_CLAIMS, put(bank::claims))
        .route(at::BANK_HOLD, put(bank::hold).delete(bank::lift_hold))
        .route(at::OPENAPI, get(openapi::show))
        .layer(DefaultBodyLimit::max(BODY));
    let webhooks = Router::new().route(at::WEBHOOK, post(webhooks::accept)).layer(DefaultBodyLimit::max(WEBHOOK));
    finish(app, "edge", ours.merge(webhooks).merge(for_customers(app)).fallback(nothing))
}

/// The customer's page: what goes wrong on it is a page too.
fn for_customers(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route(at::CUSTOMER_LINK, get(customer::show_link).post(customer::begin))
        .route(at::CUSTOMER_PAGE, get(customer::show))
        .route(at::CUSTOMER_CONSENT, post(customer::consent))
        .route(at::CUSTOMER_CAPTURE, get(customer::capture::go))
        .route(at::CUSTOMER_SEND, post(customer::upload::send))
        .layer(DefaultBodyLimit::max(BODY))
        .route(at::CUSTOMER_PHOTO, post(customer::upload::photo).layer(DefaultBodyLimit::max(LARGEST_FORM)))
        .layer(from_fn_with_state(Arc::clone(app), customer::trouble::layer))
        .route(at::CUSTOMER_FILE, get(customer::files::show))
        .merge(for_the_customers_script())
}

/// What the page's script asks for: answered as the rest of the API.
fn for_the_customers_script() -> Router<Arc<App>> {
    let parts = Router::new()
        .route(at::CUSTOMER_UPLOAD, get(script::show).patch(script::part))
        .route(at::CUSTOMER_PROBE, get(script::probe_down).post(script::probe_up))
        .layer(DefaultBodyLimit::max(script::LARGEST_PART));
    Router::new()
        .route(at::CUSTOMER_HEARTBEAT, post(script::heartbeat))
        .route(at::CUSTOMER_QUALITY, post(script::precheck))
        .route(at::CUSTOMER_UPLOADS, post(script::begin))
        .layer(DefaultBodyLimit::max(BODY))
        .merge(parts)
}

/// For whoever operates the server.
pub fn operator(app: &Arc<App>, metrics: PrometheusHandle) -> Router {
    let ours = Router::new()
        .route(at::HEALTHZ, get(operator::healthz))
        .route(at::READYZ, get(operator::readyz))
        .route(at::OPENAPI, get(openapi::show))
        .fallback(nothing);
    let metrics = Router::new().route(at::METRICS, get(operator::metrics)).with_state((Arc::clone(app), metrics));
    finish(app, "operator", ours).merge(metrics)
}

async fn nothing() -> ApiError {
    ApiError::not_found()
}

async fn wrong_method() -> ApiError {
    ApiError::refused(kyc_wire::problem::ProblemCode::MethodNotAllowed, "This path does not take this method.")
}

fn finish(app: &Arc<App>, listener: &'static str, router: Router<Arc<App>>) -> Router {
    router
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn(patience::layer))
        .layer(CatchPanicLayer::custom(|_| {
            tracing::error!("a handler panicked");
            ApiError::refused(kyc_wire::problem::ProblemCode::Internal, "Nothing was changed. Please try again.")
                .into_response()
        }))
        .layer(from_fn(guard::headers))
        .layer(from_fn_with_state(Arc::clone(app), request_id::layer))
        .layer(from_fn_with_state(listener, measure::layer))
        .with_state(Arc::clone(app))
}
