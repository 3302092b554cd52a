//! What the customer is asked for now, in words: on her page, in the chat, and as the desk sees it.

use kyc_wire::session::{Asked, AskedItem, CaptureItem};

use crate::domain::policy::{Family, Policy};
use crate::domain::session::{PoorPicture, Session, Wanted};
use crate::state::App;
use crate::texts::Words;

/// What she calls an item.
pub const fn photo_key(item: CaptureItem) -> &'static str {
    match item {
        CaptureItem::DocumentFront => "photos.document_front",
        CaptureItem::DocumentBack => "photos.document_back",
        CaptureItem::Face => "photos.face",
    }
}

/// Why an item is wanted again, as far as she is told.
pub fn why<'a>(policy: &'a Policy, words: &Words, reason: &str) -> &'a str {
    let found = policy.reasons.iter().find(|known| known.code == reason && known.family != Family::Suspicion);
    found.and_then(|reason| reason.customer_text.as_ref()).map_or("", |text| text.pick(words.code()))
}

/// The sentence about the picture of the call, while an agent finds it too poor. The first is the guide's.
pub fn picture<'a>(words: &'a Words, session: &Session) -> Option<&'a str> {
    Some(words.say(match session.poor_picture()? {
        PoorPicture::LookForLight => "check.difficulty",
        PoorPicture::GoOnByPhotos => "again.by_photos",
    }))
}

/// What an agent wants of her, in her language.
pub fn of(app: &App, session: &Session) -> Option<Asked> {
    let words = app.config.customer.texts.choose(Some(session.language.as_str()), "");
    let items = session.wanted.as_ref().map(items).unwrap_or_default();
    let picture = picture(words, session).map(str::to_owned);
    let again = session.wanted.as_ref().map(|wanted| message(&app.config.policy, words, wanted));
    let message = [again, picture].into_iter().flatten().collect::<Vec<_>>().join(" ");
    (!message.is_empty()).then_some(Asked { items, message })
}

fn items(wanted: &Wanted) -> Vec<AskedItem> {
    let item = |(item, asked): (&CaptureItem, &crate::domain::session::Asked)| AskedItem {
        item: *item,
        reason: asked.reason.clone(),
        at: asked.at,
        is_there: asked.is_there,
    };
    wanted.items.iter().map(item).collect()
}

fn message(policy: &Policy, words: &Words, wanted: &Wanted) -> String {
    let names: Vec<&str> = wanted.open().map(|(item, _)| words.say(photo_key(item))).collect();
    let mut said = vec![words.fill("again.message", "items", &names.join(", "))];
    for (_, asked) in wanted.open() {
        let why = why(policy, words, &asked.reason).to_owned();
        if !why.is_empty() && !said.contains(&why) {
            said.push(why);
        }
    }
    said.join(" ")
}
