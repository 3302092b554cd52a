//! The guide's stories, run through the flow: each ends where the guide says, and the conversation's attributes hold ids and codes only.

use std::collections::BTreeMap;

use kyc_tests::{Setup, TestApp};
use serde_json::Value;

use super::run::{End, Run, Turn, onboarding};

const GOOD: Turn = Turn { seconds: 20, measured: Some(("0.93", "720")), hands_in: false };
/// She says that she is ready for the next attempt.
const READY: Turn = Turn { seconds: 12, measured: None, hands_in: false };
const POOR: Turn = Turn { seconds: 20, measured: Some(("0.41", "720")), hands_in: false };

fn with_agent(run: &Run<'_>) -> End {
    End::Agent { queue: "retail-de".to_owned(), session: run.session() }
}

async fn status(app: &TestApp, id: &str) -> Value {
    app.staff("mira").await.open(id).await
}

/// An installation with the contact centre, in which both conversations of the stories are open. Whether somebody is on one is not asked:
/// the stories look at cases without taking calls.
async fn start(policy: &'static str) -> TestApp {
    let app = TestApp::with(Setup { policy, genesys: Some("check_agent = false"), ..Setup::default() }).await;
    for conversation in ["conv-1", "conv-2"] {
        app.contact_centre().begin(conversation, &[]);
    }
    app
}

/// What the contact centre was told of the session that this run ended with: the same as the flow wrote, ids and codes only, and nothing
/// in it about the person.
async fn arrives(app: &TestApp, run: &Run<'_>, conversation: &str) {
    assert!(run.link().is_some(), "she has no link: {:?}", run.said);
    app.work().await;
    let found = app.contact_centre().conversation(conversation).unwrap().attributes;
    assert_eq!(found.get("kyc_session_id"), Some(&run.session()), "{found:?}");
    let now = status(app, &run.session()).await;
    assert_eq!(found.get("kyc_status").map(String::as_str), now["status"].as_str(), "{found:?}");
    let told = |name: &str| found.get(name).map(String::as_str).unwrap_or_default();
    assert_eq!(told("kyc_retry_count"), run.attributes["kyc_retry_count"], "{found:?}");
    assert_eq!(told("kyc_error_ref"), run.attributes["kyc_error_ref"], "{found:?}");
    are_ids_and_codes(&found);
    let requests = app.contact_centre().requests();
    let said = requests.iter().flat_map(|request| [&*request.path, &*request.body]).collect::<Vec<_>>().join("\n");
    for identity in app.veriff.identities() {
        for value in [identity.last_name, identity.number, identity.birth_date, identity.email] {
            assert!(!said.contains(&value), "{value} was told");
        }
    }
    are_ids_and_codes(&run.attributes);
}

/// Attributes, each an id or a code.
fn are_ids_and_codes(attributes: &BTreeMap<String, String>) {
    for (name, value) in attributes.iter().filter(|(name, _)| !name.starts_with("context.")) {
        let known =
            ["kyc_session_id", "kyc_status", "kyc_retry_count", "kyc_error_ref", "kyc_video_score", "kyc_video_height"];
        assert!(known.contains(&name.as_str()), "{name} is new");
        assert!(value.len() <= 256, "{name}: {value}");
        assert!(
            value.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter)),
            "{name}: {value}"
        );
    }
}

#[tokio::test]
async fn good_video_leads_to_the_specialist_with_the_case_on_her_screen() {
    let app = start("").await;
    let flow = onboarding();
    let mut run = Run::new(&app, &flow, "conv-1").await.with(&[GOOD]);
    assert_eq!(run.finish().await, with_agent(&run));
    assert_eq!(run.called, ["KYC Create Session", "KYC Start Attempt", "KYC Report Quality"]);
    let session = status(&app, &run.session()).await;
    assert_eq!((session["attempt"].as_u64(), session["channel"].as_str()), (Some(1), Some("video")));
    assert_eq!((run.attributes["kyc_retry_count"].as_str(), run.attributes["kyc_error_ref"].as_str()), ("0", ""));
    arrives(&app, &run, "conv-1").await;
}

#[tokio::test]
async fn a_customer_who_hands_in_her_document_arrives_with_the_result() {
    let app = start("").await;
    let flow = onboarding();
    let mut run = Run::new(&app, &flow, "conv-1").await.with(&[Turn { hands_in: true, measured: None, ..GOOD }]);
    assert_eq!(run.finish().await, with_agent(&run));
    assert_eq!(status(&app, &run.session()).await["status"], "agent_verification");
    arrives(&app, &run, "conv-1").await;
    assert_eq!(
        (run.attributes["kyc_status"].as_str(), run.attributes["kyc_error_ref"].as_str()),
        ("agent_verification", "")
    );
}

#[tokio::test]
async fn bad_video_three_times_leads_to_the_agent_with_the_reference() {
    let app = start("").await;
    let flow = onboarding();
    let mut run = Run::new(&app, &flow, "conv-1").await.with(&[POOR, READY, POOR, READY, POOR]);
    assert_eq!(run.finish().await, with_agent(&run));
    let sentence = "We are experiencing difficulty verifying your identity. Please ensure you are in a well-lit area.";
    assert_eq!(run.said.iter().filter(|text| text.contains(sentence)).count(), 2, "{:?}", run.said);
    assert_eq!(run.called.iter().filter(|name| *name == "KYC Start Attempt").count(), 3, "2 retries: {:?}", run.called);
    assert_eq!(run.attributes["kyc_retry_count"], "2");
    assert!(run.attributes["kyc_error_ref"].starts_with("E-"), "{:?}", run.attributes);
    assert_eq!(status(&app, &run.session()).await["status"], "agent_verification");
    assert!(
        app.audit_log().await.contains("video_service:score-410:height-720"),
        "the log has what the reference stands for"
    );
    arrives(&app, &run, "conv-1").await;
}

#[tokio::test]
async fn who_answers_before_the_ten_seconds_are_over_loses_no_attempt() {
    let app = start("").await;
    let flow = onboarding();
    let hasty = Turn { seconds: 0, ..POOR };
    let nothing = Turn { seconds: 3, ..Turn::default() };
    let mut run = Run::new(&app, &flow, "conv-1").await.with(&[hasty, nothing, nothing, nothing, nothing, GOOD]);
    assert_eq!(run.finish().await, with_agent(&run));
    assert_eq!(status(&app, &run.session()).await["attempt"], 2, "{:?}", run.called);
    assert_eq!(run.attributes["kyc_error_ref"], "");
}

#[tokio::test]
async fn below_480_lines_it_goes_on_by_voice_with_the_link() {
    let app = start("").await;
    let flow = onboarding();
    let small = Turn { measured: Some(("0.93", "360")), ..GOOD };
    let mut run = Run::new(&app, &flow, "conv-1").await.with(&[small]);
    assert_eq!(run.finish().await, with_agent(&run));
    let last = run.said.last().unwrap();
    assert!(last.starts_with("Your connection is too slow for video.") && last.contains(" http"), "{last}");
    assert_eq!(status(&app, &run.session()).await["channel"], "audio_upload");
    arrives(&app, &run, "conv-1").await;
}

#[tokio::test]
async fn without_webrtc_the_guides_sentence_and_the_link_are_sent() {
    let app = start("").await;
    let flow = onboarding();
    let mut run = Run::new(&app, &flow, "conv-1").await.knowing("context.kyc_supports_video", "false");
    assert_eq!(run.finish().await, with_agent(&run));
    let sentence =
        "Your browser does not support video verification. Please use our mobile app or upload documents. http";
    assert!(run.said.iter().any(|text| text.starts_with(sentence)), "{:?}", run.said);
    assert_eq!(run.called, ["KYC Create Session", "KYC Report No Video"], "no attempt is made");
    assert_eq!(status(&app, &run.session()).await["channel"], "audio_upload");
    arrives(&app, &run, "conv-1").await;
}

#[tokio::test]
async fn whoever_is_cut_off_at_any_step_goes_on_with_the_same_session() {
    let flow = onboarding();
    for step in 1.. {
        let app = start("").await;
        let mut first = Run::new(&app, &flow, "conv-1").await.with(&[POOR, READY, GOOD]).cut_after(step);
        if first.finish().await != End::Dropped {
            assert!(step > 15, "the flow has more steps than {step}");
            return;
        }
        first.customer_left().await;
        app.advance(3600);
        let mut second = Run::new(&app, &flow, "conv-2").await.with(&[GOOD]);
        let known = first.session();
        if !known.is_empty() {
            second = second.knowing("context.kyc_session_id", &known);
        }
        assert_eq!(second.finish().await, with_agent(&second), "cut after {step}");
        assert_eq!(second.attributes["kyc_error_ref"], "", "cut after {step}: {:?}", second.called);
        assert!(known.is_empty() || second.session() == known, "cut after {step}");
        let found = app.staff("mira").await.get("/api/conversations/conv-2/session").await.json();
        assert_eq!(found["id"], second.session().as_str(), "cut after {step}");
        arrives(&app, &second, "conv-2").await;
    }
}

#[tokio::test]
async fn after_a_day_a_new_session_is_opened() {
    let app = start("").await;
    let flow = onboarding();
    let mut first = Run::new(&app, &flow, "conv-1").await.with(&[POOR]).cut_after(20);
    assert_eq!(first.finish().await, End::Dropped);
    first.customer_left().await;
    app.advance(24 * 3600);
    let mut second = Run::new(&app, &flow, "conv-2").await.with(&[GOOD]);
    second = second.knowing("context.kyc_session_id", &first.session());
    assert_eq!(second.finish().await, with_agent(&second));
    assert_ne!(second.session(), first.session());
    assert_eq!(second.called[..2], ["KYC Resume Session", "KYC Create Session"]);
}

#[tokio::test]
async fn a_second_conversation_beside_the_first_is_refused_and_gets_a_person_without_the_case() {
    let app = start("").await;
    let flow = onboarding();
    let mut first = Run::new(&app, &flow, "conv-1").await.with(&[POOR]).cut_after(20);
    assert_eq!(first.finish().await, End::Dropped);
    let id = first.session();
    let before = status(&app, &id).await;
    let mut second = Run::new(&app, &flow, "conv-2").await.knowing("context.kyc_session_id", &id);
    assert_eq!(second.finish().await, End::Agent { queue: "retail-de".to_owned(), session: String::new() });
    assert_eq!(second.called, ["KYC Resume Session"]);
    assert!(second.attributes["kyc_error_ref"].starts_with("F-409-"), "{:?}", second.attributes);
    let after = status(&app, &id).await;
    assert_eq!(
        (after["status"].clone(), after["attempt"].clone()),
        (before["status"].clone(), before["attempt"].clone())
    );
    are_ids_and_codes(&second.attributes);
}

#[tokio::test]
async fn where_the_policy_refuses_it_a_second_conversation_gets_a_person_even_after_the_first() {
    let app = start("second_conversation = \"refuse\"").await;
    let flow = onboarding();
    let mut first = Run::new(&app, &flow, "conv-1").await.with(&[POOR]).cut_after(20);
    assert_eq!(first.finish().await, End::Dropped);
    first.customer_left().await;
    let mut second = Run::new(&app, &flow, "conv-2").await.knowing("context.kyc_session_id", &first.session());
    assert_eq!(second.finish().await, End::Agent { queue: "retail-de".to_owned(), session: String::new() });
}

#[tokio::test]
async fn a_flow_that_fails_still_hands_over_with_a_reference() {
    let app = start("").await;
    let flow = onboarding();
    let mut run = Run::new(&app, &flow, "conv-1").await.knowing("context.kyc_customer_id", "mara@example.org");
    assert_eq!(run.finish().await, End::Agent { queue: "retail-de".to_owned(), session: String::new() });
    assert!(run.attributes["kyc_error_ref"].starts_with("F-422-"), "{:?}", run.attributes);
    are_ids_and_codes(&run.attributes);
}

#[tokio::test]
async fn a_customer_who_only_chats_is_handed_over_in_the_end() {
    let app = start("").await;
    let flow = onboarding();
    let endless = [Turn { seconds: 1, measured: Some(("0.1", "720")), hands_in: false }; 40];
    let mut run = Run::new(&app, &flow, "conv-1").await.with(&endless);
    assert_eq!(run.finish().await, with_agent(&run));
    assert!(run.attributes["kyc_error_ref"].starts_with("E-"), "{:?}", run.attributes);
    assert_eq!(status(&app, &run.session()).await["status"], "agent_verification");
    assert!(run.called.len() < 30, "{:?}", run.called);
}
