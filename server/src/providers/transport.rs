//! The HTTP client as every call to a provider uses it: short time-outs, no redirects, bounded answers.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use zeroize::Zeroizing;

use super::ProviderError;
use super::backoff::RetryAfter;

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a whole call may take, connection and body included.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(30);

/// A longer answer is not read to its end; decisions have a few kilobytes.
pub(crate) const MAX_BODY: usize = 1024 * 1024;

/// A client that keeps the limits. Made once and shared; cloning shares the connections.
#[derive(Clone, Debug)]
pub struct Transport(reqwest::Client);

/// A successful answer (2xx).
pub(crate) struct Answer {
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its body, wiped when dropped: it may be full of personal data.
    pub(crate) body: Zeroizing<Vec<u8>>,
}

impl Transport {
    /// Puts the limits on a client. Proxies and extra roots of trust are the caller's, who knows the configuration.
    ///
    /// Redirects are off, because they would carry our key to wherever an answer points.
    pub fn new(builder: reqwest::ClientBuilder) -> Result<Self, reqwest::Error> {
        let builder = builder.connect_timeout(CONNECT_TIMEOUT).timeout(TOTAL_TIMEOUT);
        let builder = builder.redirect(reqwest::redirect::Policy::none()).referer(false);
        builder.user_agent(concat!("KYC-Desk/", env!("CARGO_PKG_VERSION"))).build().map(Self)
    }

    /// The client, to build a request with.
    pub(crate) const fn client(&self) -> &reqwest::Client {
        &self.0
    }

    /// Makes one call and reads the answer. `code_of` finds the provider's own code in the body of a refusal.
    pub(crate) async fn call(
        &self,
        request: reqwest::RequestBuilder,
        code_of: fn(&[u8]) -> Option<String>,
    ) -> Result<Answer, ProviderError> {
        self.call_for(MAX_BODY, request, code_of).await
    }

    /// The same, for an answer of up to `most` bytes: a longer one is not read to its end.
    pub(crate) async fn call_for(
        &self,
        most: usize,
        request: reqwest::RequestBuilder,
        code_of: fn(&[u8]) -> Option<String>,
    ) -> Result<Answer, ProviderError> {
        let mut response = request.send().await.map_err(from_sending)?;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let body = read(response, if status.is_success() { most } else { MAX_BODY }).await;
        if status.is_success() {
            return Ok(Answer { headers, body: body? });
        }
        // A refusal is a refusal, whether or not its body can be read.
        Err(refusal(status, &headers, body.ok().and_then(|body| code_of(&body))))
    }
}

/// No connection means that nothing left us. Everything later may have arrived.
fn from_sending(error: reqwest::Error) -> ProviderError {
    let error = error.without_url();
    if error.is_connect() || error.is_builder() {
        ProviderError::NotSent(error)
    } else {
        ProviderError::NoAnswer(error)
    }
}

async fn read(mut response: reqwest::Response, most: usize) -> Result<Zeroizing<Vec<u8>>, ProviderError> {
    let length = response.content_length();
    if length.is_some_and(|length| length > most as u64) {
        return Err(ProviderError::TooLarge);
    }
    // Room for everything up front: a growing buffer would leave copies behind. A picture whose length is not said may have any.
    let unsaid = if most > MAX_BODY { most } else { 16 * 1024 };
    let expected = length.and_then(|length| usize::try_from(length).ok()).unwrap_or(unsaid);
    let mut body = Zeroizing::new(Vec::with_capacity(expected));
    while let Some(chunk) = response.chunk().await.map_err(|error| ProviderError::NoAnswer(error.without_url()))? {
        if body.len() + chunk.len() > most {
            return Err(ProviderError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn refusal(status: StatusCode, headers: &HeaderMap, code: Option<String>) -> ProviderError {
    let retry_after =
        headers.get(http::header::RETRY_AFTER).and_then(|value| value.to_str().ok()).and_then(RetryAfter::parse);
    match status.as_u16() {
        429 => ProviderError::RateLimited { retry_after },
        404 => ProviderError::NotFound,
        status @ 500..=599 => ProviderError::Unavailable { status, retry_after },
        status => ProviderError::Refused { status, code },
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;
    use tokio::time::Instant;

    use super::*;

    #[tokio::test]
    async fn who_takes_a_request_and_says_nothing_is_waited_for_no_longer_than_that() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let transport = Transport::new(reqwest::Client::builder().no_proxy()).unwrap();
        let call = transport.call(transport.client().get(url), |_| None);
        let silent = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0);
            // From here on time passes by itself as soon as nobody has anything to do.
            tokio::time::pause();
            std::future::pending::<()>().await;
            drop(stream);
        };
        let began = Instant::now();
        let answer = tokio::select! {
            answer = call => answer,
            () = silent => unreachable!("it says nothing"),
        };
        assert!(matches!(answer, Err(ProviderError::NoAnswer(_))));
        assert!(began.elapsed() < Duration::from_secs(35), "{:?}", began.elapsed());
    }
}
