//! A customer with a browser that knows cookies and forms, and nothing else.

use axum::body::Body;
use axum::http::Request;
use axum::http::request::Builder;
use kyc_desk::casework;
use kyc_desk::domain::audit::Actor;
use kyc_tests::{Answer, TestApp};

/// A customer.
pub struct Visitor<'a> {
    pub app: &'a TestApp,
    pub cookie: Option<String>,
    pub language: &'static str,
}

/// The link that the flow would send, as the path of it.
pub async fn link(app: &TestApp, session: &str) -> String {
    let mut tx = app.app.store.begin(&app.app.tenant).await.unwrap();
    let session = tx.find_session(session.parse().unwrap()).await.unwrap().unwrap();
    let actor = Actor::Client { client: "flow".to_owned() };
    let link = casework::link::offer(&app.app, &mut *tx, &session, actor).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    path(&link.url)
}

/// Where the customer of this session is led for document and face.
pub async fn capture_of(app: &TestApp, session: &str) -> String {
    Visitor::of(app, session).await.capture().await
}

/// Where a link leads to on this server.
pub fn path(url: &str) -> String {
    let at = url.find("/c/").unwrap();
    url[at..].to_owned()
}

impl<'a> Visitor<'a> {
    /// Somebody who has never been here.
    pub fn new(app: &'a TestApp) -> Self {
        Self { app, cookie: None, language: "en" }
    }

    /// Somebody who has pressed Start on her link.
    pub async fn begun(app: &'a TestApp, session: &str) -> Self {
        let mut visitor = Self::new(app);
        let link = link(app, session).await;
        assert_eq!(visitor.press_start(&link).await.status, 303);
        visitor
    }

    fn request(&self, method: &str, path: &str) -> Builder {
        let request = Request::builder().method(method).uri(path).header("accept-language", self.language);
        match &self.cookie {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        }
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        self.app.guest().send(&self.app.edge, request).await
    }

    /// Looks at a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path).body(Body::empty()).unwrap()).await
    }

    /// The same, of which her browser says something more.
    pub async fn get_with(&self, path: &str, name: &str, value: &str) -> Answer {
        self.send(self.request("GET", path).header(name, value).body(Body::empty()).unwrap()).await
    }

    /// Sends a form as it is.
    pub async fn post(&self, path: &str, form: &str) -> Answer {
        let request = self.request("POST", path).header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Presses the button of a link, and keeps the cookie.
    pub async fn press_start(&mut self, link: &str) -> Answer {
        let answer = self.post(link, "").await;
        if let Some(cookie) = answer.cookies().first() {
            self.cookie = Some(cookie.split(';').next().unwrap().to_owned());
        }
        answer
    }

    /// Somebody who does what her link says as far as the check of document and face: she looks, presses Start, consents.
    pub async fn by_link(app: &'a TestApp, url: &str) -> Self {
        let mut visitor = Self::new(app);
        let link = path(url);
        assert_eq!(visitor.get(&link).await.status, 200, "{url} opens");
        assert_eq!(visitor.press_start(&link).await.status, 303);
        if visitor.get("/c").await.text.contains("/c/step/consent") {
            assert_eq!(visitor.consent().await.status, 303);
        }
        visitor
    }

    /// Somebody who has consented on the page of this session.
    pub async fn of(app: &'a TestApp, session: &str) -> Self {
        Self::by_link(app, &link(app, session).await).await
    }

    /// Where her page leads her for document and face.
    pub async fn capture(&self) -> String {
        let page = self.get("/c").await;
        assert!(page.text.contains("href=\"/c/step/capture\""), "nothing leads to the capture: {}", page.text);
        let gone = self.get("/c/step/capture").await;
        assert_eq!(gone.status, 303, "{}", gone.text);
        gone.headers["location"].to_str().unwrap().to_owned()
    }

    /// What the forms of her page hold.
    pub async fn secret(&self) -> String {
        let page = self.get("/c?photos").await.text;
        let (_, rest) = page.split_once("name=\"form\" value=\"").unwrap_or_else(|| panic!("no form: {page}"));
        rest.split('"').next().unwrap().to_owned()
    }

    /// Presses the button of a form.
    pub async fn press(&self, path: &str) -> Answer {
        let secret = self.secret().await;
        self.post(path, &format!("form={secret}")).await
    }

    /// Consents.
    pub async fn consent(&self) -> Answer {
        self.press("/c/step/consent").await
    }
}
