//! What an identity provider is asked to prove besides who somebody is, and whether it did.
//!
//! What was asked for is no proof: only what comes back counts. It is judged by facts that every protocol gives: OpenID Connect as
//! `auth_time` and `acr`, SAML as the instant and the class of the authentication.

use kyc_wire::ids::Micros;

use crate::domain::policy::Proof;

/// Clocks may differ by this much, in seconds.
const LEEWAY_SECONDS: i64 = 60;

/// A proof that an act asks for, from a certain moment on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// What the policy asks for.
    pub proof: Proof,
    /// When it was asked for.
    pub since: Micros,
}

impl Demand {
    /// Whether it must be given now, whatever was proven before.
    pub const fn is_for_now(&self) -> bool {
        self.proof.max_age_seconds == 0
    }

    /// Judges what came back: when she proved who she is (seconds since 1970), and in which ways. The code when it is not enough.
    pub fn check(&self, auth_time: Option<i64>, reached: &[String]) -> Result<(), &'static str> {
        let since = self.since.0.div_euclid(1_000_000);
        let earliest = since - i64::from(self.proof.max_age_seconds) - LEEWAY_SECONDS;
        if auth_time.ok_or("auth_time_missing")? < earliest {
            return Err("auth_time_too_old");
        }
        let accepted = &self.proof.acr_values;
        if accepted.is_empty() || reached.iter().any(|way| accepted.contains(way)) {
            Ok(())
        } else {
            Err("acr_not_accepted")
        }
    }
}

/// The ways of proving who one is that are accepted: those that an act asks for, in place of those that are `usual` for signing in.
pub fn ways<'a>(demand: Option<&'a Demand>, usual: &'a [String]) -> &'a [String] {
    demand.map(|demand| &*demand.proof.acr_values).filter(|ways| !ways.is_empty()).unwrap_or(usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demand(acr_values: &[&str], max_age_seconds: u32) -> Demand {
        let acr_values = acr_values.iter().map(|&acr| acr.to_owned()).collect();
        Demand { proof: Proof { acr_values, max_age_seconds }, since: Micros(10_000_500_000) }
    }

    #[test]
    fn it_must_have_been_proven_since_it_was_asked_for() {
        let now = demand(&[], 0);
        assert_eq!(now.check(Some(10_000), &[]), Ok(()));
        assert_eq!(now.check(Some(9_940), &[]), Ok(()), "clocks may differ by a minute");
        assert_eq!(now.check(Some(9_939), &[]), Err("auth_time_too_old"));
        assert_eq!(now.check(None, &[]), Err("auth_time_missing"));
    }

    #[test]
    fn or_as_long_before_as_the_policy_allows() {
        let lately = demand(&[], 300);
        assert_eq!(lately.check(Some(9_640), &[]), Ok(()));
        assert_eq!(lately.check(Some(9_639), &[]), Err("auth_time_too_old"));
        assert!(!lately.is_for_now());
    }

    #[test]
    fn one_of_the_accepted_ways_must_have_been_reached() {
        let strong = demand(&["phr", "phrh"], 0);
        let reached =
            |ways: &[&str]| strong.check(Some(10_000), &ways.iter().map(|&w| w.to_owned()).collect::<Vec<_>>());
        assert_eq!(reached(&["phrh"]), Ok(()));
        assert_eq!(reached(&["c1", "phr"]), Ok(()));
        for ways in [&[][..], &["pwd"], &["PHR"], &["phr phrh"]] {
            assert_eq!(reached(ways), Err("acr_not_accepted"), "{ways:?}");
        }
    }
}
