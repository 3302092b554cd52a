//! Server-sent events: ids and versions only. A stream ends with the sign-in it belongs to.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use kyc_wire::stream::StreamEvent;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc};
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;

use crate::auth::Staff;
use crate::clock::random;
use crate::events::Message;
use crate::measures;
use crate::state::App;

/// How often a stream looks whether its sign-in still lives: idle and absolute limits end it without anybody's doing.
const LOOK: Duration = Duration::from_secs(20);
/// Events a slow browser may lag behind before it is let go.
const BUFFER: usize = 64;
/// When we stop, browsers come back after a second and up to as many more, so that they do not come all at once.
const RETURN_WITHIN: u64 = 4;

/// Opens a stream.
pub async fn open(State(app): State<Arc<App>>, by: Staff) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let (sender, receiver) = mpsc::channel(BUFFER);
    let messages = app.events.subscribe();
    tokio::spawn(feed(app, by, messages, sender));
    Sse::new(ReceiverStream::new(receiver)).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

type Sender = mpsc::Sender<Result<Event, Infallible>>;

/// Sends without waiting: whoever lags behind by the whole buffer is let go, and reads everything anew when it comes back.
fn send(sender: &Sender, event: &StreamEvent) -> bool {
    let event = Event::default().json_data(event).expect("an event is plain data");
    sender.try_send(Ok(event)).is_ok()
}

/// The last words when the server stops: no event, only the time after which to come back.
fn come_back(app: &App) -> Event {
    let [chance] = random::<1>(&*app.rng);
    Event::default().retry(Duration::from_millis(1000 + u64::from(chance) * RETURN_WITHIN * 1000 / 255))
}

async fn feed(app: Arc<App>, by: Staff, mut messages: broadcast::Receiver<Message>, sender: Sender) {
    let _open = measures::stream_opened();
    let queues = by.queues();
    let mut look = tokio::time::interval(LOOK);
    look.tick().await;
    let mut is_open = send(&sender, &StreamEvent::Hello);
    while is_open {
        tokio::select! {
            message = messages.recv() => match message {
                Ok(Message::Changed { session, version, queue }) if queues.contains(&queue) => {
                    is_open = send(&sender, &StreamEvent::Changed { session_id: session, version });
                }
                Ok(Message::SignInEnded(id)) if id == by.sign_in_id() => break,
                Ok(Message::BeginAnew) | Err(RecvError::Lagged(_)) => is_open = send(&sender, &StreamEvent::Hello),
                Ok(_) => {}
                Err(RecvError::Closed) => return,
            },
            _ = look.tick() => if !is_live(&app, &by).await { break },
            () = app.stopped() => {
                drop(sender.try_send(Ok(come_back(&app))));
                return;
            }
            () = sender.closed() => return,
        }
    }
    if is_open {
        send(&sender, &StreamEvent::SignedOut);
    }
}

/// Whether the sign-in still lives. When the database cannot say, the stream stays: every request is checked anyway.
async fn is_live(app: &App, by: &Staff) -> bool {
    let now = app.clock.now();
    let Ok(mut tx) = app.store.glance(&app.tenant).await else { return true };
    let found = tx.find_live_sign_in(by.sign_in_id(), now.plus_seconds(-app.config.auth.idle_seconds), now).await;
    !matches!(found, Ok(None))
}
