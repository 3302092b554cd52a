//! Finished sessions: what came out, and what happens next.

use crate::text::{Say, say};
use kyc_wire::session::Status;

/// What a final state means for the agent, and the next step; `can_start_anew`: whether another verification can be started right here.
pub const fn of(status: Status, can_start_anew: bool) -> Option<Say> {
    Some(match status {
        Status::CouldNotVerify if can_start_anew => say(
            "Ended for technical reasons, without a judgement about the customer. Start another verification here, or offer another way.",
            "Aus technischen Gründen beendet, ohne Urteil über die Person. Starten Sie hier eine neue Prüfung, oder bieten Sie einen anderen Weg an.",
        ),
        Status::Expired | Status::Abandoned if can_start_anew => say(
            "The customer did not finish. If she is here again, start another verification here.",
            "Die Prüfung kam nicht zum Ende. Geht es weiter, starten Sie hier eine neue Prüfung.",
        ),
        Status::Approved => say(
            "The customer is verified. The bank's system has been told; there is nothing left to do here.",
            "Die Prüfung ist bestanden. Das System der Bank ist informiert; hier ist nichts mehr zu tun.",
        ),
        Status::Rejected => say(
            "The verification was refused. The customer hears only the agreed sentence. A supervisor can open the case again.",
            "Die Prüfung wurde abgelehnt. Nach außen gilt nur der vereinbarte Satz. Die Leitung kann den Fall wieder öffnen.",
        ),
        Status::CouldNotVerify => say(
            "Ended for technical reasons, without a judgement about the customer. Offer a new appointment or another way.",
            "Aus technischen Gründen beendet, ohne Urteil über die Person. Bieten Sie einen neuen Termin oder einen anderen Weg an.",
        ),
        Status::Expired => say(
            "The customer did not come back in time. If she calls again, start a new verification.",
            "Die Zeit ist abgelaufen. Bei einem neuen Anruf starten Sie eine neue Prüfung.",
        ),
        Status::Abandoned => say(
            "The customer broke off. If she calls again, start a new verification.",
            "Das Gespräch wurde von der Kundin oder dem Kunden abgebrochen. Bei einem neuen Anruf starten Sie eine neue Prüfung.",
        ),
        _ => return None,
    })
}
