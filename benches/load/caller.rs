//! One caller: what is sent in each 20 ms, what is heard, when the next thing is said.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use crate::dialog::{Dialog, Line, Phase};
use crate::measure::ms_between;
use crate::rtp::{self, EVENT, FRAME, HEADER, Head, PCMA, SILENCE, SPEECH_FRAMES};
use crate::sys::{self, Batch};

/// `#` in RFC 4733.
const HASH: u8 = 11;
/// Packets of the key: five while it is held, the last one three times.
const KEY_PACKETS: usize = 7;
/// Silence after the key before hanging up: 1 s.
const AFTER_KEY: usize = 50;
/// This long without a packet after the beep's first 200 ms, the beep is over.
const BEEP_OVER_NS: u64 = 60_000_000;
/// Who hears no beep in this time hangs up.
const BEEP_WAIT_NS: u64 = 40_000_000_000;

/// What a caller wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To hear the greeting and hang up at the beep, or when the run says so.
    Listen,
    /// To leave a message: after the beep, or so many seconds after the answer.
    Speak {
        /// For servers whose beep is not ours.
        after_ns: Option<u64>,
    },
}

/// What a caller is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Listening,
    Speaking(usize),
    Pressing(usize),
    Waiting(usize),
}

/// What all callers put their samples into.
#[derive(Debug, Default)]
pub struct Heard {
    /// Answer to first packet, ms.
    pub first_ms: Vec<f64>,
    /// Error of the distance between two packets, ms.
    pub spacing_ms: Vec<f64>,
    /// Distances of 40 ms and more.
    pub gaps: usize,
    /// RTP packets received.
    pub received: u64,
    /// RTP packets sent.
    pub sent: u64,
}

/// One caller.
#[derive(Debug)]
pub struct Caller {
    /// The signalling.
    pub dialog: Dialog,
    /// When the beep ended, or speaking began without one.
    pub spoke_ns: Option<u64>,
    /// All of the speech went out.
    pub said_all: bool,
    socket: UdpSocket,
    wish: Wish,
    seed: u64,
    doing: Doing,
    head: Head,
    last: Option<(Head, u64)>,
    beep_frames: u32,
    beep_ns: u64,
    beep_over: bool,
}

impl Caller {
    /// Caller number `index` with a socket of its own.
    pub fn new(index: usize, seed: u64, wish: Wish) -> io::Result<Caller> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_nonblocking(true)?;
        sys::stamp_arrivals(&socket)?;
        let SocketAddr::V4(local) = socket.local_addr()? else { return Err(io::ErrorKind::Unsupported.into()) };
        let mixed = (seed as u32).wrapping_mul(0x9E37_79B1) ^ index as u32;
        let head = Head { marker: true, payload: PCMA, sequence: mixed as u16, timestamp: mixed, ssrc: mixed };
        Ok(Caller {
            dialog: Dialog::new(index, local),
            spoke_ns: None,
            said_all: false,
            socket,
            wish,
            seed,
            doing: Doing::Listening,
            head,
            last: None,
            beep_frames: 0,
            beep_ns: 0,
            beep_over: false,
        })
    }

    /// Memory that fits what waits in a socket when its turn comes.
    pub fn batch() -> Batch {
        Batch::new(16, 512)
    }

    /// Just answered: the first packet goes out at once, because servers wait for it.
    pub fn answered(&mut self, line: &Line, heard: &mut Heard, now_ns: u64) {
        match self.dialog.rtp {
            Some(rtp) if self.socket.connect(rtp).is_ok() => self.speak(heard),
            _ => {
                self.dialog.bye(line, now_ns);
                self.dialog.failure = Some("no RTP address in the answer".to_owned());
            }
        }
    }

    /// The caller's 20 ms have come round.
    pub fn tick(&mut self, line: &Line, heard: &mut Heard, batch: &mut Batch, now_ns: u64) {
        self.dialog.tick(line, now_ns);
        if self.dialog.phase != Phase::Up {
            return;
        }
        self.listen(heard, batch);
        self.decide(line, now_ns);
        // The first packet of this 20 ms went out with the ACK.
        if self.dialog.phase == Phase::Up && now_ns >= self.dialog.answered_ns + 19_000_000 {
            self.speak(heard);
        }
    }

    fn listen(&mut self, heard: &mut Heard, batch: &mut Batch) {
        loop {
            let count = batch.receive(&self.socket);
            for index in 0..count {
                let packet = batch.packet(index);
                if let Some((head, payload)) = Head::parse(packet.bytes) {
                    self.hear(heard, head, payload, packet.stamp_ns);
                }
            }
            if count < batch.capacity() {
                return;
            }
        }
    }

    fn hear(&mut self, heard: &mut Heard, head: Head, payload: &[u8], stamp_ns: u64) {
        heard.received += 1;
        match self.last {
            None => heard.first_ms.push(ms_between(self.dialog.answered_ns, stamp_ns)),
            // Only what was to come 20 ms later: a pause, and what comes after it, is no error.
            Some((last, last_ns))
                if head.sequence == last.sequence.wrapping_add(1)
                    && head.timestamp == last.timestamp.wrapping_add(FRAME as u32)
                    && head.ssrc == last.ssrc
                    && !head.marker =>
            {
                let distance = ms_between(last_ns, stamp_ns);
                heard.spacing_ms.push((distance - 20.0).abs());
                heard.gaps += usize::from(distance >= 40.0);
            }
            Some(_) => {}
        }
        self.last = Some((head, stamp_ns));
        if !self.beep_over && head.payload == PCMA {
            self.watch_beep(payload, stamp_ns);
        }
    }

    fn watch_beep(&mut self, payload: &[u8], stamp_ns: u64) {
        if rtp::is_beep(payload) {
            self.beep_frames += 1;
            self.beep_ns = stamp_ns;
        } else if self.beep_frames >= 10 {
            self.beep_over = true;
        } else {
            self.beep_frames = 0;
        }
    }

    /// Whether it is time for something else.
    fn decide(&mut self, line: &Line, now_ns: u64) {
        let waited = now_ns.saturating_sub(self.dialog.answered_ns);
        if self.beep_frames >= 10 && now_ns.saturating_sub(self.beep_ns) >= BEEP_OVER_NS {
            self.beep_over = true;
        }
        match (self.doing, self.wish) {
            (Doing::Listening, Wish::Listen) if self.beep_frames >= 2 => self.dialog.bye(line, now_ns),
            (Doing::Listening, Wish::Speak { after_ns }) => {
                if after_ns.map_or(self.beep_over, |after| waited >= after) {
                    self.doing = Doing::Speaking(0);
                    self.spoke_ns = Some(now_ns);
                } else if waited > BEEP_WAIT_NS {
                    self.dialog.bye(line, now_ns);
                    self.dialog.failure = Some("no beep was heard".to_owned());
                }
            }
            (Doing::Waiting(AFTER_KEY), _) => self.dialog.bye(line, now_ns),
            _ => {}
        }
    }

    /// Sends what this 20 ms is for.
    fn speak(&mut self, heard: &mut Heard) {
        let (payload_type, length, payload) = match self.doing {
            Doing::Listening | Doing::Waiting(_) => (PCMA, FRAME, [SILENCE; FRAME]),
            Doing::Speaking(frame) => (PCMA, FRAME, rtp::noise(self.seed, frame)),
            Doing::Pressing(sent) => {
                let held = (sent.min(4) + 1) * FRAME;
                let mut payload = [0u8; FRAME];
                payload[..4].copy_from_slice(&rtp::key_payload(HASH, sent >= 4, held as u16));
                (EVENT, 4, payload)
            }
        };
        let mut packet = [0u8; HEADER + FRAME];
        let marker = self.head.marker || self.doing == Doing::Pressing(0);
        // The timestamp stands still while a key is held (RFC 4733 §2.5.1.2).
        let timestamp = match self.doing {
            Doing::Pressing(sent) => self.head.timestamp.wrapping_sub((sent * FRAME) as u32),
            _ => self.head.timestamp,
        };
        packet[..HEADER].copy_from_slice(&Head { marker, payload: payload_type, timestamp, ..self.head }.print());
        packet[HEADER..].copy_from_slice(&payload);
        heard.sent += u64::from(self.socket.send(&packet[..HEADER + length]).is_ok());
        self.head.marker = false;
        self.head.sequence = self.head.sequence.wrapping_add(1);
        self.head.timestamp = self.head.timestamp.wrapping_add(FRAME as u32);
        self.doing = self.next();
    }

    fn next(&mut self) -> Doing {
        match self.doing {
            Doing::Listening => Doing::Listening,
            Doing::Speaking(frame) if frame + 1 < SPEECH_FRAMES => Doing::Speaking(frame + 1),
            Doing::Speaking(_) => {
                self.said_all = true;
                Doing::Pressing(0)
            }
            Doing::Pressing(sent) if sent + 1 < KEY_PACKETS => Doing::Pressing(sent + 1),
            Doing::Pressing(_) => Doing::Waiting(0),
            Doing::Waiting(passed) => Doing::Waiting(passed + 1),
        }
    }
}
