//! What was shown, and how often.

use super::*;

#[test]
fn reveals_run_out() {
    let mut desk = Desk::with_result();
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    for _ in 0..desk.policy.reveals_per_person {
        desk.staff(mira(), StaffCommand::Reveal).unwrap();
    }
    assert_eq!(desk.staff(mira(), StaffCommand::Reveal), Err(Refusal::TooMany));
}

#[test]
fn one_look_at_the_photos_is_one_reveal_for_as_long_as_they_are_shown() {
    let mut desk = Desk::with_result();
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    let seconds = i64::from(3 * desk.policy.reveal_seconds);
    for looks in 1..=desk.policy.reveals_per_person {
        desk.staff(mira(), StaffCommand::Renew).unwrap();
        for _ in 0..6 {
            desk.staff(mira(), StaffCommand::Look).unwrap();
            assert_eq!(desk.session.reveals[&mira().person], looks);
        }
        desk.wait(seconds - 1);
        desk.staff(mira(), StaffCommand::Look).unwrap();
        assert_eq!(desk.session.reveals[&mira().person], looks, "they are still shown");
        assert!(desk.staff(tomas(), StaffCommand::Look).is_err(), "her look is nobody else's");
        desk.wait(1);
    }
    desk.staff(mira(), StaffCommand::Renew).unwrap();
    assert_eq!(desk.staff(mira(), StaffCommand::Look), Err(Refusal::TooMany));
    assert_eq!(desk.staff(mira(), StaffCommand::Reveal), Err(Refusal::TooMany));
    let offer = |act| desk.session.offers(mira(), &desk.policy, desk.now).into_iter().find(|offer| offer.act == act);
    assert_eq!(offer(Act::Reveal).unwrap().blocked_by, Some(Blocker::UsedUp));
    assert_eq!(offer(Act::Escalate).unwrap().blocked_by, None);
}

#[test]
fn what_was_not_shown_after_all_does_not_count() {
    let mut desk = Desk::with_result();
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    for (command, is_look) in [(StaffCommand::Look, true), (StaffCommand::Reveal, false)] {
        desk.staff(mira(), command.clone()).unwrap();
        desk.report(Report::NotShown { to: mira().person, is_look }).unwrap();
        assert_eq!(desk.session.reveals[&mira().person], 0, "{command:?}");
    }
    desk.staff(mira(), StaffCommand::Look).unwrap();
    assert_eq!(desk.session.reveals[&mira().person], 1, "a look that never began does not go on");
    assert!(desk.session.involved.contains(&mira().person), "but she was there");
}

#[test]
fn a_case_kept_by_the_previous_release_has_no_look_under_way() {
    let mut kept = serde_json::to_value(&Desk::with_result().session).unwrap();
    kept.as_object_mut().unwrap().remove("looks").unwrap();
    assert!(serde_json::from_value::<Session>(kept).unwrap().looks.is_empty());
}

#[test]
fn an_item_that_was_asked_for_often_enough_is_not_offered() {
    let mut desk = Desk::with_result();
    for item in CaptureItem::ALL {
        let is_offered = |desk: &Desk| {
            let offers = desk.session.offers(mira(), &desk.policy, desk.now);
            offers.iter().any(|offer| offer.act == Act::Recapture && offer.blocked_by.is_none())
        };
        for _ in 0..desk.policy.recaptures_per_item {
            desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
            assert!(is_offered(&desk));
            desk.staff(mira(), StaffCommand::Recapture { item, reason: "glare".to_owned() }).unwrap();
        }
        assert!(desk.session.asked_enough(&desk.policy).contains(&item));
    }
    desk.staff(mira(), StaffCommand::Take { reason: None }).unwrap();
    let offers = desk.session.offers(mira(), &desk.policy, desk.now);
    let ask = offers.iter().find(|offer| offer.act == Act::Recapture).unwrap();
    assert_eq!(ask.blocked_by, Some(Blocker::UsedUp));
}
