//! `[customer]`: the customer's page and the links that lead to it.

use std::path::PathBuf;

use serde::Deserialize;
use url::Url;

use super::Problems;
use super::http::require_https;
use crate::texts::Texts;

/// The section as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CustomerSection {
    bank_name: String,
    link_hours: u32,
    mobile_app_url: Option<Url>,
    texts_folder: Option<PathBuf>,
    requests_per_minute: u32,
}

impl Default for CustomerSection {
    fn default() -> Self {
        Self {
            bank_name: String::new(),
            link_hours: 24,
            mobile_app_url: None,
            texts_folder: None,
            requests_per_minute: 300,
        }
    }
}

/// The customer's page.
#[derive(Debug)]
pub struct Customer {
    /// What the page calls the bank; empty where it does not.
    pub bank_name: String,
    /// For how long a link is good.
    pub link_seconds: u32,
    /// Where the bank's mobile app is to be had.
    pub mobile_app_url: Option<Url>,
    /// Requests of one link.
    pub requests_per_minute: u32,
    /// What customers read.
    pub texts: Texts,
}

impl CustomerSection {
    pub(super) fn validate(self, problems: &mut Problems) -> Customer {
        if !(1..=168).contains(&self.link_hours) {
            problems.add("customer.link_hours", "must lie between 1 and 168");
        }
        if self.requests_per_minute == 0 {
            problems.add("customer.requests_per_minute", "must let somebody in");
        }
        if let Some(url) = &self.mobile_app_url {
            require_https("customer.mobile_app_url", url, problems);
        }
        let texts = self.texts_folder.map(|folder| Texts::with_folder(&folder)).transpose();
        let texts = texts.unwrap_or_else(|wrong| {
            for what in wrong {
                problems.add("customer.texts_folder", what);
            }
            None
        });
        Customer {
            bank_name: self.bank_name,
            link_seconds: self.link_hours.saturating_mul(3600),
            mobile_app_url: self.mobile_app_url,
            requests_per_minute: self.requests_per_minute,
            texts: texts.unwrap_or_default(),
        }
    }
}
