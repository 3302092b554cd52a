use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use reqwest::Client;
use serde_json::{Value, json};

use super::{Fault, GenesysApi, GenesysConfig};
use crate::Clock;

struct Fixture {
    api: GenesysApi,
    http: Client,
    now: Arc<AtomicI64>,
}

async fn fixture() -> Fixture {
    let now = Arc::new(AtomicI64::new(1_795_424_400));
    let shown = Arc::clone(&now);
    let clock = Clock::from_unix(Arc::new(move || shown.load(Ordering::SeqCst)));
    let mut config = GenesysConfig::new(clock, "client", "secret");
    config.calls_a_minute = 3;
    let api = GenesysApi::start(config).await.unwrap();
    Fixture { api, http: Client::builder().build().unwrap(), now }
}

impl Fixture {
    async fn token(&self, secret: &str) -> Option<String> {
        let request = self.http.post(format!("{}/oauth/token", self.api.url())).basic_auth("client", Some(secret));
        let answer = request.form(&[("grant_type", "client_credentials")]).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["access_token"].as_str().map(str::to_owned)
    }

    async fn get(&self, token: &str, path: &str) -> reqwest::Response {
        self.http.get(format!("{}/api/v2/{path}", self.api.url())).bearer_auth(token).send().await.unwrap()
    }
}

#[tokio::test]
async fn only_the_client_gets_a_token_and_it_ends() {
    let at = fixture().await;
    assert_eq!(at.token("wrong").await, None);
    let token = at.token("secret").await.unwrap();
    assert_eq!(at.get(&token, "tokens/me").await.status(), 200);
    assert_eq!(at.get("other", "tokens/me").await.status(), 401);
    at.now.fetch_add(86_400, Ordering::SeqCst);
    assert_eq!(at.get(&token, "tokens/me").await.status(), 401);
}

#[tokio::test]
async fn a_token_may_be_used_so_often_in_a_minute() {
    let at = fixture().await;
    let token = at.token("secret").await.unwrap();
    for expected in [200, 200, 200, 429] {
        at.now.fetch_add(5, Ordering::SeqCst);
        assert_eq!(at.get(&token, "tokens/me").await.status(), expected);
    }
    let refused = at.get(&token, "tokens/me").await;
    assert_eq!(refused.headers()["retry-after"], "40");
    at.now.fetch_add(40, Ordering::SeqCst);
    assert_eq!(at.get(&token, "tokens/me").await.status(), 200);
}

#[tokio::test]
async fn attributes_are_kept_until_the_conversation_ends() {
    let at = fixture().await;
    at.api.begin("conv-1", &[&at.api.user("mira")]);
    let token = at.token("secret").await.unwrap();
    let found: Value = at.get(&token, "conversations/conv-1").await.json().await.unwrap();
    assert_eq!(found["participants"][2]["userId"], json!(at.api.user("mira")));
    let customer = found["participants"][0]["id"].as_str().unwrap();
    let path = format!("{}/api/v2/conversations/conv-1/participants/{customer}/attributes", at.api.url());
    let write = async |value: &str| {
        let body = json!({ "attributes": { "kyc_status": value } });
        at.http.patch(&path).bearer_auth(&token).json(&body).send().await.unwrap().status()
    };
    assert_eq!(write("created").await, 200);
    at.api.end("conv-1");
    assert_eq!(write("approved").await, 200);
    assert_eq!(at.api.conversation("conv-1").unwrap().attributes["kyc_status"], "created");
}

#[tokio::test]
async fn it_fails_as_planned_and_then_no_more() {
    let at = fixture().await;
    let token = at.token("secret").await.unwrap();
    at.api.fail_next(&[Fault::Status(503), Fault::RateLimited(7)]);
    assert_eq!(at.get(&token, "tokens/me").await.status(), 503);
    assert_eq!(at.get(&token, "tokens/me").await.headers()["retry-after"], "7");
    assert_eq!(at.get(&token, "tokens/me").await.status(), 200);
}
