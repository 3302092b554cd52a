//! Who is signed in: sign-ins by person, and those that a search finds.

use kyc_wire::ids::{PersonId, SignInId};
use kyc_wire::session::Colleague;
use kyc_wire::sign_ins::SignInSummary;

/// A person with her sign-ins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub who: Colleague,
    /// Hers, the most recently active first.
    pub sign_ins: Vec<SignInSummary>,
}

impl Person {
    /// Whether there are several that can be ended at once.
    pub fn has_several(&self) -> bool {
        self.sign_ins.iter().filter(|of| !of.is_mine).count() > 1
    }
}

/// What is to be ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// One.
    One(SignInId),
    /// All of a person.
    All(PersonId),
}

/// People by name, of whom each word of the search is somewhere in the name.
pub fn by_person(items: &[SignInSummary], search: &str) -> Vec<Person> {
    let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    let mut people: Vec<Person> = Vec::new();
    for of in items {
        let name = of.person.name.to_lowercase();
        if !words.iter().all(|word| name.contains(word)) {
            continue;
        }
        match people.iter_mut().find(|known| known.who.id == of.person.id) {
            Some(known) => known.sign_ins.push(of.clone()),
            None => people.push(Person { who: of.person.clone(), sign_ins: vec![of.clone()] }),
        }
    }
    people.sort_by_cached_key(|person| (person.who.name.to_lowercase(), person.who.id));
    people
}

#[cfg(test)]
mod tests {
    use kyc_wire::ids::Micros;
    use kyc_wire::me::Role;
    use kyc_wire::sign_ins::Browser;

    use super::*;

    fn of(number: u32, person: u32, name: &str, is_mine: bool) -> SignInSummary {
        let id = |number: u32| format!("01890000-0000-7000-8000-{number:012}");
        SignInSummary {
            id: id(number).parse().unwrap(),
            person: Colleague { id: id(person).parse().unwrap(), name: name.to_owned() },
            roles: vec![Role::Agent],
            idp: "bank".to_owned(),
            browser: Browser::Chrome,
            created_at: Micros(1),
            last_activity_at: Micros(2),
            is_mine,
        }
    }

    fn names(people: &[Person]) -> Vec<(&str, usize)> {
        people.iter().map(|person| (&*person.who.name, person.sign_ins.len())).collect()
    }

    #[test]
    fn sign_ins_stand_with_their_person_and_people_in_order() {
        let items =
            [of(1, 7, "Tomás Okafor", false), of(2, 8, "mira Lindqvist", false), of(3, 7, "Tomás Okafor", false)];
        let people = by_person(&items, "");
        assert_eq!(names(&people), [("mira Lindqvist", 1), ("Tomás Okafor", 2)]);
        assert!(people[1].has_several() && !people[0].has_several());
    }

    #[test]
    fn people_of_one_name_stay_two() {
        let items = [of(1, 7, "Jo Abara", false), of(2, 8, "Jo Abara", false)];
        assert_eq!(by_person(&items, "").len(), 2);
    }

    #[test]
    fn a_search_finds_by_any_part_of_the_name_in_any_order() {
        let items = [of(1, 7, "Tomás Okafor", false), of(2, 8, "Mira Lindqvist", false)];
        for (search, found) in [("oka", 1), ("lind MIRA", 1), (" ", 2), ("mira oka", 0)] {
            assert_eq!(by_person(&items, search).len(), found, "{search}");
        }
    }

    #[test]
    fn ones_own_is_not_among_those_that_can_be_ended_together() {
        let items = [of(1, 7, "Ravi Lund", true), of(2, 7, "Ravi Lund", false)];
        assert!(!by_person(&items, "")[0].has_several());
    }
}
