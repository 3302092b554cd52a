//! Looking at the photos: fetched one after the other, shown for a while, and put away by the time that the recording goes on.

use kyc_wire::photo::Photo;
use kyc_wire::routes;
use kyc_wire::session::ViewPhoto;
use leptos::task::spawn_local;

use super::prove::Waiting;
use super::work::Work;
use crate::api::Intent;
use crate::state::panel::Notice;
use crate::state::trouble::Trouble;

impl Work {
    /// Fetches every photo there is.
    pub(super) fn photos(self, reason: &str) {
        self.panel.notice.set(None);
        self.panel.put_photos_away();
        let all = self.panel.detail.with_untracked(|detail| detail.as_ref().map(|d| d.uploads.clone()));
        let wanted = all.unwrap_or_default().into_iter().map(|upload| {
            let view = ViewPhoto { source: upload.source, item: upload.item, reason: reason.to_owned() };
            (view.photo(), Intent::of_session(routes::PHOTO, self.id, &view))
        });
        spawn_local(self.show_photos(wanted.collect()));
    }

    /// Shows these; those that need a proof wait together. What is shown is gone after its time, counted from when the last was asked for:
    /// nobody records before that.
    pub(super) async fn show_photos(self, mut wanted: Vec<(Photo, Intent)>) {
        let mut found = Vec::new();
        let mut asked_at = self.shell.now.get_untracked();
        while let Some((photo, intent)) = wanted.first() {
            let now = self.shell.now.get_untracked();
            match self.client.photo(intent).await {
                Ok(url) => {
                    found.push((*photo, url));
                    asked_at = now;
                }
                Err(Trouble::Aborted) => break,
                Err(trouble) if trouble.is_signed_out() => return self.shell.leave(),
                Err(trouble) if trouble.wants_proof() => {
                    self.wait_for_proof(Waiting::Photos(core::mem::take(&mut wanted)));
                    break;
                }
                // One that is gone must not keep the others away.
                Err(trouble) => self.panel.notice.set(Some(Notice::Trouble { trouble, can_retry: false })),
            }
            wanted.remove(0);
        }
        if !found.is_empty() {
            let until = asked_at.plus_seconds(self.seconds);
            self.panel.viewer.try_update(|viewer| {
                viewer.photos.append(&mut found);
                viewer.until = until;
            });
        }
        self.read();
    }
}
