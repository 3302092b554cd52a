//! `PostgreSQL`, which the tests start themselves.

use std::fs;
use std::path::Path;

use crate::{Outcome, debian, workspace};

/// Where Debian's packages put the programs of each version.
const PACKAGED: &str = "/usr/lib/postgresql";

/// Finds a server's programs or installs Debian's package.
pub fn ensure() -> Outcome {
    if workspace::find_program("initdb").is_some() || is_packaged(Path::new(PACKAGED)) {
        return Ok(());
    }
    debian::install(&["postgresql"])
}

fn is_packaged(folder: &Path) -> bool {
    let versions = fs::read_dir(folder).into_iter().flatten().flatten();
    versions.map(|version| version.path().join("bin").join("initdb")).any(|program| program.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_counts_when_it_has_the_program_that_makes_a_database() {
        let folder = std::env::temp_dir().join(format!("kyc-desk-packaged-{}", std::process::id()));
        let programs = folder.join("15").join("bin");
        fs::create_dir_all(&programs).unwrap();
        assert!(!is_packaged(&folder));
        fs::write(programs.join("initdb"), "").unwrap();
        assert!(is_packaged(&folder));
        fs::remove_dir_all(folder).unwrap();
    }
}
