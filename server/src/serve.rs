//! Serving: three listeners and the workers, until told to stop. Then requests are finished, streams closed, and the audit log's head is
//! signed and logged, so that a later export can be held against it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::http;
use crate::http::error::ApiError;
use crate::jobs;
use crate::state::App;

/// How long open requests are waited for.
const GRACE: Duration = Duration::from_secs(10);
/// How often the head of the audit log is signed and logged, and what is over is deleted.
const CHORES_EVERY: Duration = Duration::from_hours(1);

/// Serves until `stop` turns true.
pub async fn serve(app: Arc<App>, metrics: PrometheusHandle, stop: watch::Receiver<bool>) -> std::io::Result<()> {
    let at = app.config.http.clone();
    let doors = [
        ("desk", at.desk_listen, http::desk(&app)),
        ("edge", at.edge_listen, http::edge(&app)),
        ("operator", at.operator_listen, http::operator(&app, metrics)),
    ];
    let mut tasks = tokio::task::JoinSet::new();
    for (name, address, router) in doors {
        let listener = TcpListener::bind(address).await.map_err(|error| with_address(&error, address))?;
        tracing::info!(listener = name, address = %address, "listening");
        tasks.spawn(run(listener, router, stop.clone()));
    }
    tasks.spawn(worker(Arc::clone(&app), stop.clone()));
    tasks.spawn(listener(Arc::clone(&app), stop.clone()));
    tasks.spawn(chores(Arc::clone(&app), stop.clone()));
    let mut stop = stop;
    while !*stop.borrow() && stop.changed().await.is_ok() {}
    tracing::info!("stopping");
    drop(tokio::time::timeout(GRACE, async { while tasks.join_next().await.is_some() {} }).await);
    if let Err(error) = log_head(&app).await {
        tracing::error!(problem.code = error.code().as_str(), "the head of the audit log could not be signed");
    }
    Ok(())
}

fn with_address(error: &std::io::Error, address: SocketAddr) -> std::io::Error {
    std::io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
}

async fn run(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) -> std::io::Result<()> {
    let stopped = async move { while !*stop.borrow() && stop.changed().await.is_ok() {} };
    axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(stopped)
        .await
}

async fn worker(app: Arc<App>, stop: watch::Receiver<bool>) -> std::io::Result<()> {
    jobs::run_forever(app, stop).await;
    Ok(())
}

/// Listens to the other servers on the same database.
async fn listener(app: Arc<App>, mut stop: watch::Receiver<bool>) -> std::io::Result<()> {
    tokio::select! {
        () = app.store.listen(&app.tenant, &app.events) => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
    Ok(())
}

async fn chores(app: Arc<App>, mut stop: watch::Receiver<bool>) -> std::io::Result<()> {
    while !*stop.borrow() {
        tokio::select! {
            () = tokio::time::sleep(CHORES_EVERY) => {
                if let Err(error) = log_head(&app).await {
                    tracing::error!(problem.code = error.code().as_str(), "the head of the audit log could not be signed");
                }
                if let Err(error) = jobs::sweep(&app).await {
                    tracing::error!(problem.code = error.code().as_str(), "what is over could not be deleted");
                }
            }
            _ = stop.changed() => {}
        }
    }
    Ok(())
}

/// Signs the head of the audit log into the server's log: a copy that lies somewhere else.
async fn log_head(app: &App) -> Result<(), ApiError> {
    let head = app.store.read(&app.tenant).await?.find_head().await?;
    let signed = serde_json::to_string(&head.sign(&app.config.audit.0, app.clock.now())).expect("a head is plain data");
    tracing::info!(audit.head = signed, "head of the audit log");
    Ok(())
}
