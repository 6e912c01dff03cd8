//! What crosses the border of the room: clips, commands to a stream, events of it, its sink.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::ids::TakeId;

/// How far apart the ticks of a stream are.
pub const TICK: Duration = Duration::from_millis(20);

/// Audio codecs. All of them are 64 kbit/s: one byte is 1/8000 s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// G.711 A-law.
    Pcma,
    /// G.711 µ-law.
    Pcmu,
    /// G.722: 16 kHz audio.
    G722,
}

/// Speech encoded once per codec and shared by all who play it: one byte is 1/8000 s in each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip {
    /// Prompt id, or what the timeline calls it.
    pub name: String,
    /// A-law.
    pub pcma: Arc<[u8]>,
    /// µ-law.
    pub pcmu: Arc<[u8]>,
    /// G.722.
    pub g722: Arc<[u8]>,
}

/// The other end of the stream, as negotiated. Given again at each re-negotiation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remote {
    /// The codec both ways.
    pub codec: Codec,
    /// Payload type to send.
    pub payload_send: u8,
    /// Payload type to receive.
    pub payload_recv: u8,
    /// telephone-event (RFC 4733) to send; none: not negotiated.
    pub event_send: Option<u8>,
    /// telephone-event to receive; none: in-band detection.
    pub event_recv: Option<u8>,
    /// Packet length to send, 10–60 ms.
    pub ptime_ms: u8,
    /// The SDP's RTP address; none while they hold with 0.0.0.0.
    pub rtp: Option<SocketAddr>,
    /// The SDP's RTCP address.
    pub rtcp: Option<SocketAddr>,
    /// Where the signalling came from: the only IP beside the SDP's that RTP is learnt from
    /// (SECURITY.md, RTP bleed).
    pub signalling: IpAddr,
    /// We may send.
    pub send: bool,
    /// They may send: silence on the line is not a dead line while false.
    pub recv: bool,
}

/// When a recording ends by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordLimits {
    /// Silence before any sound.
    pub silence_before: Duration,
    /// Silence after sound.
    pub silence_after: Duration,
    /// Longest recording.
    pub max: Duration,
    /// [`Event::RecordWarning`] comes this long before `max`; zero for none.
    pub warning: Duration,
    /// Keys that end it; other keys are reported and cut out.
    pub end_keys: String,
}

/// What can be asked of a stream.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// The negotiated other end. The stream sends and listens from now on; the lock on address and
    /// SSRC is opened for learning again.
    Connect(Remote),
    /// Play these one after the other. Replaces what plays.
    Play {
        /// Comes back in [`Event::Played`].
        play: u32,
        /// In order.
        clips: Vec<Arc<Clip>>,
        /// Start at the peer's first RTP packet or after this long: no word is clipped.
        wait_first_packet: Duration,
    },
    /// Stop playing; [`Event::Played`] follows with `complete: false`.
    StopPlaying,
    /// Record what comes in from now on. May run while something plays (the spoken warning).
    Record {
        /// Names the recording.
        take: TakeId,
        /// When it ends by itself.
        limits: RecordLimits,
    },
    /// End the recording now; [`Event::Recorded`] follows.
    StopRecording,
    /// Send these keys by RFC 4733 (or as in-band tones where not negotiated): `0-9*#A-D`, `,` is half a second.
    SendKeys(String),
}

/// Where a key was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// RFC 4733.
    Rtp,
    /// Tones in the audio.
    InBand,
}

/// Why a recording ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordEnd {
    /// One of `end_keys`.
    Key(char),
    /// Silence.
    Silence,
    /// `max` reached.
    Max,
    /// [`Command::StopRecording`].
    Stopped,
    /// The line is dead.
    Dead,
}

/// What a stream says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// The first packet from a permitted source.
    FirstPacket,
    /// A key, once for each press.
    Key {
        /// `0-9*#A-D`.
        key: char,
        /// Where.
        source: KeySource,
    },
    /// A [`Command::Play`] ended.
    Played {
        /// Which.
        play: u32,
        /// How much of it was sent.
        played_ms: u32,
        /// To its end.
        complete: bool,
    },
    /// The recording is near its `max`.
    RecordWarning(TakeId),
    /// The recording ended; all its blocks have gone to the sink.
    Recorded {
        /// Which.
        take: TakeId,
        /// Why.
        end: RecordEnd,
        /// Its whole length.
        total_ms: u32,
        /// How much of it was sound, not silence.
        sound_ms: u32,
    },
    /// No RTP for the set time (default 20 s) while they may send.
    Dead,
}

/// Figures of a stream, for the timeline and metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// RTP packets taken.
    pub received: u64,
    /// RTP packets sent.
    pub sent: u64,
    /// Lost, by sequence number (RFC 3550 appendix A.3).
    pub lost: u64,
    /// From a source that may not speak.
    pub foreign: u64,
    /// Not RTP, or an unknown payload type.
    pub bad: u64,
    /// Interarrival jitter, in 1/8000 s (RFC 3550 §6.4.1).
    pub jitter: u32,
}

/// Where a stream's output goes.
pub trait Sink {
    /// Send this RTP packet.
    fn rtp(&mut self, to: SocketAddr, packet: &[u8]);
    /// Send this RTCP packet (on the RTP socket under rtcp-mux: `to` equals the RTP address then).
    fn rtcp(&mut self, to: SocketAddr, packet: &[u8]);
    /// Append these bytes to the take's file: whole blocks of [`super`]'s take format.
    fn recorded(&mut self, take: TakeId, blocks: &[u8]);
}
