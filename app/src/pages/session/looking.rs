//! Looking at the photos: fetched one after the other, shown for a while, and put away by the time that the recording goes on.

use kyc_wire::ids::Micros;
use kyc_wire::photo::Photo;
use kyc_wire::problem::ProblemCode;
use kyc_wire::routes;
use kyc_wire::session::ViewPhoto;
use leptos::task::spawn_local;

use super::prove::Waiting;
use super::work::Work;
use crate::api::Intent;
use crate::browser;
use crate::state::panel::Notice;
use crate::state::trouble::Trouble;
use crate::state::viewer::Viewer;

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
    pub(super) async fn show_photos(self, wanted: Vec<(Photo, Intent)>) {
        let Some(look) = self.panel.viewer.try_update(Viewer::ask) else { return };
        let mut found = Found::default();
        let last_asked_at = self.fetch(wanted, look, &mut found).await;
        let is_wanted = self.is_wanted(look) && !found.0.is_empty();
        self.panel.viewer.try_update(|viewer| {
            if is_wanted {
                viewer.photos.append(&mut found.0);
                viewer.until = last_asked_at.plus_seconds(self.seconds);
            }
            viewer.finish(look);
        });
        self.read();
    }

    /// Fetches one after the other, for as long as they are wanted. Gives when the last one that came was asked for.
    async fn fetch(self, mut wanted: Vec<(Photo, Intent)>, look: u32, found: &mut Found) -> Micros {
        let mut last_asked_at = self.shell.now.get_untracked();
        while let Some((photo, intent)) = wanted.first() {
            let asked_at = self.shell.now.get_untracked();
            match self.client.photo(intent).await {
                Ok(url) => {
                    found.0.push((*photo, url));
                    last_asked_at = asked_at;
                }
                Err(Trouble::Aborted) => break,
                Err(trouble) if trouble.is_signed_out() => {
                    self.shell.leave();
                    break;
                }
                Err(_) if !self.is_wanted(look) => break,
                Err(trouble) if trouble.wants_proof() => {
                    self.wait_for_proof(Waiting::Photos(wanted));
                    break;
                }
                Err(trouble) => {
                    // One that is gone must not keep the others away; what else is refused or lost is so for all.
                    let is_gone = trouble.code() == Some(ProblemCode::NotFound);
                    self.panel.notice.set(Some(Notice::Trouble { trouble, can_retry: false }));
                    if !is_gone {
                        break;
                    }
                }
            }
            if !self.is_wanted(look) {
                break;
            }
            wanted.remove(0);
        }
        last_asked_at
    }

    /// Whether she still looks, and has asked for nothing else. That the page is hidden says less: the window of a proof hides it too.
    fn is_wanted(self, look: u32) -> bool {
        let is_last = self.panel.viewer.try_with_untracked(|viewer| viewer.wants(look));
        is_last == Some(true) && !self.shell.is_blurred.get_untracked()
    }
}

/// Photos that are not shown yet. What becomes none of the viewer's is forgotten, however this ends.
#[derive(Default)]
struct Found(Vec<(Photo, String)>);

impl Drop for Found {
    fn drop(&mut self) {
        for (_, url) in &self.0 {
            browser::forget_bytes(url);
        }
    }
}
