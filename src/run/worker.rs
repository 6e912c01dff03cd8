//! Dangerous work in a child process: our own program, started again as `nightdesk worker TASK`.
//!
//! What parses strangers' files or is C from 2009 gets a process of its own that can be lost: its
//! memory, processor time and files are limited before the first byte of input is looked at, its
//! environment is empty, and it is killed when its time is up or nobody waits for it any more. Input
//! comes by standard input, output goes by standard output, both bounded.
//!
//! A new task is a variant of [`Task`] and its row in [`Task::spec`].

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, setrlimit};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;

use super::pico;

/// How a child says that it refused, with its words on standard output.
const REFUSED: u8 = 3;
/// Bytes of a refusal.
const REFUSAL_BYTES_MAX: u64 = 1000;
/// Bytes of a child's complaints that are read.
const COMPLAINT_BYTES_MAX: u64 = 4000;
/// Open files of a child: the three that it is born with, and a few.
const FILES_MAX: u64 = 16;
/// Children give way to calls.
const NICENESS: i32 = 5;
/// What the standard library prints when the memory limit is met, just before it aborts.
const OUT_OF_MEMORY: &str = "memory allocation of";

/// What can be done in a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// An owner's audio file becomes the master of a prompt ([`super::studio`]).
    Decode,
    /// Words to speech ([`pico`]).
    Speak,
    /// For tests: never ends.
    Loop,
    /// For tests: takes all the memory there is.
    Eat,
    /// For tests: prints without end.
    Print,
    /// For tests: sleeps, which costs no processor time.
    Sleep,
    /// For tests: writes a file.
    Write,
    /// For tests: gives back what it gets, and refuses what starts with `!`.
    Echo,
}

/// What a task gives; an error is why it refuses the input, in words.
pub type Done = Result<Vec<u8>, String>;

/// One row of the table.
struct Spec {
    /// On the child's command line.
    name: &'static str,
    limits: Limits,
    /// The work, from the input. It may read files, and write none.
    work: fn(&[u8]) -> Done,
}

/// What a task may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Address space beyond the program itself.
    pub memory_bytes: u64,
    /// Processor time.
    pub cpu_s: u64,
    /// Time by the clock, from the start.
    pub wall: Duration,
    /// Input.
    pub input_bytes: usize,
    /// Output.
    pub output_bytes: usize,
}

/// A mebibyte.
pub const MIB: usize = 1024 * 1024;
/// Three minutes at 96 kHz are 35 MB of samples; they are there twice, and the file too.
const DECODE: Limits = Limits {
    memory_bytes: 256 * MIB as u64,
    cpu_s: 15,
    wall: Duration::from_secs(20),
    input_bytes: crate::prompt::UPLOAD_BYTES_MAX,
    output_bytes: 8 * MIB,
};
const FAULT: Limits = Limits {
    memory_bytes: 64 * MIB as u64,
    cpu_s: 1,
    wall: Duration::from_secs(2),
    input_bytes: MIB,
    output_bytes: MIB,
};

impl Task {
    /// All of them.
    const ALL: [Task; 8] =
        [Task::Decode, Task::Speak, Task::Loop, Task::Eat, Task::Print, Task::Sleep, Task::Write, Task::Echo];

    /// The table.
    fn spec(self) -> Spec {
        let row = |name, limits, work| Spec { name, limits, work };
        match self {
            Task::Decode => row("decode", DECODE, super::studio::decode_task),
            Task::Speak => row("speak", pico::LIMITS, pico::speak),
            Task::Loop => row("test-loop", Limits { wall: Duration::from_secs(20), ..FAULT }, faults::spin),
            Task::Eat => row("test-eat", FAULT, faults::eat),
            Task::Print => row("test-print", FAULT, faults::print),
            Task::Sleep => row("test-sleep", Limits { wall: Duration::from_millis(300), ..FAULT }, faults::sleep),
            Task::Write => row("test-write", FAULT, faults::write),
            Task::Echo => row("test-echo", FAULT, faults::echo),
        }
    }

    /// The task of a name on the command line.
    pub fn named(name: &str) -> Option<Task> {
        Task::ALL.into_iter().find(|task| task.spec().name == name)
    }

    /// What it may use.
    pub fn limits(self) -> Limits {
        self.spec().limits
    }
}

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorkerError {
    /// Input, output or the memory between them is beyond the task's limits.
    #[error("too big")]
    TooBig,
    /// Processor time or time by the clock is used up.
    #[error("it took too long")]
    TimedOut,
    /// The task does not take this input, and says why.
    #[error("{0}")]
    Refused(String),
    /// The child could not be started or ended in a way that is a fault: for the log, not for users.
    #[error("the worker failed: {0}")]
    Broken(String),
}

/// Starts children, a bounded number at a time. Cheap to clone; clones share the bound.
#[derive(Clone, Debug)]
pub struct Worker {
    program: Arc<Path>,
    places: Arc<Semaphore>,
}

impl Worker {
    /// Children of this very program, also where its file was replaced meanwhile.
    pub fn new(children_max: usize) -> Worker {
        Worker::of(PathBuf::from("/proc/self/exe"), children_max)
    }

    /// Children of another `program` that takes `worker TASK`.
    pub fn of(program: PathBuf, children_max: usize) -> Worker {
        Worker { program: program.into(), places: Arc::new(Semaphore::new(children_max.max(1))) }
    }

    /// Does `task` with `input` in a child, after waiting for a place. The child is killed when the future
    /// is dropped.
    pub async fn run(&self, task: Task, input: Vec<u8>) -> Result<Vec<u8>, WorkerError> {
        let Spec { name, limits, .. } = task.spec();
        if input.len() > limits.input_bytes {
            return Err(WorkerError::TooBig);
        }
        let _place = self.places.acquire().await.map_err(broken)?;
        let mut child = self.start(name).map_err(broken)?;
        let ended = tokio::time::timeout(limits.wall, talk(&mut child, input, limits)).await;
        // Killed here, not at the drop alone, so that its place is free when the next one starts.
        let _ = child.kill().await;
        ended.map_err(|_| WorkerError::TimedOut)?
    }

    fn start(&self, name: &str) -> std::io::Result<Child> {
        Command::new(&*self.program)
            .args(["worker", name])
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
    }
}

fn broken(error: impl std::fmt::Display) -> WorkerError {
    WorkerError::Broken(error.to_string())
}

/// Writes and reads at the same time: a child may answer before it has read all.
async fn talk(child: &mut Child, input: Vec<u8>, limits: Limits) -> Result<Vec<u8>, WorkerError> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let give = async {
        if let Some(mut stdin) = stdin {
            // A child that refuses early closes its end: how it ended tells more than the broken pipe.
            let _ = stdin.write_all(&input).await;
        }
        Ok(())
    };
    let hear = async {
        let output = up_to(stdout, limits.output_bytes as u64 + 1).await;
        if output.len() > limits.output_bytes { Err(WorkerError::TooBig) } else { Ok(output) }
    };
    let complaints = async { Ok(up_to(stderr, COMPLAINT_BYTES_MAX).await) };
    let ((), output, complaints) = tokio::try_join!(give, hear, complaints)?;
    let status = child.wait().await.map_err(broken)?;
    outcome(status, output, &String::from_utf8_lossy(&complaints))
}

async fn up_to(pipe: Option<impl AsyncRead + Unpin>, bytes_max: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        // What was read before an error is judged by how the child ends.
        let _ = pipe.take(bytes_max).read_to_end(&mut bytes).await;
    }
    bytes
}

fn outcome(status: ExitStatus, output: Vec<u8>, complaints: &str) -> Result<Vec<u8>, WorkerError> {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(0), _) => Ok(output),
        (Some(code), _) if code == i32::from(REFUSED) => {
            Err(WorkerError::Refused(String::from_utf8_lossy(&output).trim().to_owned()))
        }
        (_, Some(libc::SIGXCPU)) => Err(WorkerError::TimedOut),
        (_, Some(libc::SIGABRT)) if complaints.contains(OUT_OF_MEMORY) => Err(WorkerError::TooBig),
        _ => Err(WorkerError::Broken(format!("{status}: {}", complaints.trim()))),
    }
}

/// The child's side: `nightdesk worker NAME`. Not for people.
pub fn serve(name: &str) -> ExitCode {
    let Some(task) = Task::named(name) else {
        eprintln!("nightdesk worker is started by nightdesk itself; there is no task {name:?}");
        return ExitCode::from(2);
    };
    match work(&task.spec()) {
        Ok(Ok(output)) => answer(&output, 0),
        Ok(Err(why)) => {
            let words = why.as_bytes();
            answer(words.get(..REFUSAL_BYTES_MAX as usize).unwrap_or(words), REFUSED)
        }
        Err(error) => {
            eprintln!("nightdesk worker {name}: {error}");
            ExitCode::from(1)
        }
    }
}

fn answer(bytes: &[u8], code: u8) -> ExitCode {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::from(code),
        Err(_) => ExitCode::from(1),
    }
}

fn work(spec: &Spec) -> std::io::Result<Done> {
    let mut input = Vec::new();
    std::io::stdin().lock().take(spec.limits.input_bytes as u64).read_to_end(&mut input)?;
    confine(&spec.limits)?;
    Ok((spec.work)(&input))
}

/// Takes from this process what the task does not need, for good.
fn confine(limits: &Limits) -> std::io::Result<()> {
    let cap = |resource, most: u64| setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    cap(Resource::As, own_bytes()? + limits.memory_bytes)?;
    // The soft limit's signal says what happened; the hard one, a second later, would only kill.
    setrlimit(Resource::Cpu, Rlimit { current: Some(limits.cpu_s), maximum: Some(limits.cpu_s + 1) })?;
    cap(Resource::Fsize, 0)?;
    cap(Resource::Core, 0)?;
    cap(Resource::Nofile, FILES_MAX)?;
    // Neither threads nor processes; root is not bound by this one.
    cap(Resource::Nproc, 0)?;
    let _ = rustix::process::nice(NICENESS);
    Ok(())
}

/// Address space in use: the program, its libraries and its input.
fn own_bytes() -> std::io::Result<u64> {
    let pages = std::fs::read_to_string("/proc/self/statm")?;
    let pages = pages.split(' ').next().and_then(|pages| pages.parse::<u64>().ok());
    let pages = pages.ok_or_else(|| std::io::Error::other("/proc/self/statm has no number"))?;
    Ok(pages * rustix::param::page_size() as u64)
}

/// What a task that went wrong would do: for the tests of the limits.
mod faults {
    use super::*;

    pub fn spin(_: &[u8]) -> Done {
        let mut n = 0_u64;
        loop {
            n = std::hint::black_box(n.wrapping_add(1));
        }
    }

    pub fn eat(_: &[u8]) -> Done {
        let mut eaten = Vec::new();
        loop {
            eaten.push(std::hint::black_box(vec![1_u8; MIB]));
        }
    }

    pub fn print(_: &[u8]) -> Done {
        while std::io::stdout().write_all(&[b'x'; 4096]).is_ok() {}
        Err("nobody listens".to_owned())
    }

    pub fn sleep(_: &[u8]) -> Done {
        std::thread::sleep(Duration::from_secs(60));
        Ok(Vec::new())
    }

    pub fn write(path: &[u8]) -> Done {
        use std::os::unix::ffi::OsStrExt;
        std::fs::write(OsStr::from_bytes(path), "written").map_err(|error| error.to_string())?;
        Ok(Vec::new())
    }

    pub fn echo(input: &[u8]) -> Done {
        let environment = std::env::vars_os().count();
        match input.first() {
            Some(b'!') => Err(format!("no, with {environment} variables")),
            _ => Ok(input.to_vec()),
        }
    }
}
