//! The requests of one session page: reading it, and carrying out one job after the other.

use std::collections::VecDeque;

use kyc_wire::ids::SessionId;
use kyc_wire::me::{Me, Role};
use kyc_wire::photo::seconds_shown;
use kyc_wire::problem::ProblemCode;
use kyc_wire::routes;
use kyc_wire::session::{Act, AskLink, Reveal, SessionDetail, StartForConversation};
use kyc_wire::stream::StreamEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::job::Job;
use super::prove::Waiting;
use crate::api::{Guest, Intent, SignedIn};
use crate::browser;
use crate::components::panel::{Panel, Place};
use crate::components::photos::LINK;
use crate::held::{State, Stored};
use crate::shell::Shell;
use crate::state::act;
use crate::state::launch::Launch;
use crate::state::live::{self, Effect as Asked};
use crate::state::panel::{Choice, Done, Notice, Sheet};
use crate::state::reveal::Reveals;
use crate::state::trouble::Trouble;
use crate::state::viewer::Viewer;
use crate::text::acts;

/// The page's hands.
#[derive(Clone, Copy)]
pub struct Work {
    /// What the parts of the page share.
    pub panel: Panel,
    /// Why the session could not be read.
    pub trouble: State<Option<Trouble>>,
    pub(super) client: SignedIn,
    pub(super) guest: Guest,
    pub(super) shell: Shell,
    pub(super) id: SessionId,
    /// What waits for a proof, and how often it was begun.
    pub(super) unproven: Stored<Option<Waiting>>,
    pub(super) round: Stored<u32>,
    hint: Stored<Option<String>>,
    jobs: Stored<VecDeque<Job>>,
    is_working: Stored<bool>,
    is_reading: Stored<bool>,
    wants_reading: Stored<bool>,
    failed: Stored<Option<(Job, Intent)>>,
    may_take: Stored<bool>,
    /// For how long photos are shown.
    pub(super) seconds: i64,
}

impl Work {
    /// Begins by reading the session.
    pub fn start(
        (client, shell): (SignedIn, Shell),
        me: Me,
        (id, hint): (SessionId, Option<String>),
        is_beside_list: bool,
    ) -> Self {
        // A supervisor who opens a case to look at it must stay free to approve it.
        let may_take = !is_beside_list && me.has(Role::Agent) && !me.has(Role::Supervisor);
        let seconds = i64::from(seconds_shown(me.reveal_seconds));
        let cell = Stored::new(None::<Self>);
        let panel = panel(cell, me, is_beside_list);
        let work = Self {
            panel,
            trouble: State::new(None),
            client,
            guest: Guest::of_view(),
            shell,
            id,
            unproven: Stored::new(None),
            round: Stored::new(0),
            hint: Stored::new(hint),
            jobs: Stored::new(VecDeque::new()),
            is_working: Stored::new(false),
            is_reading: Stored::new(false),
            wants_reading: Stored::new(false),
            failed: Stored::new(None),
            may_take: Stored::new(may_take),
            seconds,
        };
        cell.set_value(Some(work));
        work.read();
        work
    }

    /// What an event of the stream asks for.
    pub fn hear(self, event: &StreamEvent, id: SessionId) {
        let version = self.panel.detail.with_untracked(|detail| detail.as_ref().map(|d| d.summary.version));
        let is_refused = self
            .trouble
            .with_untracked(|trouble| trouble.as_ref().and_then(Trouble::code) == Some(ProblemCode::CustomerMismatch));
        match live::effect(event, id, version) {
            // A refused launch stays refused: asking again would only be recorded again.
            Asked::Refetch if is_refused => {}
            Asked::Refetch => self.read(),
            Asked::SignedOut => self.shell.leave(),
            Asked::None => {}
        }
    }

    /// Reads the session; a wish that comes meanwhile leads to one more reading, not to two at a time.
    pub fn read(self) {
        if self.is_reading.try_get_value() != Some(false) {
            self.wants_reading.try_update_value(|wants| *wants = true);
            return;
        }
        self.is_reading.set_value(true);
        self.trouble.set(None);
        spawn_local(async move {
            let hint = self.hint.try_get_value().flatten();
            let result = self.client.session(self.id, hint.as_deref()).await;
            self.is_reading.try_update_value(|is_reading| *is_reading = false);
            match result {
                Ok(detail) => {
                    // Checked once: from here on the session stands for itself.
                    self.hint.try_update_value(|hint| *hint = None);
                    self.show(detail);
                }
                Err(Trouble::Aborted) => return,
                Err(found) if found.is_signed_out() => self.shell.leave(),
                Err(found) => {
                    if found.code() == Some(ProblemCode::NotFound) {
                        // Not hers any more: nothing of it stays on the screen.
                        self.panel.detail.set(None);
                    }
                    let is_refused = found.code() == Some(ProblemCode::CustomerMismatch);
                    self.trouble.set(Some(found));
                    if is_refused {
                        return;
                    }
                }
            }
            if self.wants_reading.try_update_value(core::mem::take) == Some(true) {
                self.read();
            }
        });
    }

    /// Shows an answer, unless something newer is shown already.
    fn show(self, detail: SessionDetail) {
        let shown = self.panel.detail.try_with_untracked(|shown| shown.as_ref().map(|d| d.summary.version));
        if shown.is_none_or(|shown| shown.is_some_and(|version| version > detail.summary.version)) {
            return;
        }
        self.shell.set_clock(detail.clocks.now);
        let wants_take = act::is_open(&detail, Act::Take);
        self.panel.detail.set(Some(detail));
        // Opening takes the lease, once: giving it back must not take it again.
        if wants_take && self.may_take.try_update_value(core::mem::take) == Some(true) {
            self.queue(Job::Act(Act::Take, Choice::default()));
        }
    }

    /// Puts a job at the end; jobs are done one after the other.
    pub fn queue(self, job: Job) {
        self.jobs.update_value(|jobs| jobs.push_back(job));
        if !self.is_working.get_value() {
            self.is_working.set_value(true);
            spawn_local(async move {
                while let Some(Some(job)) = self.jobs.try_update_value(VecDeque::pop_front) {
                    self.carry_out(job).await;
                }
                self.is_working.try_update_value(|is_working| *is_working = false);
            });
        }
    }

    async fn carry_out(self, job: Job) {
        let intent = self.panel.detail.try_with_untracked(|detail| detail.as_ref().and_then(|d| job.intent(d)));
        if let Some(Some(intent)) = intent {
            self.send(job, intent).await;
        }
    }

    pub(super) async fn send(self, job: Job, intent: Intent) {
        if job == Job::Renew {
            return self.renew(&intent).await;
        }
        self.panel.notice.set(None);
        self.panel.is_busy.set(matches!(job, Job::Act(..)));
        let result = self.client.command(&intent).await;
        self.panel.is_busy.set(false);
        match result {
            Ok(detail) => {
                self.show(detail);
                self.tell(&job);
            }
            Err(Trouble::Aborted) => {}
            Err(found) if found.is_signed_out() => self.shell.leave(),
            Err(found) if found.wants_proof() => {
                self.jobs.try_update_value(VecDeque::clear);
                if let Job::Act(act, _) = job {
                    self.wait_for_proof(Waiting::Act(act, job, intent));
                }
            }
            Err(found) => self.fail(found, job, intent),
        }
    }

    /// A lease that cannot be kept has gone to somebody else: the session is read again and shows to whom.
    async fn renew(self, intent: &Intent) {
        match self.client.renew(intent).await {
            Err(found) if found.is_signed_out() => self.shell.leave(),
            Err(found) if found.is_stale() => self.read(),
            _ => {}
        }
    }

    fn tell(self, job: &Job) {
        let done = match job {
            Job::Act(act, _) => Done::Act(*act),
            Job::Note(_) => {
                self.shell.drafts.update(|drafts| drafts.keep_note(self.id, String::new()));
                Done::Note
            }
            Job::Mark(..) | Job::Renew => return,
        };
        self.panel.notice.set(Some(Notice::Done(done)));
        self.shell.say(acts::told(done));
    }

    fn fail(self, trouble: Trouble, job: Job, intent: Intent) {
        self.jobs.try_update_value(VecDeque::clear);
        if trouble.is_stale() {
            self.read();
        }
        let can_retry = trouble.is_worth_retrying();
        self.failed.try_update_value(|failed| *failed = can_retry.then_some((job, intent)));
        self.panel.notice.set(Some(Notice::Trouble { trouble, can_retry }));
    }

    /// The same request with the same key: if the first one did arrive, nothing happens twice.
    fn retry(self) {
        if let Some((job, intent)) = self.failed.try_update_value(Option::take).flatten() {
            spawn_local(self.send(job, intent));
        }
    }

    fn reveal(self, places: Vec<Place>, reason: &str) {
        self.panel.notice.set(None);
        let intent = |(field, origin)| {
            let wanted = Reveal { field, origin, reason: reason.to_owned() };
            ((field, origin), Intent::of_session(routes::REVEAL, self.id, &wanted))
        };
        spawn_local(self.show_values(places.into_iter().map(intent).collect()));
    }

    /// One value after the other; those that need a proof wait together.
    pub(super) async fn show_values(self, mut wanted: Vec<(Place, Intent)>) {
        let aways = self.panel.aways.try_get_value();
        while let Some((place, intent)) = wanted.first() {
            let answer = self.client.reveal(intent).await;
            let has_looked_away = self.panel.aways.try_get_value() != aways || self.shell.is_blurred.get_untracked();
            match answer {
                Ok(_) if has_looked_away => break,
                Ok(value) => {
                    let (now, text) = (self.shell.now.get_untracked(), value.text().to_owned());
                    self.panel.reveals.try_update(|all| all.show(*place, text, now, value.seconds()));
                    wanted.remove(0);
                }
                Err(Trouble::Aborted) => return,
                Err(found) if found.is_signed_out() => return self.shell.leave(),
                Err(found) if found.wants_proof() => return self.wait_for_proof(Waiting::Values(wanted)),
                Err(trouble) => {
                    self.panel.notice.set(Some(Notice::Trouble { trouble, can_retry: false }));
                    break;
                }
            }
        }
        // The trace is in the timeline at once.
        self.read();
    }

    fn link(self, in_force: bool) {
        let version = self.panel.detail.with_untracked(|detail| detail.as_ref().map(|d| d.summary.version));
        let Some(version) = version.filter(|_| self.begin()) else { return };
        spawn_local(async move {
            let result = self.client.link(self.id, AskLink { expected_version: version, in_force }).await;
            self.panel.is_busy.set(false);
            match result {
                Ok(link) => {
                    self.panel.link.set(Some(link));
                    self.panel.notice.set(Some(Notice::Done(Done::Act(Act::SendLink))));
                    self.shell.say(acts::told(Done::Act(Act::SendLink)));
                    // What she presses next lies there.
                    request_animation_frame(|| browser::focus(LINK));
                    self.read();
                }
                Err(found) => self.end(found),
            }
        });
    }

    /// Whether nothing is being sent, so that something can be; from now on something is.
    fn begin(self) -> bool {
        let is_free = !self.panel.is_busy.get_untracked();
        if is_free {
            self.panel.notice.set(None);
            self.panel.is_busy.set(true);
        }
        is_free
    }

    /// What was asked for once came to nothing.
    fn end(self, trouble: Trouble) {
        match trouble {
            Trouble::Aborted => {}
            found if found.is_signed_out() => self.shell.leave(),
            trouble => {
                if trouble.is_stale() {
                    self.read();
                }
                self.panel.notice.set(Some(Notice::Trouble { trouble, can_retry: false }));
            }
        }
    }

    /// Starts another session for the conversation of one that has ended.
    fn start_anew(self, new: StartForConversation) {
        let of = self.panel.detail.with_untracked(|detail| detail.as_ref().and_then(|d| d.conversation_id.clone()));
        let Some(conversation) = of.filter(|_| self.begin()) else { return };
        spawn_local(async move {
            let result = self.client.start(&conversation, &new).await;
            self.panel.is_busy.set(false);
            match result {
                Ok(detail) => self.shell.go(Launch::Session { id: detail.summary.id, customer_id: None }),
                Err(found) => self.end(found),
            }
        });
    }

    fn next(self) {
        // Each press would be another wish, and take another customer.
        if !self.begin() {
            return;
        }
        spawn_local(async move {
            let result = self.client.next().await;
            self.panel.is_busy.set(false);
            match result {
                Ok(Some(detail)) => self.shell.go(Launch::Session { id: detail.summary.id, customer_id: None }),
                Ok(None) => self.panel.notice.set(Some(Notice::Done(Done::NobodyWaits))),
                Err(found) => self.end(found),
            }
        });
    }
}

/// The callbacks need the work and the work needs the callbacks: they meet in this cell.
fn panel(cell: Stored<Option<Work>>, me: Me, is_beside_list: bool) -> Panel {
    let run = move |act: &dyn Fn(Work)| {
        if let Some(Some(work)) = cell.try_get_value() {
            act(work);
        }
    };
    Panel {
        detail: State::new(None),
        sheet: State::new(Sheet::None),
        choice: State::new(Choice::default()),
        reveals: State::new(Reveals::default()),
        notice: State::new(None),
        is_busy: State::new(false),
        viewer: State::new(Viewer::default()),
        aways: Stored::new(0),
        link: State::new(None),
        who: Stored::new(format!("{} {}", me.person.name, &me.person.id.to_string()[..8])),
        on_photos: Callback::new(move |reason: String| run(&|w| w.photos(&reason))),
        reasons: Stored::new(me.reasons),
        queues: Stored::new(me.queues),
        languages: Stored::new(me.languages),
        on_start: Callback::new(move |new: StartForConversation| run(&|w| w.start_anew(new.clone()))),
        is_beside_list,
        on_act: Callback::new(move |(act, choice): (Act, Choice)| {
            run(&|w| match act {
                Act::SendLink => w.link(true),
                act => w.queue(Job::Act(act, choice.clone())),
            });
        }),
        on_new_link: Callback::new(move |()| run(&|w| w.link(false))),
        on_mark: Callback::new(move |(code, mark): (String, _)| run(&|w| w.queue(Job::Mark(code.clone(), mark)))),
        on_note: Callback::new(move |text: String| run(&|w| w.queue(Job::Note(text.clone())))),
        on_reveal: Callback::new(move |(places, reason): (Vec<Place>, String)| {
            run(&|w| w.reveal(places.clone(), &reason));
        }),
        on_next: Callback::new(move |()| run(&Work::next)),
        on_retry: Callback::new(move |()| run(&Work::retry)),
        on_prove: Callback::new(move |()| run(&Work::prove)),
    }
}
