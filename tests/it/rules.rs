//! The architecture, as far as reading the sources can check it. Each failure says what to do.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

pub fn sources(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                let name = path.strip_prefix(root()).unwrap().display().to_string();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has no .{ending} files: was it moved?");
    found.sort();
    found
}

/// Files below `folder` must not use any of these.
fn forbid(folder: &str, words: &[&str], because: &str) {
    for (name, text) in sources(folder, "rs") {
        let code: String =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        for word in words {
            assert!(!code.contains(word), "{name} uses {word}: {because}");
        }
    }
}

#[test]
fn the_domain_does_no_io() {
    let words = [
        "axum",
        "sqlx",
        "reqwest",
        "tokio::",
        "crate::store",
        "crate::http",
        "crate::auth",
        "crate::providers",
        "crate::pii",
    ];
    forbid("server/src/domain", &words, "the domain is pure; move it to a layer above");
}

#[test]
fn siblings_do_not_know_each_other() {
    forbid(
        "server/src/store",
        &["crate::providers", "crate::auth", "crate::http", "crate::pii"],
        "the store keeps what it is given",
    );
    forbid(
        "server/src/providers",
        &["crate::store", "crate::auth", "crate::http", "sqlx"],
        "a provider neither stores nor serves",
    );
    forbid(
        "server/src/pii",
        &["crate::store", "crate::http", "crate::auth", "crate::providers", "axum", "sqlx"],
        "proofs are made against a trait of the domain",
    );
}

#[test]
fn the_client_of_the_contact_centre_neither_stores_nor_serves() {
    forbid(
        "server/src/genesys",
        &["crate::store", "crate::http", "crate::jobs", "crate::casework", "crate::pii", "sqlx", "axum"],
        "whoever calls it keeps, waits and tries again",
    );
}

#[test]
fn signing_in_does_not_know_how_it_is_served() {
    forbid("server/src/auth", &["crate::http", "crate::providers", "crate::pii", "sqlx"], "http/staff.rs extracts");
}

#[test]
fn the_wire_depends_on_little() {
    forbid("app/wire/src", &["kyc_desk", "leptos", "web_sys", "axum", "sqlx"], "both sides compile it");
}

#[test]
fn the_stand_ins_share_no_code_with_what_they_test() {
    forbid("sandbox/src", &["kyc_desk"], "a stand-in that shares code with what it tests proves nothing");
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names =
        |folder| sources(folder, "sql").into_iter().map(|(name, _)| name.rsplit('/').next().unwrap().to_owned());
    let sqlite: Vec<String> = names("server/migrations/sqlite").collect();
    assert!(names("server/migrations/postgres").eq(sqlite.iter().cloned()), "the same numbers and names");
    assert!(sqlite.is_sorted() && sqlite.len() >= 2, "{sqlite:?}");
    for folder in ["server/migrations/sqlite", "server/migrations/postgres"] {
        every_table_begins_with_the_tenant(folder);
    }
    let columns = |folder| {
        let words = |text: String| text.split([',', '(', ')', ';']).map(in_common_words).collect::<Vec<_>>();
        sources(folder, "sql")
            .into_iter()
            .flat_map(|(_, text)| words(tables(&text)))
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        columns("server/migrations/sqlite"),
        columns("server/migrations/postgres"),
        "the same tables and columns"
    );
}

/// The statements that make tables and indices: triggers are each database's own.
fn tables(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>().join("\n");
    let statements = lines.split(";\n").filter(|statement| {
        let statement = statement.trim_start();
        statement.starts_with("CREATE TABLE") || statement.contains("INDEX")
    });
    statements.map(str::to_owned).collect::<Vec<_>>().join(";\n")
}

/// A part of a statement, in words that stand for both.
fn in_common_words(part: &str) -> String {
    let without = part.replace("TEXT COLLATE \"C\"", "TEXT").replace("BYTEA", "BLOB");
    without.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn every_table_begins_with_the_tenant(folder: &str) {
    for (name, text) in sources(folder, "sql") {
        for table in text.split("CREATE TABLE ").skip(1) {
            let columns = table.split_once('(').unwrap().1;
            assert!(columns.trim_start().starts_with("tenant_id"), "{name}: every table begins with tenant_id");
        }
    }
}

#[test]
fn colours_are_named_in_one_place() {
    for (name, text) in sources("style", "css") {
        if name.ends_with("tokens.css") {
            continue;
        }
        for line in text.lines().filter(|line| !line.trim_start().starts_with("/*")) {
            let has_colour = line.contains("rgb(") || line.contains("hsl(") || has_hex_colour(line);
            assert!(!has_colour, "{name}: a literal colour belongs into tokens.css: {line}");
        }
    }
}

fn has_hex_colour(line: &str) -> bool {
    let mut rest = line;
    while let Some((_, after)) = rest.split_once(": #") {
        if after.bytes().take(3).all(|byte| byte.is_ascii_hexdigit()) {
            return true;
        }
        rest = after;
    }
    false
}

#[test]
fn the_widget_keeps_nothing_in_the_browser() {
    forbid(
        "app/src",
        &["local_storage", "session_storage", "document().cookie", "indexed_db"],
        "nothing about a person, and no credential, is kept in the browser",
    );
}
