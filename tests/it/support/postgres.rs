//! A PostgreSQL of the test run's own: one cluster on a socket in a temporary folder, one schema per
//! test. `NIGHTDESK_TEST_POSTGRES=postgres://…` uses another.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, OnceLock};

use sqlx::{AssertSqlSafe, Connection, Executor};

/// Kept open while this process lives: the shell below stops the cluster when it closes, however the
/// process ended.
struct Cluster {
    url: String,
    _open: ChildStdin,
    _shell: Mutex<Child>,
}

/// The address of a schema that nobody uses yet.
pub async fn fresh_schema() -> String {
    let base = match std::env::var("NIGHTDESK_TEST_POSTGRES") {
        Ok(url) => url,
        Err(_) => tokio::task::spawn_blocking(|| {
            static CLUSTER: OnceLock<Cluster> = OnceLock::new();
            CLUSTER.get_or_init(start).url.clone()
        })
        .await
        .unwrap(),
    };
    let name = format!("t{:016x}", rand::random::<u64>());
    sqlx::any::install_default_drivers();
    let mut conn = sqlx::AnyConnection::connect(&base).await.unwrap();
    conn.execute(AssertSqlSafe(format!("CREATE SCHEMA {name}"))).await.unwrap();
    conn.close().await.unwrap();
    let joint = if base.contains('?') { '&' } else { '?' };
    format!("{base}{joint}options[search_path]={name}")
}

/// initdb and postgres in a folder that only their user reads. As root they run as `postgres`, for
/// PostgreSQL refuses root.
fn start() -> Cluster {
    let bin = binaries();
    let root = user_id() == 0;
    // `postgres` stops at once at SIGQUIT; nothing here is worth a checkpoint. `cat` ends when the
    // test process does. Every step is bounded.
    let script = r#"
        set -eu
        dir=$(mktemp -d /tmp/nightdesk-pg.XXXXXX)
        trap 'cd /; rm -rf "$dir"' EXIT
        cd "$dir"
        timeout 60 "$BIN/initdb" -D "$dir/data" -U nightdesk -A trust -E UTF8 --no-locale --no-sync >init.log 2>&1 \
            || { cat init.log >&2; exit 1; }
        "$BIN/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=off -c full_page_writes=off \
            -c synchronous_commit=off -c max_connections=300 -c shared_buffers=32MB >server.log 2>&1 </dev/null &
        pid=$!
        n=0
        until "$BIN/pg_isready" -q -h "$dir"; do
            n=$((n + 1))
            if [ "$n" -gt 300 ] || ! kill -0 "$pid" 2>/dev/null; then cat server.log >&2; exit 1; fi
            sleep 0.1
        done
        echo "$dir"
        cat >/dev/null
        kill -QUIT "$pid"
        wait "$pid" || true
    "#;
    let mut command = if root { Command::new("setpriv") } else { Command::new("sh") };
    if root {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--", "sh"]);
    }
    command.args(["-c", script]).env("BIN", &bin).env("LC_ALL", "C").current_dir("/");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut shell = command.spawn().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let mut dir = String::new();
    BufReader::new(shell.stdout.take().unwrap()).read_line(&mut dir).unwrap();
    if dir.trim().is_empty() {
        let mut why = String::new();
        let _ = shell.stderr.take().unwrap().read_to_string(&mut why);
        panic!("PostgreSQL did not start with {}:\n{why}", bin.display());
    }
    Cluster {
        url: format!("postgres://nightdesk@localhost/postgres?host={}", dir.trim()),
        _open: shell.stdin.take().unwrap(),
        _shell: Mutex::new(shell),
    }
}

fn user_id() -> u32 {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").unwrap().uid()
}

/// Debian keeps them out of PATH, by version: the newest is taken.
fn binaries() -> PathBuf {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    found.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path).filter_map(|dir| std::fs::canonicalize(dir.join("initdb")).ok());
    let in_path = in_path.filter_map(|initdb| initdb.parent().map(Path::to_path_buf));
    let all: Vec<PathBuf> = found.into_iter().rev().map(|(_, bin)| bin).chain(in_path).collect();
    all.into_iter().find(|bin| bin.join("initdb").exists() && bin.join("postgres").exists()).unwrap_or_else(|| {
        panic!(
            "the store tests run on PostgreSQL too, and it is not installed: `apt-get install -y postgresql`, \
             or set NIGHTDESK_TEST_POSTGRES=postgres://user@host/database"
        )
    })
}
