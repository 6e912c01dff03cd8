//! The servers that are measured: started, waited for, asked for their recordings, ended.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::args::BareMode;
use crate::check::Listed;
use crate::sys;

const READY_MAX: Duration = Duration::from_secs(30);
const END_MAX: Duration = Duration::from_secs(10);

/// A process under test, ended when this is dropped.
pub struct Server {
    /// Where it takes calls.
    pub sip: SocketAddrV4,
    /// Its process.
    pub pid: u32,
    child: Child,
    // The bare loop ends when this is closed.
    input: Option<ChildStdin>,
    source: Source,
}

enum Source {
    Ours { program: PathBuf, data: PathBuf },
    Bare { out: PathBuf },
}

impl Server {
    /// `nightdesk serve` with a new data directory in `directory`.
    pub fn ours(program: &Path, directory: &Path, more: &[String]) -> Result<Server> {
        let data = directory.join("data");
        fs::create_dir_all(&data)?;
        let (sip, http) = (free_udp()?, free_tcp()?);
        let log_path = directory.join("server.log");
        let log = File::create(&log_path)?;
        let mut command = Command::new(program);
        command.arg("serve").arg("--data").arg(&data).args(["--sip", &sip.to_string(), "--http", &http.to_string()]);
        // What is measured is where it stops keeping up, not where it is told to refuse.
        command.args(["--calls-max", "10000"]).args(more).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = sys::die_with_parent(&mut command)
            .spawn()
            .with_context(|| format!("cannot start {}; build it first: cargo build --release", program.display()))?;
        let mut server = Server {
            sip,
            pid: child.id(),
            child,
            input: None,
            source: Source::Ours { program: program.to_owned(), data },
        };
        if let Err(error) = server.wait_ready(http) {
            let log = fs::read_to_string(&log_path).unwrap_or_default();
            let tail: Vec<&str> = log.lines().rev().take(10).collect();
            let tail: Vec<&str> = tail.into_iter().rev().collect();
            bail!("{error}\nits last words:\n{}", tail.join("\n"));
        }
        Ok(server)
    }

    /// The bare loop.
    pub fn bare(directory: &Path, mode: BareMode, greeting_ms: usize) -> Result<Server> {
        let sip = free_udp()?;
        let out = directory.join("bare");
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bare", "--sip", &sip.to_string(), "--greeting-ms", &greeting_ms.to_string(), "--mode"]);
        command.arg(if mode == BareMode::Play { "play" } else { "record" }).arg("--out").arg(&out);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = sys::die_with_parent(&mut command).spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        if line.trim() != "ready" {
            bail!("the bare loop did not start");
        }
        let input = child.stdin.take();
        Ok(Server { sip, pid: child.id(), child, input, source: Source::Bare { out } })
    }

    fn wait_ready(&mut self, http: SocketAddr) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < READY_MAX {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended at once ({status})");
            }
            if is_ready(http).unwrap_or(false) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("the server was not ready at http://{http}/readyz after {} s", READY_MAX.as_secs())
    }

    /// What it has recorded, once `expected` messages are there or ten seconds have passed.
    pub fn recordings(&mut self, expected: usize) -> Result<Vec<Listed>> {
        match &self.source {
            Source::Bare { out } => {
                let list = out.join("list.json");
                self.input = None;
                self.child.wait()?;
                Ok(serde_json::from_slice(&fs::read(list)?)?)
            }
            Source::Ours { program, data } => {
                let start = Instant::now();
                loop {
                    let mut command = Command::new(program);
                    command.args(["message", "list", "--json", "--data"]).arg(data);
                    let output = command.stdin(Stdio::null()).output()?;
                    if !output.status.success() {
                        bail!("`nightdesk message list` failed: {}", String::from_utf8_lossy(&output.stderr));
                    }
                    let mut list: Vec<Listed> = serde_json::from_slice(&output.stdout)
                        .context("`nightdesk message list --json` did not print the list that is expected")?;
                    if list.len() >= expected || start.elapsed() > END_MAX {
                        for message in &mut list {
                            if message.path.is_relative() && !message.path.exists() {
                                message.path = data.join(&message.path);
                            }
                        }
                        return Ok(list);
                    }
                    std::thread::sleep(Duration::from_millis(200));
                }
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.input = None;
        if let Ok(None) = self.child.try_wait() {
            sys::terminate(self.pid);
        }
        let start = Instant::now();
        while start.elapsed() < END_MAX {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_ready(http: SocketAddr) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect_timeout(&http, Duration::from_secs(1))?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut start = [0u8; 12];
    stream.read_exact(&mut start)?;
    Ok(&start == b"HTTP/1.1 200")
}

fn free_udp() -> Result<SocketAddrV4> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(SocketAddrV4::new(Ipv4Addr::LOCALHOST, socket.local_addr()?.port()))
}

fn free_tcp() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// Recordings of a peer: files named after the caller.
pub fn peer_recordings(directory: &Path) -> Result<Vec<Listed>> {
    let mut list = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let Some(caller) = path.file_stem().and_then(|stem| stem.to_str()) else { continue };
        if path.extension().is_some_and(|extension| extension == "wav") {
            list.push(Listed { caller: caller.to_owned(), duration: None, path: path.clone() });
        }
    }
    Ok(list)
}
