//! A `PostgreSQL` server for the tests of one process: on a free port, in a directory of its own, without regard for power cuts unless
//! somebody measures. It ends with the process, even when that is killed: a shell waits for the end of a pipe and then stops it.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{Connection, Executor, PgConnection};

/// Makes the server, says so, and takes it away when nobody holds the pipe any more. Its arguments: the programs' folder, the port, options.
const KEEPER: &str = r#"
set -e
dir=$(mktemp -d /tmp/kyc-desk-postgres.XXXXXX)
trap '"$1/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$dir"' EXIT
"$1/initdb" -D "$dir/data" -U kyc --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
"$1/pg_ctl" -D "$dir/data" -l "$dir/log" -w -t 60 -o "-p $2 -k $dir -c listen_addresses=127.0.0.1 -c max_connections=400 \
  -c shared_buffers=64MB $3" start >&2 || { cat "$dir/log" >&2; exit 1; }
echo ready
cat >/dev/null
"#;

struct Server {
    port: u16,
    _keeper: Child,
}

/// Faster, and gone after a power cut.
const FORGETFUL: &str = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off";
/// As it comes, but for memory: 256 MB hold what a bench works on.
const DURABLE: &str = "-c shared_buffers=256MB -c max_wal_size=4GB";

static FORGETFUL_SERVER: OnceLock<Server> = OnceLock::new();
static DURABLE_SERVER: OnceLock<Server> = OnceLock::new();

/// The folder of the newest server that is installed.
fn programs() -> PathBuf {
    let has = |folder: &Path| folder.join("initdb").exists() && folder.join("pg_ctl").exists();
    let in_path =
        std::env::var_os("PATH").into_iter().flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let version = |folder: &PathBuf| folder.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    let mut packaged: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    packaged.sort_by_key(version);
    let found = packaged.into_iter().rev().chain(in_path).find(|folder| has(folder));
    found.expect("PostgreSQL is not installed: `cargo xtask setup` installs Debian's package `postgresql`")
}

/// Starts one. The port that was free may be taken by the time that it is bound: then another is tried.
fn start(options: &str) -> Server {
    let tries = (0..5).map(|_| try_start(options));
    let mut why = String::new();
    for started in tries {
        match started {
            Ok(server) => return server,
            Err(error) => why = error,
        }
    }
    panic!("PostgreSQL did not start: {why}");
}

fn try_start(options: &str) -> Result<Server, String> {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    // Its programs refuse to run as root.
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
    let mut command = if is_root { Command::new("runuser") } else { Command::new("sh") };
    if is_root {
        command.args(["-u", "postgres", "--", "sh"]);
    }
    command.args(["-c", KEEPER, "keeper"]).arg(programs()).arg(port.to_string()).arg(options).current_dir("/");
    let mut keeper = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(keeper.stdout.as_mut().unwrap()).read_line(&mut said).unwrap();
    if said != "ready\n" {
        let mut why = String::new();
        drop(keeper.stdin.take());
        keeper.stderr.as_mut().unwrap().read_to_string(&mut why).unwrap();
        keeper.wait().unwrap();
        return Err(why);
    }
    Ok(Server { port, _keeper: keeper })
}

/// The address of a new, empty database.
pub async fn fresh_database() -> String {
    database_on(FORGETFUL_SERVER.get_or_init(|| start(FORGETFUL))).await
}

/// The same on a server that keeps what it has acknowledged.
pub async fn durable_database() -> String {
    database_on(DURABLE_SERVER.get_or_init(|| start(DURABLE))).await
}

async fn database_on(server: &Server) -> String {
    static USED: AtomicU32 = AtomicU32::new(0);
    let (port, name) = (server.port, format!("kyc_{}", USED.fetch_add(1, Ordering::Relaxed)));
    let mut connection = PgConnection::connect(&format!("postgres://kyc@127.0.0.1:{port}/postgres")).await.unwrap();
    connection.execute(format!("CREATE DATABASE {name}").as_str()).await.unwrap();
    format!("postgres://kyc@127.0.0.1:{port}/{name}")
}
