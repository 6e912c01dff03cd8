//! The yardstick: what answering, playing and recording cost with sockets, one thread and memory alone.
//!
//! A 20 ms wheel of four 5 ms slots, one socket a call, non-blocking, one read and one write in its slot,
//! no poll on media, hardly any SIP. It ends when its standard input is closed, and only then writes what it heard.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::net::{SocketAddr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::args::{BareArgs, BareMode};
use crate::rtp::{self, EVENT, FRAME, HEADER, Head, LINEAR, PCMA, SILENCE};
use crate::sip::{self, Message};
use crate::sys::{self, Batch};

const SLOT: Duration = Duration::from_millis(5);
const SLOTS: usize = 4;
/// Longest recording: 60 s.
const KEEP_MAX: usize = 480_000;

/// Serves until standard input ends.
pub fn serve(args: &BareArgs) -> io::Result<()> {
    sys::raise_open_files();
    let socket = UdpSocket::bind(args.sip)?;
    socket.set_nonblocking(true)?;
    sys::set_buffers(&socket, 4 << 20)?;
    let mut bare = Bare {
        socket,
        address: args.sip,
        clip: clip(args),
        mode: args.mode,
        slots: Default::default(),
        names: HashMap::new(),
        kept: Vec::new(),
        signals: Batch::new(32, 4096),
        media: Batch::new(16, 512),
    };
    println!("ready");
    sys::realtime(10);
    bare.turn();
    if let Some(directory) = &args.out {
        write_all(directory, &bare.kept)?;
    }
    Ok(())
}

/// What callers hear: a greeting of a steady 440 Hz and the beep.
fn clip(args: &BareArgs) -> Vec<u8> {
    let mut clip = rtp::tone(440.0, args.greeting_ms.div_ceil(20).max(1));
    if args.mode == BareMode::Record {
        clip.extend(rtp::tone(rtp::BEEP_HZ, rtp::BEEP_FRAMES));
    }
    clip
}

struct Bare {
    socket: UdpSocket,
    address: SocketAddrV4,
    clip: Vec<u8>,
    mode: BareMode,
    slots: [Vec<Call>; SLOTS],
    /// Slot of each Call-ID, and the answer that a repeated INVITE gets.
    names: HashMap<String, (usize, String)>,
    kept: Vec<Kept>,
    signals: Batch,
    media: Batch,
}

struct Call {
    id: String,
    caller: String,
    socket: UdpSocket,
    head: Head,
    played: usize,
    /// Timestamp of the first recorded packet.
    base: Option<u32>,
    audio: Vec<u8>,
    key: bool,
}

struct Kept {
    caller: String,
    audio: Vec<u8>,
}

impl Bare {
    fn turn(&mut self) {
        let start = Instant::now();
        let mut slot = 0u32;
        loop {
            let idle = self.names.is_empty();
            let deadline = start + SLOT * slot;
            let [signal, end] = sys::wait([self.socket.as_raw_fd(), 0], (!idle).then_some(deadline));
            if end {
                return;
            }
            if signal {
                self.signal();
            }
            if idle {
                // The wheel stood still while nobody called: it goes on from here.
                slot = (start.elapsed().as_nanos() / SLOT.as_nanos()) as u32 + 1;
            } else if Instant::now() >= deadline {
                let mine = slot as usize % SLOTS;
                for call in &mut self.slots[mine] {
                    call.turn(&self.clip, self.mode, &mut self.media);
                }
                slot += 1;
            }
        }
    }

    fn signal(&mut self) {
        loop {
            let count = self.signals.receive(&self.socket);
            let mut out: Vec<(String, SocketAddrV4)> = Vec::with_capacity(count);
            let signals = std::mem::replace(&mut self.signals, Batch::new(0, 1));
            for index in 0..count {
                let packet = signals.packet(index);
                let answer = Message::parse(packet.bytes).and_then(|message| self.request(&message));
                out.extend(answer.map(|text| (text, packet.from)));
            }
            self.signals = signals;
            for (text, to) in out {
                let _ = self.socket.send_to(text.as_bytes(), to);
            }
            if count < self.signals.capacity() {
                return;
            }
        }
    }

    fn request(&mut self, message: &Message<'_>) -> Option<String> {
        let id = message.header("Call-ID")?;
        match message.method() {
            "INVITE" => match self.names.get(id) {
                Some((_, answer)) => Some(answer.clone()),
                None => self.invited(id, message),
            },
            "BYE" => {
                if let Some((slot, _)) = self.names.remove(id) {
                    self.ended(slot, id);
                }
                Some(sip::answer(message, "200 OK", "bare", self.address, ""))
            }
            "ACK" => None,
            _ => message.status().is_none().then(|| sip::answer(message, "200 OK", "bare", self.address, "")),
        }
    }

    fn invited(&mut self, id: &str, message: &Message<'_>) -> Option<String> {
        let remote = message.rtp_address()?;
        let socket = UdpSocket::bind("127.0.0.1:0").ok()?;
        socket.set_nonblocking(true).ok()?;
        socket.connect(remote).ok()?;
        let SocketAddr::V4(local) = socket.local_addr().ok()? else { return None };
        let answer = sip::answer(message, "200 OK", "bare", self.address, &sip::sdp(local));
        let slot = (0..SLOTS).min_by_key(|slot| self.slots[*slot].len())?;
        self.names.insert(id.to_owned(), (slot, answer.clone()));
        let head = Head { marker: true, payload: PCMA, sequence: 1, timestamp: 0, ssrc: u32::from(local.port()) };
        self.slots[slot].push(Call {
            id: id.to_owned(),
            caller: sip::user(sip::uri(message.header("From")?)).to_owned(),
            socket,
            head,
            played: 0,
            base: None,
            audio: Vec::new(),
            key: false,
        });
        Some(answer)
    }

    fn ended(&mut self, slot: usize, id: &str) {
        let Some(place) = self.slots[slot].iter().position(|call| call.id == id) else { return };
        let mut call = self.slots[slot].swap_remove(place);
        if self.mode == BareMode::Record {
            call.read(&mut self.media);
            self.kept.push(Kept { caller: call.caller, audio: call.audio });
        }
    }
}

impl Call {
    fn turn(&mut self, clip: &[u8], mode: BareMode, media: &mut Batch) {
        if mode == BareMode::Play && self.played >= clip.len() {
            self.played = 0;
        }
        if let Some(frame) = clip.get(self.played..self.played + FRAME) {
            self.send(frame);
            self.played += FRAME;
            if self.played >= clip.len() && mode == BareMode::Record {
                // What waits in the socket was said before the beep ended.
                media.receive(&self.socket);
                self.audio.reserve(16 * 1024);
                return;
            }
        }
        if mode == BareMode::Record && self.played >= clip.len() {
            self.read(media);
        } else {
            media.receive(&self.socket);
        }
    }

    fn send(&mut self, frame: &[u8]) {
        let mut packet = [0u8; HEADER + FRAME];
        packet[..HEADER].copy_from_slice(&self.head.print());
        packet[HEADER..].copy_from_slice(frame);
        let _ = self.socket.send(&packet);
        self.head.marker = false;
        self.head.sequence = self.head.sequence.wrapping_add(1);
        self.head.timestamp = self.head.timestamp.wrapping_add(FRAME as u32);
    }

    fn read(&mut self, media: &mut Batch) {
        for index in 0..media.receive(&self.socket) {
            let Some((head, payload)) = Head::parse(media.packet(index).bytes) else { continue };
            if head.payload == EVENT {
                self.key = true;
            } else if head.payload == PCMA && !self.key {
                let base = *self.base.get_or_insert(head.timestamp);
                let at = head.timestamp.wrapping_sub(base) as usize;
                if at + payload.len() > KEEP_MAX {
                    continue;
                }
                if self.audio.len() < at {
                    self.audio.resize(at, SILENCE);
                }
                if self.audio.len() == at {
                    self.audio.extend_from_slice(payload);
                } else if let Some(place) = self.audio.get_mut(at..at + payload.len()) {
                    // A late packet falls into the silence that was left for it.
                    place.copy_from_slice(payload);
                }
            }
        }
    }
}

/// Writes the recordings, and the list of them as the server prints it.
fn write_all(directory: &Path, kept: &[Kept]) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let mut list = Vec::new();
    for (index, kept) in kept.iter().enumerate() {
        let first = kept.audio.iter().position(|byte| *byte != SILENCE).unwrap_or(0);
        let last = kept.audio.iter().rposition(|byte| *byte != SILENCE).map_or(0, |last| last + 1);
        let heard = kept.audio.get(first..last).unwrap_or(&[]);
        let path = directory.join(format!("{index}.wav"));
        fs::write(&path, wav(heard))?;
        list.push(serde_json::json!({
            "id": index.to_string(), "tenant": "bare", "caller": kept.caller, "called": "", "at": "",
            "duration": heard.len() as f64 / 8000.0, "path": path, "state": "new", "urgent": false,
        }));
    }
    fs::write(directory.join("list.json"), serde_json::Value::from(list).to_string())
}

fn wav(a_law: &[u8]) -> Vec<u8> {
    let bytes = a_law.len() as u32 * 2;
    let mut out = Vec::with_capacity(44 + bytes as usize);
    out.extend(b"RIFF");
    out.extend((36 + bytes).to_le_bytes());
    out.extend(b"WAVEfmt ");
    out.extend(16u32.to_le_bytes());
    // PCM, one channel, 8000 samples and 16000 bytes a second, 2 bytes a sample, 16 bits.
    out.extend([1, 0, 1, 0]);
    out.extend(8000u32.to_le_bytes());
    out.extend(16000u32.to_le_bytes());
    out.extend([2, 0, 16, 0]);
    out.extend(b"data");
    out.extend(bytes.to_le_bytes());
    out.extend(a_law.iter().flat_map(|code| LINEAR[usize::from(*code)].to_le_bytes()));
    out
}
