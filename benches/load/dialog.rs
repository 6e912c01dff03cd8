//! One outgoing call's signalling: INVITE, ACK, BYE, and their resends (RFC 3261 §17.1, UDP).

use std::fmt::Write;
use std::net::{SocketAddr, SocketAddrV4, UdpSocket};

use crate::sip::{self, Message};
use crate::sys::{self, Batch};

/// T1 (RFC 3261 §17.1.1.1).
const T1_NS: u64 = 500_000_000;
/// Timer B, shortened: who has not answered in 8 s is not measured but failed.
const GIVE_UP_NS: u64 = 8_000_000_000;

/// The one socket that all calls signal through, and what they share.
pub struct Line {
    /// Non-blocking, with arrival times.
    pub socket: UdpSocket,
    /// Its address.
    pub local: SocketAddrV4,
    /// The server.
    pub target: SocketAddrV4,
    /// The user part that is called.
    pub to: String,
    /// Sets this run's Call-IDs and branches apart from all others.
    pub run: u64,
}

impl Line {
    /// Opens it.
    pub fn open(target: SocketAddrV4, to: &str, run: u64) -> std::io::Result<Line> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_nonblocking(true)?;
        sys::set_buffers(&socket, 4 << 20)?;
        sys::stamp_arrivals(&socket)?;
        let SocketAddr::V4(local) = socket.local_addr()? else { return Err(std::io::ErrorKind::Unsupported.into()) };
        Ok(Line { socket, local, target, to: to.to_owned(), run })
    }

    /// Memory that fits its messages.
    pub fn batch() -> Batch {
        Batch::new(32, 4096)
    }

    /// Which call a Call-ID of ours names.
    pub fn index(&self, message: &Message<'_>) -> Option<usize> {
        let (index, rest) = message.header("Call-ID")?.split_once('.')?;
        (rest == format!("{:x}", self.run)).then(|| index.parse().ok())?
    }

    fn send(&self, text: &str) {
        // A full buffer is a lost datagram, and those are resent.
        let _ = self.socket.send_to(text.as_bytes(), self.target);
    }
}

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Not begun.
    Idle,
    /// INVITE sent; answered provisionally or not.
    Inviting,
    /// 200 and ACK.
    Up,
    /// BYE sent.
    Ending,
    /// Over.
    Done,
}

/// One call.
#[derive(Debug)]
pub struct Dialog {
    index: usize,
    /// Where it stands.
    pub phase: Phase,
    /// When the INVITE left.
    pub invited_ns: u64,
    /// When the 200 arrived, by the kernel.
    pub answered_ns: u64,
    /// When it was over for us: BYE sent or received.
    pub ended_ns: u64,
    /// Messages sent more than once.
    pub resends: u32,
    /// What went wrong, if something did.
    pub failure: Option<String>,
    /// Where the server takes RTP.
    pub rtp: Option<SocketAddrV4>,
    body: String,
    to_line: String,
    remote: String,
    provisional: bool,
    resend_ns: u64,
    wait_ns: u64,
}

impl Dialog {
    /// Call number `index`, whose RTP goes to `rtp`.
    pub fn new(index: usize, rtp: SocketAddrV4) -> Self {
        Dialog {
            index,
            phase: Phase::Idle,
            invited_ns: 0,
            answered_ns: 0,
            ended_ns: 0,
            resends: 0,
            failure: None,
            rtp: None,
            body: sip::sdp(rtp),
            to_line: String::new(),
            remote: String::new(),
            provisional: false,
            resend_ns: 0,
            wait_ns: T1_NS,
        }
    }

    /// The number that this call comes from.
    pub fn caller(index: usize) -> String {
        format!("+4971100{index:04}")
    }

    /// Sends the INVITE.
    pub fn invite(&mut self, line: &Line, now_ns: u64) {
        self.phase = Phase::Inviting;
        self.invited_ns = now_ns;
        self.resend_ns = now_ns + T1_NS;
        self.to_line = format!("<sip:{}@{}>", line.to, line.target);
        self.remote = format!("sip:{}@{}", line.to, line.target);
        line.send(&self.request(line, "INVITE"));
    }

    /// Sends the BYE.
    pub fn bye(&mut self, line: &Line, now_ns: u64) {
        if self.phase != Phase::Up {
            return;
        }
        self.phase = Phase::Ending;
        self.ended_ns = now_ns;
        (self.resend_ns, self.wait_ns) = (now_ns + T1_NS, T1_NS);
        line.send(&self.request(line, "BYE"));
    }

    /// Something for this call arrived: true if it has just been answered.
    pub fn receive(&mut self, message: &Message<'_>, line: &Line, stamp_ns: u64) -> bool {
        match message.status() {
            None => self.requested(message, line, stamp_ns),
            Some(100..=199) => self.provisional = true,
            Some(status) if message.cseq_method() == "INVITE" => {
                return self.final_answer(status, message, line, stamp_ns);
            }
            Some(status) if self.phase == Phase::Ending => {
                if status >= 300 {
                    self.failure = Some(format!("BYE answered {status}"));
                }
                self.phase = Phase::Done;
            }
            Some(_) => {}
        }
        false
    }

    /// Resends what was not answered in time, and gives up at last.
    pub fn tick(&mut self, line: &Line, now_ns: u64) {
        let (method, since) = match self.phase {
            Phase::Inviting => ("INVITE", self.invited_ns),
            Phase::Ending => ("BYE", self.ended_ns),
            _ => return,
        };
        if now_ns >= since + GIVE_UP_NS {
            self.fail(format!("no answer to {method}"), now_ns);
        } else if now_ns >= self.resend_ns && !(self.provisional && method == "INVITE") {
            self.resends += 1;
            self.wait_ns *= 2;
            self.resend_ns = now_ns + self.wait_ns;
            line.send(&self.request(line, method));
        }
    }

    /// Ends the call as failed.
    pub fn fail(&mut self, why: String, now_ns: u64) {
        self.failure.get_or_insert(why);
        self.ended_ns = if self.ended_ns == 0 { now_ns } else { self.ended_ns };
        self.phase = Phase::Done;
    }

    fn final_answer(&mut self, status: u16, message: &Message<'_>, line: &Line, stamp_ns: u64) -> bool {
        if let Some(to) = message.header("To") {
            to.clone_into(&mut self.to_line);
        }
        if status >= 300 {
            line.send(&self.request(line, "ACK"));
            self.fail(format!("INVITE answered {status}"), stamp_ns);
            return false;
        }
        if let Some(contact) = message.header("Contact") {
            sip::uri(contact).clone_into(&mut self.remote);
        }
        // Each repetition of the 200 is acknowledged again (RFC 3261 §13.2.2.4).
        line.send(&self.request(line, "ACK"));
        if self.phase != Phase::Inviting {
            return false;
        }
        self.phase = Phase::Up;
        self.answered_ns = stamp_ns;
        self.rtp = message.rtp_address();
        true
    }

    fn requested(&mut self, message: &Message<'_>, line: &Line, stamp_ns: u64) {
        match message.method() {
            "ACK" => return,
            "BYE" => {
                if self.phase == Phase::Up {
                    self.failure.get_or_insert_with(|| "the server hung up".to_owned());
                    self.ended_ns = stamp_ns;
                }
                self.phase = Phase::Done;
            }
            _ => {}
        }
        line.send(&sip::answer(message, "200 OK", "load", line.local, ""));
    }

    fn request(&self, line: &Line, method: &str) -> String {
        let (index, run, local) = (self.index, line.run, line.local);
        let (cseq, branch) = match (method, self.phase) {
            ("BYE", _) => ("2 BYE", "b"),
            // The ACK of a refusal belongs to the INVITE's transaction, that of a 200 is one of its own.
            ("ACK", _) if self.remote.contains(&line.to) && self.phase == Phase::Inviting => ("1 ACK", "i"),
            ("ACK", _) => ("1 ACK", "a"),
            _ => ("1 INVITE", "i"),
        };
        let mut out = String::with_capacity(1024);
        let _ = write!(
            out,
            "{method} {remote} SIP/2.0\r\nVia: SIP/2.0/UDP {local};rport;branch=z9hG4bK{run:x}{branch}{index}\r\n\
             Max-Forwards: 70\r\nFrom: <sip:{from}@{ip}>;tag=l{index}\r\nTo: {to}\r\nCall-ID: {index}.{run:x}\r\n\
             CSeq: {cseq}\r\nContact: <sip:load@{local}>\r\n",
            remote = self.remote,
            from = Self::caller(index),
            ip = local.ip(),
            to = self.to_line,
        );
        if method == "INVITE" {
            out.push_str("Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n");
        }
        sip::finish(&mut out, if method == "INVITE" { &self.body } else { "" });
        out
    }
}
