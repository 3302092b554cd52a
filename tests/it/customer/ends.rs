//! What she reads when it is over: the sentence that was agreed for the reason, and of a suspicion nothing.

use kyc_tests::{Setup, TestApp};
use serde_json::json;

use super::visitor::Visitor;

/// Her page after an agent has ended the case in this way for this reason, in this language.
async fn page(app: &TestApp, act: &str, reason: &str, language: &'static str) -> String {
    let mira = app.staff("mira").await;
    let id = app.session().await;
    let mut visitor = Visitor::of(app, &id).await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    mira.act(&id, &act.replace('_', "-"), json!({ "reason": reason })).await;
    visitor.language = language;
    let page = visitor.get("/c").await;
    assert_eq!(page.status, 200);
    page.text
}

#[tokio::test]
async fn she_reads_the_sentence_for_the_reason_in_her_language() {
    let app = TestApp::start().await;
    for (act, reason, language, sentence) in [
        ("reject", "document_not_accepted", "en", "Your document has expired, or is not one that can be accepted"),
        (
            "reject",
            "document_not_accepted",
            "de",
            "Ihr Ausweis ist abgelaufen oder wird für diese Prüfung nicht angenommen.",
        ),
        ("reject", "customer_refuses", "de", "Sie wollten die Prüfung nicht fortsetzen."),
        ("could_not_verify", "bad_connection", "en", "The connection was too poor."),
        ("could_not_verify", "provider_failed", "de", "Der Prüfdienst hat nicht geantwortet."),
        ("reject", "data_does_not_match", "en", "The bank will contact you. You can close this page."),
    ] {
        let page = page(&app, act, reason, language).await;
        assert!(page.contains(sentence), "{reason} in {language}: {page}");
    }
}

/// A bank that has written a sentence where none belongs.
const TALKATIVE: &str = r#"
[[policy.reasons]]
code = "suspected_forgery"
family = "suspicion"
acts = ["reject", "could_not_verify"]
label = { en = "Forged", de = "Gefälscht" }
customer_text = { en = "Your document is a forgery.", de = "Ihr Ausweis ist gefälscht." }
[[policy.reasons]]
code = "suspected_prompting"
family = "suspicion"
acts = ["reject", "could_not_verify"]
label = { en = "Prompted", de = "Beeinflusst" }
[[policy.reasons]]
code = "says_nothing"
family = "business"
acts = ["reject", "could_not_verify"]
label = { en = "Other", de = "Anderes" }
[[policy.reasons]]
code = "in_english_only"
family = "business"
acts = ["reject"]
label = { en = "English", de = "Englisch" }
customer_text = { en = "Only in English." }
"#;

#[tokio::test]
async fn no_suspicion_changes_a_byte_of_her_page() {
    let app = TestApp::with(Setup { more: TALKATIVE, ..Setup::default() }).await;
    for act in ["reject", "could_not_verify"] {
        for language in ["en", "de"] {
            let neutral = page(&app, act, "says_nothing", language).await;
            for reason in ["suspected_forgery", "suspected_prompting"] {
                assert_eq!(page(&app, act, reason, language).await, neutral, "{act} for {reason} in {language}");
            }
        }
    }
}

#[tokio::test]
async fn a_sentence_that_is_not_in_her_language_is_replaced_by_the_general_one() {
    let app = TestApp::with(Setup { more: TALKATIVE, ..Setup::default() }).await;
    assert!(page(&app, "reject", "in_english_only", "en").await.contains("Only in English."));
    assert!(page(&app, "reject", "in_english_only", "de").await.contains("Die Bank meldet sich bei Ihnen."));
}
