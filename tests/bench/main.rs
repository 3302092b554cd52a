//! Measures what the product promises, each thing beside a floor in the same run. `cargo xtask bench` builds what it needs and calls it; the
//! names of parts as arguments run only those.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]

mod floor;
mod flow;
mod growth;
mod load;
mod requests;
mod streams;
mod table;

use std::path::PathBuf;

use tracing_subscriber::EnvFilter;

const SIZES: [u64; 3] = [100, 10_000, 1_000_000];

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the tables are what it is for")]
async fn main() {
    // As in production, but nobody reads it.
    let log = tracing_subscriber::fmt().json().with_writer(std::io::sink).with_env_filter(EnvFilter::new("info"));
    log.init();
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let modules = std::env::var_os("KYC_BENCH_MODULES").map(PathBuf::from);
    let is_wanted = |part: &str| arguments.is_empty() || arguments.iter().any(|wanted| wanted == part);
    let mut text = String::new();
    if is_wanted("reads") {
        text += &requests::reads().await.markdown();
    }
    if is_wanted("webhooks") {
        text += &requests::webhooks().await.markdown();
    }
    if is_wanted("decisions") {
        text += &requests::decisions(modules.as_deref()).await.markdown();
    }
    if is_wanted("streams") {
        text += &streams::streams().await.markdown();
    }
    if is_wanted("flow") {
        text += &flow::answers().await.markdown();
    }
    if is_wanted("growth") {
        text += &growth::growth(&SIZES).await.markdown();
    }
    println!("{text}");
}
