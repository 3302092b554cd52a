//! The contact centre as the server meets it: what it is told, when, and what happens while it does not answer.

mod agents;
mod attributes;
mod recording;
mod tokens;

use kyc_tests::{Setup, TestApp};

/// An installation with the contact centre.
async fn with(lines: &'static str) -> TestApp {
    TestApp::with(Setup { genesys: Some(lines), ..Setup::default() }).await
}

/// The conversation of a session.
pub fn conversation(id: &str) -> String {
    format!("conv-{id}")
}

/// A session that waits for an agent, with these people of the bank on its conversation.
pub async fn session_with(app: &TestApp, logins: &[&str]) -> String {
    let id = app.verified_session().await;
    begin(app, &id, logins);
    app.advance(60);
    app.work().await;
    id
}

pub fn begin(app: &TestApp, id: &str, logins: &[&str]) {
    let centre = app.contact_centre();
    let users: Vec<String> = logins.iter().map(|login| centre.user(login)).collect();
    centre.begin(&conversation(id), &users.iter().map(String::as_str).collect::<Vec<_>>());
}
