//! What the standard library does not reach: batched receives with the kernel's time of arrival,
//! waiting for a socket until a deadline, priorities and limits. The only `unsafe` of the bench.
//!
//! Every block calls one function of libc on memory that this file owns for the length of the call.

use std::io;
use std::mem;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::ptr;
use std::time::{Duration, Instant};

use libc::{c_int, c_void};

/// Bytes of control data a message: one timestamp needs 32.
const CONTROL: usize = 64;

/// One datagram of a [`Batch`].
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// What it holds.
    pub bytes: &'a [u8],
    /// Who sent it.
    pub from: SocketAddrV4,
    /// When the kernel took it, in nanoseconds since 1970; 0 where timestamps are not switched on.
    pub stamp_ns: u64,
}

/// Memory for many datagrams at once, set up once and used again for every socket.
pub struct Batch {
    headers: Vec<libc::mmsghdr>,
    names: Vec<libc::sockaddr_in>,
    control: Vec<[u64; CONTROL / 8]>,
    bytes: Vec<u8>,
    // Held only because `headers` points into it.
    _vectors: Vec<libc::iovec>,
    stride: usize,
}

impl Batch {
    /// Room for `count` datagrams of at most `stride` bytes.
    pub fn new(count: usize, stride: usize) -> Self {
        let mut bytes = vec![0u8; count * stride];
        let mut names: Vec<libc::sockaddr_in> = Vec::with_capacity(count);
        // SAFETY: sockaddr_in and mmsghdr are plain C data, for which all zeroes is a value.
        names.resize_with(count, || unsafe { mem::zeroed() });
        let mut control = vec![[0u64; CONTROL / 8]; count];
        let mut vectors: Vec<libc::iovec> = bytes
            .chunks_exact_mut(stride)
            .map(|chunk| libc::iovec { iov_base: chunk.as_mut_ptr().cast(), iov_len: stride })
            .collect();
        let mut headers = Vec::with_capacity(count);
        for ((vector, name), control) in vectors.iter_mut().zip(&mut names).zip(&mut control) {
            // SAFETY: as above.
            let mut header: libc::mmsghdr = unsafe { mem::zeroed() };
            header.msg_hdr.msg_iov = vector;
            header.msg_hdr.msg_iovlen = 1;
            header.msg_hdr.msg_name = ptr::from_mut(name).cast();
            header.msg_hdr.msg_control = control.as_mut_ptr().cast();
            headers.push(header);
        }
        Batch { headers, names, control, bytes, _vectors: vectors, stride }
    }

    /// Takes what waits in the socket without blocking: how many datagrams.
    pub fn receive(&mut self, socket: &UdpSocket) -> usize {
        for header in &mut self.headers {
            header.msg_hdr.msg_namelen = mem::size_of::<libc::sockaddr_in>() as libc::socklen_t;
            header.msg_hdr.msg_controllen = CONTROL;
        }
        let count = self.headers.len() as libc::c_uint;
        // SAFETY: each header points at one buffer, one name and one control block of this Batch,
        // whose vectors never grow, and says their true lengths.
        let got = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                self.headers.as_mut_ptr(),
                count,
                libc::MSG_DONTWAIT as _,
                ptr::null_mut(),
            )
        };
        // Empty, interrupted, or an ICMP error of a peer that has gone: nothing to read in each case.
        usize::try_from(got).unwrap_or(0)
    }

    /// How many fit.
    pub fn capacity(&self) -> usize {
        self.headers.len()
    }

    /// The `index`th of the last [`Batch::receive`].
    pub fn packet(&self, index: usize) -> Packet<'_> {
        let header = &self.headers[index];
        let start = index * self.stride;
        let length = (header.msg_len as usize).min(self.stride);
        let name = self.names[index];
        let from = SocketAddrV4::new(Ipv4Addr::from(u32::from_be(name.sin_addr.s_addr)), u16::from_be(name.sin_port));
        Packet { bytes: &self.bytes[start..start + length], from, stamp_ns: self.stamp(index) }
    }

    /// The control message SCM_TIMESTAMPNS is the first and only one that is asked for:
    /// length (8), level (4), type (4), seconds (8), nanoseconds (8).
    fn stamp(&self, index: usize) -> u64 {
        let words = &self.control[index];
        let wanted = (libc::SCM_TIMESTAMPNS as u64) << 32 | libc::SOL_SOCKET as u64;
        if self.headers[index].msg_hdr.msg_controllen < 32 || words[1] != wanted {
            return 0;
        }
        words[2] * 1_000_000_000 + words[3]
    }
}

/// Asks the kernel to note when each datagram arrived.
pub fn stamp_arrivals(socket: &UdpSocket) -> io::Result<()> {
    set_option(socket.as_raw_fd(), libc::SO_TIMESTAMPNS, 1)
}

/// Socket buffers of this many bytes, as far as the system allows.
pub fn set_buffers(socket: &UdpSocket, bytes: c_int) -> io::Result<()> {
    set_option(socket.as_raw_fd(), libc::SO_RCVBUF, bytes)?;
    set_option(socket.as_raw_fd(), libc::SO_SNDBUF, bytes)
}

fn set_option(fd: RawFd, option: c_int, value: c_int) -> io::Result<()> {
    let size = mem::size_of::<c_int>() as libc::socklen_t;
    // SAFETY: `value` lives through the call and is as long as `size` says.
    let done = unsafe { libc::setsockopt(fd, libc::SOL_SOCKET, option, ptr::from_ref(&value).cast::<c_void>(), size) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Waits until one of `fds` can be read or `until` has come (no `until`: for ever); which of them can be read.
pub fn wait<const N: usize>(fds: [RawFd; N], until: Option<Instant>) -> [bool; N] {
    let mut polled = fds.map(|fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 });
    let left = until.map(|until| until.saturating_duration_since(Instant::now()));
    let time = left.map(timespec);
    let time = time.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: `polled` and `time` live through the call; no signal mask is given.
    let ready = unsafe { libc::ppoll(polled.as_mut_ptr(), N as libc::nfds_t, time, ptr::null()) };
    // A hang-up (the parent's end of the pipe is closed) also counts as something to read.
    polled.map(|p| ready > 0 && p.revents != 0)
}

fn timespec(duration: Duration) -> libc::timespec {
    libc::timespec { tv_sec: duration.as_secs() as libc::time_t, tv_nsec: duration.subsec_nanos().into() }
}

/// Real-time priority for this thread, not for processes that it starts: whether it was allowed.
pub fn realtime(priority: c_int) -> bool {
    let parameters = libc::sched_param { sched_priority: priority };
    // SAFETY: `parameters` lives through the call; 0 is the calling thread.
    unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO | libc::SCHED_RESET_ON_FORK, &parameters) == 0 }
}

/// Back to the usual priority.
pub fn ordinary() {
    let parameters = libc::sched_param { sched_priority: 0 };
    // SAFETY: as above. A failure leaves the priority as it is, which harms nobody.
    unsafe { libc::sched_setscheduler(0, libc::SCHED_OTHER, &parameters) };
}

/// As many open files as this user may have: one socket a call is more than the usual 1,024.
pub fn raise_open_files() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` lives through both calls. A failure shows when sockets are opened.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) == 0 {
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
        }
    }
}

/// The child is ended with us, however we end.
pub fn die_with_parent(command: &mut Command) -> &mut Command {
    // SAFETY: between fork and exec only prctl is called, which is async-signal-safe.
    unsafe {
        command.pre_exec(|| {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            Ok(())
        })
    }
}

/// Asks a process that we started to end.
pub fn terminate(pid: u32) {
    // SAFETY: kill takes numbers only; the id is a child's that was not waited for, so it is not reused.
    unsafe { libc::kill(pid as libc::pid_t, libc::SIGTERM) };
}

/// Ticks of `/proc/PID/stat` a second.
pub fn ticks_per_second() -> u64 {
    // SAFETY: sysconf takes a number only.
    u64::try_from(unsafe { libc::sysconf(libc::_SC_CLK_TCK) }).unwrap_or(100)
}
