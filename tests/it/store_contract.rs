//! What every method of the store means, told as stories and held against each database.

mod chain;
mod codes;
mod conversations;
mod customers;
mod keeping;
mod lists;
mod once;
mod people;

use std::sync::Arc;

use kyc_desk::clock::FixedClock;
use kyc_desk::domain::names::{ConversationId, CustomerId, Queue};
use kyc_desk::domain::policy::Policy;
use kyc_desk::domain::session::State;
use kyc_desk::domain::session::{Channel, Lease, NewSession, Session};
use kyc_desk::store::postgres::PostgresStore;
use kyc_desk::store::sqlite::SqliteStore;
use kyc_desk::store::{Store, TenantId, Tx};
use kyc_tests::database::Kind;
use kyc_wire::ids::{Micros, PersonId, SessionId};
use tempfile::TempDir;
use uuid::Uuid;

const NOW: Micros = Micros(1_795_424_400_000_000);

/// An empty database, and what must live as long as it.
struct Database {
    store: Box<dyn Store>,
    _directory: TempDir,
}

impl Database {
    async fn fresh(kind: Kind) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = kyc_tests::database::Database::fresh(kind, &directory).await.url;
        let clock = Arc::new(FixedClock::at(NOW));
        let store: Box<dyn Store> = match kind {
            Kind::Sqlite => Box::new(SqliteStore::open(&url, clock).await.unwrap()),
            Kind::Postgres => Box::new(PostgresStore::open(&url.into(), clock).await.unwrap()),
        };
        Self { store, _directory: directory }
    }

    async fn write(&self) -> Box<dyn Tx> {
        self.store.begin(&TenantId::default()).await.unwrap()
    }

    async fn read(&self) -> Box<dyn Tx> {
        self.store.read(&TenantId::default()).await.unwrap()
    }

    /// As another tenant sees it.
    async fn elsewhere(&self) -> Box<dyn Tx> {
        self.store.read(&TenantId::new("other")).await.unwrap()
    }

    async fn keep(&self, sessions: &[Session]) {
        let mut tx = self.write().await;
        for session in sessions {
            // What a list is made of is written by an update.
            tx.insert_session(session, None).await.unwrap();
            tx.update_session(session, session.version, None).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
}

/// Every story on every database.
macro_rules! contract {
    ($($story:path => $name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                $story(&super::Database::fresh(super::Kind::Sqlite).await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                $story(&super::Database::fresh(super::Kind::Postgres).await).await;
            })+
        }
    };
}

contract! {
    super::keeping::what_is_not_committed_never_was => what_is_not_committed_never_was,
    super::keeping::a_session_is_kept_whole => a_session_is_kept_whole,
    super::keeping::an_id_is_used_once_and_a_conversation_leads_to_its_latest_session_first => an_id_is_used_once,
    super::keeping::an_update_of_what_has_changed_is_a_conflict => an_update_of_what_has_changed_is_a_conflict,
    super::keeping::a_reader_cannot_write => a_reader_cannot_write,
    super::keeping::another_tenant_sees_nothing => another_tenant_sees_nothing,
    super::keeping::what_is_sealed_comes_back_as_it_was => what_is_sealed_comes_back_as_it_was,
    super::lists::the_oldest_free_session_of_my_queues_is_next => the_oldest_free_session_of_my_queues_is_next,
    super::lists::each_view_holds_what_it_says => each_view_holds_what_it_says,
    super::lists::pages_leave_nothing_out_and_repeat_nothing => pages_leave_nothing_out_and_repeat_nothing,
    super::lists::a_search_takes_whole_ids_and_beginnings_of_session_ids => a_search_takes_whole_ids,
    super::lists::what_wakes_is_listed_in_time => what_wakes_is_listed_in_time,
    super::once::a_webhook_is_accepted_once_and_its_body_goes => a_webhook_is_accepted_once_and_its_body_goes,
    super::once::an_accepted_webhook_is_planned_to_be_applied => an_accepted_webhook_is_planned_to_be_applied,
    super::once::who_hangs_up_while_a_transaction_begins_leaves_none => who_hangs_up_while_a_transaction_begins_leaves_none,
    super::once::webhooks_are_accepted_together_each_once => webhooks_are_accepted_together_each_once,
    super::once::a_job_is_claimed_once_and_again_after_its_time => a_job_is_claimed_once_and_again_after_its_time,
    super::once::a_lost_claim_ends_nothing => a_lost_claim_ends_nothing,
    super::once::a_postponed_job_waits_for_the_latest_of_its_times => a_postponed_job_waits_for_the_latest_of_its_times,
    super::once::a_mark_that_is_taken_away_is_none => a_mark_that_is_taken_away_is_none,
    super::once::jobs_are_claimed_kind_by_kind => jobs_are_claimed_kind_by_kind,
    super::once::a_dead_job_waits_for_an_operator => a_dead_job_waits_for_an_operator,
    super::once::a_mark_is_left_once => a_mark_is_left_once,
    super::once::who_repeats_a_request_waits_for_the_end_of_the_first => who_repeats_a_request_waits,
    super::once::an_access_is_noted_once_in_its_time => an_access_is_noted_once_in_its_time,
    super::once::a_token_ends => a_token_ends,
    super::once::what_is_stale_goes => what_is_stale_goes,
    super::once::what_is_done_goes_and_what_waits_stays => what_is_done_goes_and_what_waits_stays,
    super::once::a_look_is_remembered_until_its_time_is_over => a_look_is_remembered_until_its_time_is_over,
    super::once::a_webhook_that_was_never_applied_goes_and_its_job_is_given_up => a_webhook_that_was_never_applied_goes,
    super::once::what_the_bank_is_told_of_a_session_can_be_said_otherwise => what_the_bank_is_told_can_be_said_otherwise,
    super::people::a_person_is_who_her_idp_says => a_person_is_who_her_idp_says,
    super::people::a_sign_in_goes_one_way_and_once => a_sign_in_goes_one_way_and_once,
    super::people::a_sign_in_ends_by_idleness_by_time_and_by_word => a_sign_in_ends_by_idleness_by_time_and_by_word,
    super::people::a_sign_in_is_known_to_its_own_tenant => a_sign_in_is_known_to_its_own_tenant,
    super::people::a_logout_is_of_whom_it_names => a_logout_is_of_whom_it_names,
    super::people::a_logout_counts_once_and_is_remembered => a_logout_counts_once_and_is_remembered,
    super::people::an_assertion_counts_once_until_it_could_not_count_anyway => an_assertion_counts_once_until_it_could_not_count_anyway,
    super::people::a_logout_ends_what_waits_to_be_redeemed => a_logout_ends_what_waits_to_be_redeemed,
    super::people::a_proof_is_of_one_sign_in_for_one_act_and_taken_once => a_proof_is_taken_once,
    super::people::what_is_vouched_for_anew_replaces_what_was => what_is_vouched_for_anew_replaces_what_was,
    super::people::a_web_session_is_only_updated_while_it_is_there => a_web_session_is_only_updated_while_it_is_there,
    super::conversations::a_person_is_known_by_what_her_idp_said_last => a_person_is_known_by_what_her_idp_said_last,
    super::conversations::who_was_on_a_conversation_is_known_for_a_time => who_was_on_a_conversation_is_known_for_a_time,
    super::conversations::the_next_is_of_no_conversation_or_of_hers => the_next_is_of_no_conversation_or_of_hers,
    super::conversations::attributes_change_only_when_they_say_something_else => attributes_change_only_when_they_say_something_else,
    super::conversations::a_conversation_is_forgotten_when_no_session_belongs_to_it_any_more => a_conversation_is_forgotten,
    super::customers::a_link_is_found_until_it_is_taken_back => a_link_is_found_until_it_is_taken_back,
    super::customers::an_upload_counts_its_parts_and_another_of_the_item_replaces_it => an_upload_counts_its_parts,
    super::customers::a_document_replaces_an_earlier_one_of_its_item_and_source => a_document_replaces_an_earlier_one_of_its_item_and_source,
    super::codes::a_code_has_its_tries_its_time_and_one_use => a_code_has_its_tries_its_time_and_one_use,
    super::codes::a_ticket_is_replaced_while_nobody_has_begun => a_ticket_is_replaced_while_nobody_has_begun,
    super::chain::entries_form_one_chain => entries_form_one_chain,
    super::chain::an_entry_stands_for_ever => an_entry_stands_for_ever,
}

fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(0x0198_c5a0_0000_7000_8000_0000_0000_0000 + n)
}

fn person(n: u128) -> PersonId {
    PersonId::new(uuid(n))
}

fn id(n: u128) -> SessionId {
    SessionId::new(uuid(n))
}

/// A session that was opened `n` seconds after noon.
fn session(n: u32) -> Session {
    let new = NewSession {
        id: id(n.into()),
        queue: Queue::parse("retail-de").unwrap(),
        customer_id: CustomerId::parse(&format!("C-{n}")).unwrap(),
        conversation_id: Some(ConversationId::parse(&format!("conv-{n}")).unwrap()),
        channel: Channel::Video,
        integration: "veriff-de".to_owned(),
        language: kyc_desk::domain::names::Language::default(),
    };
    Session::open(new, &Policy::default(), NOW.plus_seconds(n.into())).session
}

/// The same, waiting for an agent.
fn waiting(n: u32) -> Session {
    Session { state: State::AgentVerification { error_ref: None }, ..session(n) }
}

/// The same, held by somebody until an hour later.
fn held(n: u32, by: u128) -> Session {
    let lease = Lease { holder: person(by), until: NOW.plus_seconds(3600) };
    Session { lease: Some(lease), last_holder: Some(person(by)), ..waiting(n) }
}
