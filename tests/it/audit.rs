//! The audit log: exported, verified offline, and changed by nobody.

use kyc_desk::domain::audit::export::{BadExport, verify};

use kyc_tests::TestApp;

#[tokio::test]
async fn an_export_verifies_and_a_changed_byte_is_found() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    app.proposed_session(&mira).await;
    let log = app.audit_log().await;
    let key = app.app.config.audit.0.verifying_key();
    let verified = verify(log.as_bytes(), &key, None).unwrap();
    assert!(verified.entries > 10);
    let changed = log.replacen("lease_taken", "lease_faked", 1);
    assert!(matches!(verify(changed.as_bytes(), &key, None), Err(BadExport::Entry { .. })));
    let later = app.audit_log().await;
    assert!(verify(later.as_bytes(), &key, Some(&verified.head)).is_ok(), "the log only grows");
}

#[tokio::test]
async fn the_database_itself_refuses_to_change_an_entry() {
    let app = TestApp::start().await;
    app.session().await;
    let pool = app.database.raw().await;
    for sql in ["UPDATE audit_entry SET body = '{}'", "DELETE FROM audit_entry"] {
        let error = sqlx::query(sql).execute(&pool).await.unwrap_err().to_string();
        assert!(error.contains("append-only"), "{error}");
    }
}

#[tokio::test]
async fn if_the_entry_cannot_be_written_nothing_happens() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.verified_session().await;
    let before = mira.open(&id).await;
    app.database.refuse_entries().await;
    let refused = mira.try_act(&id, "take", serde_json::json!({ "reason": null })).await;
    assert_eq!((refused.status, refused.code().as_str()), (503, "unavailable"));
    app.database.take_entries().await;
    let after = mira.open(&id).await;
    assert_eq!((&after["version"], &after["is_mine"]), (&before["version"], &serde_json::json!(false)));
}
