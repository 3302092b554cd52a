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
pub fn why<'a>(policy: &'a Policy, words: &Words, reason: &str) -> Option<&'a str> {
    let found = policy.reasons.iter().find(|known| known.code == reason && known.family != Family::Suspicion);
    Some(found?.customer_text.as_ref()?.pick(words.code()))
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
    let again = session.wanted.as_ref().map(|wanted| message(&app.config.policy, words, wanted, "again.message"));
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

/// What is wanted again and why, in one line that begins with this sentence.
pub fn message(policy: &Policy, words: &Words, wanted: &Wanted, key: &str) -> String {
    let names: Vec<&str> = wanted.open().map(|(item, _)| words.say(photo_key(item))).collect();
    let mut said = vec![words.fill(key, "items", &names.join(", "))];
    for (_, asked) in wanted.open() {
        said.extend(why(policy, words, &asked.reason).map(str::to_owned).filter(|why| !said.contains(why)));
    }
    said.join(" ")
}

#[cfg(test)]
mod tests {
    use kyc_wire::session::Act;
    use kyc_wire::text::Localised;

    use super::*;
    use crate::texts::Texts;

    #[test]
    fn what_is_suspected_is_told_nobody() {
        let (texts, mut policy) = (Texts::default(), Policy::default());
        let words = texts.find("de").unwrap();
        let reason = policy.reasons.iter_mut().find(|reason| reason.acts.contains(&Act::Recapture)).unwrap();
        reason.customer_text = Some(Localised::new("Why", "Warum"));
        let code = reason.code.clone();
        assert_eq!(why(&policy, words, &code), Some("Warum"));
        policy.reasons.iter_mut().find(|reason| reason.code == code).unwrap().family = Family::Suspicion;
        assert_eq!(why(&policy, words, &code), None);
        assert_eq!(why(&policy, words, "gone_from_the_list"), None);
    }
}
