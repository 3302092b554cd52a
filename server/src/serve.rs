//! Serving: three listeners and the workers, until told to stop. Then no new connection is taken, open requests and the job under way are
//! finished, streams are closed, and the audit log's head is signed and logged, so that a later export can be held against it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::config::Http;
use crate::http;
use crate::http::error::ApiError;
use crate::jobs;
use crate::listen;
use crate::state::App;

/// How long open requests and the job under way are waited for: a little longer than a call to a provider may take.
pub const GRACE: Duration = Duration::from_secs(35);
/// How often the head of the audit log is signed and logged, and what is over is deleted.
const CHORES_EVERY: Duration = Duration::from_hours(1);
/// How often samples are put into their buckets, so that they do not pile up when nobody asks for the metrics.
const SORT_EVERY: Duration = Duration::from_secs(5);

/// The three listeners, open.
pub struct Doors([TcpListener; 3]);

const NAMES: [&str; 3] = ["desk", "edge", "operator"];

impl Doors {
    /// Opens the configured ones, so that a taken address is known before anything else happens.
    pub async fn open(at: &Http) -> std::io::Result<Self> {
        Self::at([at.desk_listen, at.edge_listen, at.operator_listen]).await
    }

    /// Opens desk, edge and operator at these addresses.
    pub async fn at([desk, edge, operator]: [SocketAddr; 3]) -> std::io::Result<Self> {
        Ok(Self([listen(desk).await?, listen(edge).await?, listen(operator).await?]))
    }

    /// Where they are: desk, edge, operator.
    pub fn addresses(&self) -> std::io::Result<[SocketAddr; 3]> {
        let [desk, edge, operator] = &self.0;
        Ok([desk.local_addr()?, edge.local_addr()?, operator.local_addr()?])
    }
}

async fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let with_address =
        |error: std::io::Error| std::io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"));
    TcpListener::bind(address).await.map_err(with_address)
}

/// Serves at the configured addresses until `stop` turns true.
pub async fn serve(app: Arc<App>, metrics: PrometheusHandle, stop: watch::Receiver<bool>) -> std::io::Result<()> {
    let doors = Doors::open(&app.config.http).await?;
    serve_at(doors, app, metrics, stop).await
}

/// Serves until `stop` turns true, and then as long as it takes to end in order, at most [`GRACE`].
pub async fn serve_at(
    doors: Doors,
    app: Arc<App>,
    metrics: PrometheusHandle,
    mut stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(sort(Arc::clone(&app), metrics.clone()));
    let routers = [http::desk(&app), http::edge(&app), http::operator(&app, metrics)];
    for ((name, listener), router) in NAMES.into_iter().zip(doors.0).zip(routers) {
        tracing::info!(listener = name, address = %listener.local_addr()?, "listening");
        tasks.spawn(listen::serve(listener, router, app.stopping.subscribe()));
    }
    tasks.spawn(worker(Arc::clone(&app)));
    tasks.spawn(listener(Arc::clone(&app)));
    tasks.spawn(chores(Arc::clone(&app)));
    let ended = supervise(&mut tasks, &mut stop).await;
    tracing::info!("stopping");
    app.stopping.send_replace(true);
    end(tasks).await;
    if let Err(error) = log_head(&app).await {
        tracing::error!(problem.code = error.code().as_str(), "the head of the audit log could not be signed");
    }
    tracing::info!("stopped");
    ended
}

/// Waits until told to stop. All parts of a server run until then: one that ends before takes the server with it, so that whoever watches
/// over the process starts a whole one.
async fn supervise(tasks: &mut JoinSet<std::io::Result<()>>, stop: &mut watch::Receiver<bool>) -> std::io::Result<()> {
    let ended = tokio::select! {
        _ = stop.wait_for(|is_stopping| *is_stopping) => return Ok(()),
        Some(ended) = tasks.join_next() => ended,
    };
    let why = match ended {
        Ok(Ok(())) => "it ended".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    };
    tracing::error!(why, "a part of the server has ended, and so must all of it");
    Err(std::io::Error::other("a part of the server has ended"))
}

/// Waits for what is under way. What is not done by then is broken off; its transaction is rolled back, and a job runs again.
async fn end(mut tasks: JoinSet<std::io::Result<()>>) {
    let all = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, all).await.is_err() {
        tracing::warn!(seconds = GRACE.as_secs(), "something took longer than that and was broken off");
    }
}

async fn worker(app: Arc<App>) -> std::io::Result<()> {
    let stopping = app.stopping.subscribe();
    jobs::run_forever(app, stopping).await;
    Ok(())
}

/// Listens to the other servers on the same database.
async fn listener(app: Arc<App>) -> std::io::Result<()> {
    tokio::select! {
        () = app.store.listen(&app.tenant, &app.events) => {}
        () = app.stopped() => {}
    }
    Ok(())
}

async fn sort(app: Arc<App>, metrics: PrometheusHandle) -> std::io::Result<()> {
    while tokio::time::timeout(SORT_EVERY, app.stopped()).await.is_err() {
        metrics.run_upkeep();
    }
    Ok(())
}

async fn chores(app: Arc<App>) -> std::io::Result<()> {
    while tokio::time::timeout(CHORES_EVERY, app.stopped()).await.is_err() {
        if let Err(error) = log_head(&app).await {
            tracing::error!(problem.code = error.code().as_str(), "the head of the audit log could not be signed");
        }
        if let Err(error) = jobs::sweep(&app).await {
            tracing::error!(problem.code = error.code().as_str(), "what is over could not be deleted");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_part_that_ends_before_its_time_ends_the_server() {
        let (stop, mut stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(std::future::pending());
        tasks.spawn(async { panic!("a bug") });
        assert!(supervise(&mut tasks, &mut stopped).await.is_err());
        tasks.spawn(async { Ok(()) });
        assert!(supervise(&mut tasks, &mut stopped).await.is_err());
        stop.send_replace(true);
        assert!(supervise(&mut tasks, &mut stopped).await.is_ok());
    }
}
