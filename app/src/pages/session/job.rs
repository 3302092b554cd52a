//! One thing the agent wants done, and the request it becomes once its turn has come. Bodies are written then, not earlier, so
//! that three quick marks each name the version the one before has made.

use kyc_wire::routes;
use kyc_wire::session::{Act, Mark, MarkItem, Plain, Recapture, SessionDetail, Take, WithReason, WriteNote};

use crate::api::Intent;
use crate::state::panel::Choice;

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// An act with what was chosen for it.
    Act(Act, Choice),
    /// Mark a line of the checklist.
    Mark(String, Mark),
    /// Save a note.
    Note(String),
    /// Keep the lease.
    Renew,
}

impl Job {
    /// The request, on what is known of the session now; none when something that must be chosen is not.
    pub fn intent(&self, detail: &SessionDetail) -> Option<Intent> {
        let (id, expected_version) = (detail.summary.id, detail.summary.version);
        Some(match self {
            Self::Renew => Intent::of_session(routes::RENEW, id, &Plain { expected_version }),
            Self::Mark(item, mark) => {
                let body = MarkItem { expected_version, item: item.clone(), mark: *mark };
                Intent::of_session(routes::MARK, id, &body)
            }
            Self::Note(text) => Intent::of_session(routes::NOTE, id, &WriteNote { text: text.clone() }),
            Self::Act(Act::Recapture, choice) => {
                let (item, reason) = (choice.item?, choice.reason.clone()?);
                Intent::of_session(routes::RECAPTURE, id, &Recapture { expected_version, item, reason })
            }
            Self::Act(act, choice) => of_act(*act, choice, detail)?,
        })
    }
}

fn of_act(act: Act, choice: &Choice, detail: &SessionDetail) -> Option<Intent> {
    let (id, expected_version) = (detail.summary.id, detail.summary.version);
    let route = route(act)?;
    Some(match act {
        Act::Take | Act::TakeOver | Act::Propose => {
            Intent::of_session(route, id, &Take { expected_version, reason: choice.reason.clone() })
        }
        Act::Release | Act::Withdraw | Act::PoorPicture | Act::Approve | Act::Unflag => {
            Intent::of_session(route, id, &Plain { expected_version })
        }
        _ => Intent::of_session(route, id, &WithReason { expected_version, reason: choice.reason.clone()? }),
    })
}

const fn route(act: Act) -> Option<&'static str> {
    Some(match act {
        Act::Take | Act::TakeOver => routes::TAKE,
        Act::Release => routes::RELEASE,
        Act::Withdraw => routes::WITHDRAW,
        Act::PoorPicture => routes::POOR_PICTURE,
        Act::Escalate => routes::ESCALATE,
        Act::Propose => routes::PROPOSE,
        Act::Reject => routes::REJECT,
        Act::CouldNotVerify => routes::COULD_NOT_VERIFY,
        Act::Approve => routes::APPROVE,
        Act::Return => routes::RETURN,
        Act::Reopen => routes::REOPEN,
        Act::Unflag => routes::UNFLAG,
        Act::Recapture | Act::Reveal | Act::Mark | Act::Note | Act::SendLink => return None,
    })
}
