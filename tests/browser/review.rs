//! The supervisors' page.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Browser, PATIENCE, Stage};

#[tokio::test]
async fn a_search_outlives_a_sign_in_and_is_nobody_elses() {
    let stage = Stage::start().await;
    stage.app.verified_session().await;
    let page = Browser::start().await;
    page.goto(&stage.desk("/review")).await;
    page.sign_in("jo", false).await;
    page.see("Choose a session").await;
    page.press("Search").await;
    page.keys("C-4F2A").await;
    let choose = |label: &str, code: &str| {
        format!(
            "const field = document.querySelector('[aria-label={label}]'); field.value = '{code}';
             field.dispatchEvent(new Event('change', {{ bubbles: true }}))"
        )
    };
    for (label, code) in [("State", "agent_verification"), ("Queue", "retail-de"), ("Order", "oldest")] {
        page.run(&choose(label, code)).await;
    }
    page.press("Menu").await;
    page.press("Sign out").await;
    page.see("What you typed is kept.").await;
    page.sign_in("jo", false).await;
    page.see("Choose a session").await;
    let typed = "return [...document.querySelectorAll('.kyc-tools [aria-label]')].map(one => one.value).join(' ')";
    assert_eq!(page.run(typed).await, json!("C-4F2A agent_verification retail-de oldest"));
    page.press("Menu").await;
    page.press("Sign out").await;
    page.see("What you typed is kept.").await;
    page.sign_in_as_another("sanna").await;
    page.see("Choose a session").await;
    assert_eq!(page.run(typed).await, json!("   urgency"));
}

#[tokio::test]
async fn it_is_not_for_agents() {
    let stage = Stage::start().await;
    let session = stage.app.verified_session().await;
    let agent = Browser::start().await;
    agent.goto(&stage.desk("/review")).await;
    agent.sign_in("mira", false).await;
    agent.see("This page is for supervisors and auditors").await;
    let rows = "return document.querySelectorAll('[id^=kyc-row-]').length";
    assert_eq!(agent.run(rows).await, json!(0), "{session} is listed for an agent");
    let answer = "fetch('/api/floor').then(answer => arguments[0](answer.status))";
    assert_eq!(agent.run_async(answer).await, json!(404));
}

#[tokio::test]
async fn an_escalated_case_is_found_understood_and_cleared() {
    let stage = Stage::start().await;
    let (quiet, session) = (stage.app.verified_session().await, stage.app.verified_session().await);
    let mira = stage.app.staff("mira").await;
    mira.act(&session, "take", json!({ "reason": null })).await;
    mira.reveal(&session, "birth_date", "document", "compare_with_document").await;
    let reason = mira.reason_for("escalate").await;
    mira.act(&session, "escalate", json!({ "reason": reason })).await;
    let supervisor = Browser::start().await;
    supervisor.goto(&stage.desk("/review")).await;
    supervisor.sign_in("jo", false).await;
    supervisor.press_view("Flagged").await;
    supervisor.press_row(&session).await;
    let is_listed = format!("return !!document.getElementById('kyc-row-{quiet}')");
    assert_eq!(supervisor.run(&is_listed).await, json!(false), "the view also lists what nobody flagged");
    supervisor.see("Mira Lindqvist").await;
    supervisor.press("Clear the flag").await;
    supervisor.see("It is recorded that you looked.").await;
    supervisor.press("Clear the flag").await;
    supervisor.see("The flag is cleared.").await;
}

#[tokio::test]
async fn a_search_by_customer_finds_a_past_session() {
    let stage = Stage::start().await;
    let session = stage.app.verified_session().await;
    let supervisor = Browser::start().await;
    supervisor.goto(&stage.desk("/review")).await;
    supervisor.sign_in("jo", false).await;
    supervisor.press_view("Everything").await;
    supervisor.wait_for_row(&session).await;
    supervisor.press("Search").await;
    supervisor.keys("C-0000\u{e007}").await;
    supervisor.see("Nothing found.").await;
    supervisor.keys("\u{e003}\u{e003}\u{e003}\u{e003}\u{e003}\u{e003}C-4F2A-0093\u{e007}").await;
    supervisor.wait_for_row(&session).await;
}

/// Waits until a download is there as a whole, and gives what it says.
async fn downloaded(folder: &Path, name: &str) -> String {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if let Ok(found) = std::fs::read_to_string(folder.join(name)) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let there: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    panic!("{name} did not arrive, but {there:?}")
}

#[tokio::test]
async fn an_auditor_takes_the_audit_log_with_her() {
    let stage = Stage::start().await;
    let session = stage.app.verified_session().await;
    let (folder, auditor) = (tempfile::tempdir().unwrap(), Browser::start().await);
    auditor.download_to(folder.path()).await;
    auditor.goto(&stage.desk("/review")).await;
    auditor.sign_in("sanna", false).await;
    auditor.see("Choose a session").await;
    auditor.press("Menu").await;
    auditor.picture("audit-menu").await;
    auditor.press("Audit log (JSON Lines)").await;
    let log = downloaded(folder.path(), "kyc-desk-audit.jsonl").await;
    auditor.see_no("Sign out").await;
    let key = stage.app.app.config.audit.0.verifying_key();
    kyc_desk::domain::audit::export::verify(log.as_bytes(), &key, None).unwrap();
    assert!(log.contains(&session));
    auditor.press("Menu").await;
    auditor.press("Audit log (CSV)").await;
    let table = downloaded(folder.path(), "kyc-desk-audit.csv").await;
    assert!(table.starts_with("seq,") && table.contains(&session), "{}", &table[..200]);
    // Whose sign-in is lost is told so, and is not given a page of nothing.
    let lost = "const fetched = window.fetch;
         window.fetch = (what, ...more) => String(what.url ?? what).endsWith('/api/me')
             ? Promise.resolve(new Response('{}', { status: 401 })) : fetched(what, ...more);";
    auditor.run(lost).await;
    auditor.press("Menu").await;
    auditor.press("Audit log (CSV)").await;
    auditor.see("What you typed is kept.").await;

    // It is not offered to who may not have it.
    let supervisor = Browser::start().await;
    supervisor.goto(&stage.desk("/review")).await;
    supervisor.sign_in("jo", false).await;
    supervisor.see("Choose a session").await;
    supervisor.press("Menu").await;
    supervisor.see("Sign out").await;
    assert!(!supervisor.text().await.contains("Audit log"));
}

#[tokio::test]
async fn a_list_is_narrowed_down_by_state_and_queue_from_the_keyboard() {
    let stage = Stage::start().await;
    let mira = stage.app.staff("mira").await;
    let (proposed, waiting) = (stage.app.proposed_session(&mira).await, stage.app.verified_session().await);
    stage.app.advance(125);
    let supervisor = Browser::start().await;
    supervisor.goto(&stage.desk("/review")).await;
    supervisor.sign_in("jo", false).await;
    supervisor.press_view("All open").await;
    supervisor.wait_for_row(&proposed).await;
    supervisor.wait_for_row(&waiting).await;
    supervisor.see("overdue").await;
    supervisor.press_view("Overdue").await;
    supervisor.wait_for_no_row(&proposed).await;
    supervisor.wait_for_row(&waiting).await;
    supervisor.picture("review-overdue").await;
    supervisor.press_view("All open").await;
    supervisor.wait_for_row(&proposed).await;
    supervisor.run("document.querySelector('select[aria-label=State]').focus()").await;
    // One letter: a field to choose from forgets what was typed within a second.
    supervisor.keys("F").await;
    supervisor.wait_for_no_row(&waiting).await;
    supervisor.wait_for_row(&proposed).await;
    supervisor.picture("review-filters").await;
    supervisor.run("document.querySelector('#kyc-queue, select[aria-label=Queue]').focus()").await;
    supervisor.keys("business-de\u{e007}").await;
    supervisor.see("Nothing fits what you search and filter for.").await;
    supervisor.press("Clear search and filters").await;
    supervisor.wait_for_row(&waiting).await;
    let chosen = "return [...document.querySelectorAll('.kyc-tools > *')].map(one => one.value ?? '').join('')";
    assert_eq!(supervisor.run(chosen).await, json!("urgency"), "the order stays");
}
