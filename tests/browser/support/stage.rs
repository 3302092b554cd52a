//! The installation, reachable for a browser.

use std::net::SocketAddr;

use kyc_sandbox::genesys_host::{Host, HostConfig, Interaction};
use kyc_sandbox::identities::{Difference, Identity};
use kyc_sandbox::idp::OpenerPolicy;
use kyc_tests::{Setup, TestApp, World};
use tokio::net::TcpListener;

use super::Browser;
use super::line::Line;

/// The desk on `localhost`, the imitated desktop on `127.0.0.1`: two sites.
pub struct Stage {
    pub app: TestApp,
    pub host: Host,
    /// Between browsers and the desk.
    pub line: Line,
}

impl Stage {
    pub async fn start() -> Self {
        Self::with_policy("").await
    }

    /// With these lines in the `[policy]` section.
    pub async fn with_policy(policy: &'static str) -> Self {
        Self::with(policy, None::<fn(&mut World)>).await
    }

    /// With something changed before the server starts in it.
    pub async fn changed(change: impl FnOnce(&mut World)) -> Self {
        Self::with("", Some(change)).await
    }

    async fn with(policy: &'static str, change: Option<impl FnOnce(&mut World)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let desk_url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let host = HostConfig { port: 0, desk_url: desk_url.clone(), opener_policy: OpenerPolicy::Unset };
        let host = Host::start(host).await.unwrap();
        let mut app = TestApp::with(Setup { policy, desk_url, host_origin: host.url(), ..Setup::default() }).await;
        if let Some(change) = change {
            let mut world = app.leave();
            change(&mut world);
            app = TestApp::on(world).await;
        }
        let desk = app.desk.clone().into_make_service_with_connect_info::<SocketAddr>();
        let behind = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let line = Line::lay(listener, behind.local_addr().unwrap().port());
        tokio::spawn(async move { axum::serve(behind, desk).await });
        Self { app, host, line }
    }

    /// The conversation of a session that `TestApp::session` made, shown on the desktop. Gives its id.
    pub fn ring(&self, session: &str) -> String {
        self.ring_with(&[session])
    }

    /// The same with several; the first one is on top.
    pub fn ring_with(&self, sessions: &[&str]) -> String {
        let lines = sessions.iter().enumerate().map(|(at, session)| Interaction {
            conversation_id: format!("conv-{session}"),
            session_id: (*session).to_owned(),
            customer_id: if at == 0 { "C-4F2A-0093".to_owned() } else { format!("C-{at}") },
            label: format!("Interaction {at}"),
        });
        self.host.set_conversations(lines.collect());
        format!("conv-{}", sessions[0])
    }

    /// Opens the desktop with the widget launched as `query` says, for example `form=session&width=320`.
    pub async fn desktop(&self, browser: &Browser, query: &str) {
        browser.goto(&format!("{}/?{query}", self.host.url())).await;
        browser.enter_widget().await;
    }

    /// The stand-in's customer whose document shows another birth year than she claimed.
    pub fn other_birth_year(&self) -> usize {
        let differs = |one: &Identity| one.difference == Difference::BirthYear;
        self.app.veriff.identities().iter().position(differs).expect("the table has such a customer")
    }

    /// An address of the desk itself.
    pub fn desk(&self, path: &str) -> String {
        format!("{}{path}", self.app.desk_url)
    }
}
