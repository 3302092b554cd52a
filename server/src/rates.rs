//! How often somebody may ask: a small window per key, in memory. It protects single doors (redeeming, tokens), not the whole house.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use kyc_wire::ids::Micros;

/// Keys remembered at most; beyond that the oldest windows are forgotten.
const MAX_KEYS: usize = 10_000;

/// Counts per key and window.
#[derive(Debug, Default)]
pub struct Rates(Mutex<HashMap<String, (Micros, u32)>>);

impl Rates {
    /// Counts one request; false when there were more than `limit` within `seconds`.
    pub fn allow(&self, key: &str, (limit, seconds): (u32, i64), now: Micros) -> bool {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= MAX_KEYS {
            windows.retain(|_, (began, _)| now.seconds_since(*began) < seconds);
        }
        let window = windows.entry(key.to_owned()).or_insert((now, 0));
        if now.seconds_since(window.0) >= seconds {
            *window = (now, 0);
        }
        window.1 += 1;
        window.1 <= limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_fills_and_empties() {
        let rates = Rates::default();
        let at = |seconds| Micros(0).plus_seconds(seconds);
        assert!(rates.allow("a", (2, 10), at(0)) && rates.allow("a", (2, 10), at(1)));
        assert!(!rates.allow("a", (2, 10), at(9)));
        assert!(rates.allow("b", (2, 10), at(9)) && rates.allow("a", (2, 10), at(10)));
    }
}
