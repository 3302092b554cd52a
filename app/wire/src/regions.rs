//! The regions of Genesys Cloud, as data: `regions.tsv` beside this file has one a line, with the name of its environment (`-` where none
//! is known), its AWS region and its domain.
//!
//! The pairs are those of the public Client App SDK (npm `purecloud-client-app-sdk`, 2.7.0) and of the platform SDK for JavaScript. The
//! list grows: a region that is not in it can be given by its addresses in the configuration.

/// One region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// What `{{gcTargetEnv}}` carries; none where it has not been seen.
    pub environment: Option<&'static str>,
    /// The AWS region, as Terraform names it.
    pub aws: &'static str,
    /// The domain, under which the hosts `apps`, `api` and `login` are.
    pub domain: &'static str,
}

impl Region {
    /// Every region.
    pub fn all() -> impl Iterator<Item = Self> {
        include_str!("regions.tsv").lines().filter_map(|line| {
            let mut parts = line.split('\t');
            let environment = parts.next().filter(|name| *name != "-");
            Some(Self { environment, aws: parts.next()?, domain: parts.next()? })
        })
    }

    /// The region that is meant by the name of an environment, of an AWS region, or by a domain.
    pub fn find(name: &str) -> Option<Self> {
        Self::all().find(|region| region.environment == Some(name) || region.aws == name || region.domain == name)
    }

    /// One of its hosts, such as `https://apps.mypurecloud.de`.
    pub fn origin(&self, host: &str) -> String {
        format!("https://{host}.{}", self.domain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_region_and_no_name_is_used_twice() {
        let all: Vec<Region> = Region::all().collect();
        assert_eq!(all.len(), include_str!("regions.tsv").lines().count());
        let mut names: Vec<&str> =
            all.iter().flat_map(|one| [one.aws, one.domain].into_iter().chain(one.environment)).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(
            names
                .iter()
                .all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b)))
        );
    }

    #[test]
    fn a_region_is_found_by_any_of_its_names() {
        for name in ["prod-euc1", "eu-central-1", "mypurecloud.de"] {
            assert_eq!(Region::find(name).unwrap().origin("apps"), "https://apps.mypurecloud.de");
        }
        assert_eq!(Region::find("eusc-de-east-1").unwrap().environment, None);
        for name in ["", "-", "prod-xyz", "evil.example", "MYPURECLOUD.DE"] {
            assert_eq!(Region::find(name), None, "{name}");
        }
    }
}
