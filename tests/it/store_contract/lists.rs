//! Lists: who sees which sessions, in which order, page by page.

use std::collections::BTreeSet;

use kyc_desk::domain::session::State;
use kyc_desk::domain::session::{Flag, Session};
use kyc_desk::store::sessions::{Cursor, Filter, Queues};
use kyc_wire::ids::SessionId;
use kyc_wire::list::{Sort, View};

use super::{Database, NOW, held, id, person, session, waiting};

const LATER: i64 = 1000;

fn filter(view: View) -> Filter {
    let now = NOW.plus_seconds(LATER);
    Filter {
        view,
        status: None,
        queues: Queues::All,
        q: None,
        person: person(7),
        now,
        midnight: NOW.plus_seconds(-3600),
        waiting_before: now.plus_seconds(-120),
        approval_before: now.plus_seconds(-3600),
        slow_before: now.plus_seconds(-30),
    }
}

fn only(name: &str) -> Queues {
    Queues::of(&[name.to_owned()])
}

fn flagged(session: Session) -> Session {
    Session { flag: Some(Flag { reason: "second_look".to_owned(), at: NOW }), ..session }
}

async fn listed(db: &Database, filter: &Filter) -> Vec<SessionId> {
    let found = db.read().await.list_sessions(filter, (Sort::Oldest, None), 100).await.unwrap();
    let counted = db.read().await.count_sessions(filter).await.unwrap();
    assert_eq!(found.len(), counted as usize, "the count of {:?} is another", filter.view);
    found.iter().map(|session| session.id).collect()
}

pub async fn the_oldest_free_session_of_my_queues_is_next(db: &Database) {
    db.keep(&[flagged(waiting(1)), held(2, 8), session(3), waiting(4), waiting(5)]).await;
    let mut tx = db.read().await;
    let next = tx.find_next_waiting(&only("retail-de"), None, NOW).await.unwrap();
    assert_eq!(next.map(|session| session.id), Some(id(4)));
    assert!(tx.find_next_waiting(&only("business-de"), None, NOW).await.unwrap().is_none());
    // The lease of the second one has run out.
    let next = tx.find_next_waiting(&Queues::All, None, NOW.plus_seconds(7200)).await.unwrap();
    assert_eq!(next.map(|session| session.id), Some(id(2)));
}

pub async fn each_view_holds_what_it_says(db: &Database) {
    let proposed = |n, by| Session {
        state: State::FinalApproval { proposed_by: person(by) },
        involved: BTreeSet::from([person(by)]),
        ..session(n)
    };
    let rejected = Session { state: State::Rejected { reason: "forged".to_owned() }, ..session(7) };
    let long = Session { state_since: NOW.plus_seconds(LATER - 3600), ..proposed(9, 8) };
    let young = Session { state_since: NOW.plus_seconds(LATER - 5), ..waiting(8) };
    let all = [
        flagged(waiting(1)),
        held(2, 7),
        held(3, 8),
        waiting(4),
        proposed(5, 7),
        proposed(6, 8),
        rejected,
        young,
        long,
    ];
    db.keep(&all).await;
    let expected: [(View, &[u128]); 8] = [
        (View::NeedsMyApproval, &[6, 9]),
        (View::Flagged, &[1]),
        (View::Waiting, &[4]),
        (View::Overdue, &[1, 4, 9]),
        (View::RejectedToday, &[7]),
        (View::Mine, &[2]),
        (View::Open, &[1, 2, 3, 4, 5, 6, 8, 9]),
        (View::All, &[1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ];
    for (view, ids) in expected {
        assert_eq!(listed(db, &filter(view)).await, ids.iter().map(|n| id(*n)).collect::<Vec<_>>(), "{view:?}");
    }
    assert!(listed(db, &Filter { queues: only("business-de"), ..filter(View::All) }).await.is_empty());
    let status = Some(kyc_wire::session::Status::Rejected);
    assert_eq!(listed(db, &Filter { status, ..filter(View::All) }).await, [id(7)]);
}

pub async fn pages_leave_nothing_out_and_repeat_nothing(db: &Database) {
    // Two of each second, so that only the id tells them apart; every third is flagged.
    let made = (1..=9).map(|n| {
        let same_time = Session { created_at: NOW.plus_seconds((n / 2).into()), state_since: NOW, ..waiting(n) };
        if n % 3 == 0 { flagged(same_time) } else { same_time }
    });
    db.keep(&made.collect::<Vec<_>>()).await;
    for sort in [Sort::Urgency, Sort::Newest, Sort::Oldest] {
        let filter = filter(View::All);
        let whole = db.read().await.list_sessions(&filter, (sort, None), 100).await.unwrap();
        let mut paged: Vec<Session> = Vec::new();
        loop {
            let cursor = paged.last().map(|last| Cursor {
                is_flagged: last.flag.is_some(),
                at: if sort == Sort::Urgency { last.state_since } else { last.created_at },
                id: last.id,
            });
            let page = db.read().await.list_sessions(&filter, (sort, cursor.as_ref()), 2).await.unwrap();
            if page.is_empty() {
                break;
            }
            paged.extend(page);
        }
        assert_eq!(paged.len(), 9, "{sort:?}");
        assert_eq!(paged, whole, "{sort:?}");
        assert_eq!(sort == Sort::Urgency, paged[..3].iter().all(|session| session.flag.is_some()));
    }
}

pub async fn a_search_takes_whole_ids_and_beginnings_of_session_ids(db: &Database) {
    db.keep(&[session(1), session(2), session(12)]).await;
    let found = async |q: &str| listed(db, &Filter { q: Some(q.to_owned()), ..filter(View::All) }).await;
    assert_eq!(found("C-1").await, [id(1)]);
    assert_eq!(found("conv-12").await, [id(12)]);
    assert_eq!(found(&id(2).to_string()).await, [id(2)]);
    assert_eq!(found(&id(2).to_string()[..8].to_uppercase()).await.len(), 3);
    assert!(found("C-").await.is_empty());
    assert!(found("%").await.is_empty());
}

pub async fn what_wakes_is_listed_in_time(db: &Database) {
    let mut tx = db.write().await;
    tx.insert_session(&session(1), Some(NOW.plus_seconds(60))).await.unwrap();
    tx.insert_session(&session(2), Some(NOW.plus_seconds(30))).await.unwrap();
    tx.insert_session(&session(3), None).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.read().await;
    assert!(tx.list_waking(false, NOW, 10).await.unwrap().is_empty());
    assert_eq!(tx.list_waking(false, NOW.plus_seconds(30), 10).await.unwrap(), [id(2)]);
    assert_eq!(tx.list_waking(false, NOW.plus_seconds(90), 10).await.unwrap(), [id(2), id(1)]);
    assert!(tx.list_waking(true, NOW.plus_seconds(90), 10).await.unwrap().is_empty());
    assert_eq!(tx.list_waking(false, NOW.plus_seconds(90), 1).await.unwrap(), [id(2)]);
}
