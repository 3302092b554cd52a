//! Starting a session by hand: which queues can be chosen, and which one is at first.

/// What the field for the queue offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queues {
    /// The queues to choose from; none where any may be typed.
    pub named: Vec<String>,
    /// The one that is there at first.
    pub first: String,
}

/// For whoever works in `all`, where `wanted` is known from before. Who may work in every queue types any; of the others only what can be
/// chosen is there at first, because what is shown must be what is sent.
pub fn queues(all: Vec<String>, wanted: String) -> Queues {
    let is_any = all.iter().any(|queue| queue == "*");
    let named: Vec<String> = all.into_iter().filter(|queue| queue != "*").collect();
    let is_known = if is_any { !wanted.is_empty() } else { named.contains(&wanted) };
    let first = if is_known { wanted } else { named.first().cloned().unwrap_or_default() };
    Queues { named: if is_any { Vec::new() } else { named }, first }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(all: &[&str], wanted: &str) -> (usize, String) {
        let found = queues(all.iter().map(|queue| (*queue).to_owned()).collect(), wanted.to_owned());
        (found.named.len(), found.first)
    }

    #[test]
    fn who_may_work_in_every_queue_types_any() {
        assert_eq!(of(&["*", "retail-de"], "business-de"), (0, "business-de".to_owned()));
        assert_eq!(of(&["*", "retail-de"], ""), (0, "retail-de".to_owned()));
        assert_eq!(of(&["*"], ""), (0, String::new()));
    }

    #[test]
    fn what_is_there_at_first_can_be_chosen() {
        assert_eq!(of(&["retail-de", "retail-at"], "retail-at"), (2, "retail-at".to_owned()));
        assert_eq!(of(&["retail-de", "retail-at"], "business-de"), (2, "retail-de".to_owned()));
    }
}
