//! No allocation per packet: a stream in its steady state takes nothing from the heap.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use nightdesk::clock::{Mono, Utc};
use nightdesk::ids::TakeId;
use nightdesk::media::stream::Seeds;
use nightdesk::media::{Clip, Codec, Command, Event, RecordLimits, Remote, Sink, Stream};

#[global_allocator]
static COUNTING: Counting = Counting;

/// The system's allocator, which counts on threads that have asked for it.
struct Counting;

thread_local! {
    /// What was taken since counting began; none: nobody counts. Constant and without a destructor,
    /// so that reading it never allocates itself.
    static TAKEN: Cell<Option<usize>> = const { Cell::new(None) };
}

fn count() {
    // A thread that is ending has no cell any more, and nobody who asks.
    let _ = TAKEN.try_with(|taken| taken.set(taken.get().map(|n| n + 1)));
}

// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.realloc(at, layout, size) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(at, layout) }
    }
}

/// How often `work` took memory.
fn allocations(work: impl FnOnce()) -> usize {
    TAKEN.with(|taken| taken.set(Some(0)));
    work();
    TAKEN.with(|taken| taken.take()).unwrap_or(0)
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(Box::new(7)))), 1);
    assert_eq!(allocations(|| ()), 0);
}

/// Counts what comes, in memory of its own.
#[derive(Default)]
struct Counted {
    sent: usize,
    recorded: usize,
}

impl Sink for Counted {
    fn rtp(&mut self, _to: SocketAddr, _packet: &[u8]) {
        self.sent += 1;
    }
    fn rtcp(&mut self, _to: SocketAddr, _packet: &[u8]) {}
    fn recorded(&mut self, _take: TakeId, blocks: &[u8]) {
        self.recorded += blocks.len();
    }
}

fn caller() -> SocketAddr {
    SocketAddr::from(([198, 51, 100, 7], 10_000))
}

fn stream(codec: Codec) -> Stream {
    let payload = payload_type(codec);
    let mut stream = Stream::new(Seeds { ssrc: 1, sequence: 65_000, timestamp: 0 });
    let remote = Remote {
        codec,
        payload_send: payload,
        payload_recv: payload,
        event_send: Some(101),
        event_recv: Some(101),
        ptime_ms: 20,
        rtp: Some(caller()),
        rtcp: Some(SocketAddr::from(([198, 51, 100, 7], 10_001))),
        signalling: caller().ip(),
        send: true,
        recv: true,
    };
    stream.command(Command::Connect(remote), Mono(0));
    stream
}

fn payload_type(codec: Codec) -> u8 {
    match codec {
        Codec::Pcma => 8,
        Codec::Pcmu => 0,
        Codec::G722 => 9,
    }
}

/// A packet of noise; each eleventh is lost, to see that a gap costs nothing either.
fn packet(codec: Codec, number: u64) -> Option<[u8; 172]> {
    let mut packet = [0u8; 172];
    packet[0] = 0x80;
    packet[1] = payload_type(codec);
    packet[2..4].copy_from_slice(&(number as u16).to_be_bytes());
    packet[4..8].copy_from_slice(&(number as u32 * 160).to_be_bytes());
    for (at, byte) in packet[12..].iter_mut().enumerate() {
        *byte = ((at as u64 * 2_654_435_761 + number * 40_503) >> 7) as u8;
    }
    (!number.is_multiple_of(11)).then_some(packet)
}

/// Passes the 20 ms from `from` to `to`.
fn pass(stream: &mut Stream, codec: Codec, sink: &mut Counted, from: u64, to: u64) {
    for number in from..to {
        let now = Mono(number * 20_000_000);
        if let Some(packet) = packet(codec, number) {
            stream.receive_rtp(&packet, caller(), now);
        }
        stream.tick(now, sink);
        while let Some(event) = stream.poll_event() {
            assert!(!matches!(event, Event::Dead | Event::Recorded { .. }), "{event:?}");
        }
    }
}

const WARM: u64 = 100;
const STEADY: u64 = 100 + 3_000;

#[test]
fn playing_takes_no_memory_per_packet() {
    for codec in [Codec::Pcma, Codec::Pcmu, Codec::G722] {
        let sound: Arc<[u8]> = vec![0x55; 8000 * 120].into();
        let clip = Clip { name: "long".to_owned(), pcma: sound.clone(), pcmu: sound.clone(), g722: sound };
        let mut stream = stream(codec);
        let clips = vec![Arc::new(clip)];
        stream.command(Command::Play { play: 1, clips, wait_first_packet: Duration::ZERO }, Mono(0));
        let mut sink = Counted::default();
        pass(&mut stream, codec, &mut sink, 0, WARM);
        let before = sink.sent;
        let taken = allocations(|| pass(&mut stream, codec, &mut sink, WARM, STEADY));
        assert_eq!(sink.sent - before, (STEADY - WARM) as usize, "{codec:?}: something was to be played");
        assert_eq!(taken, 0, "{codec:?}");
    }
}

#[test]
fn recording_takes_no_memory_per_packet() {
    for codec in [Codec::Pcma, Codec::Pcmu, Codec::G722] {
        let mut stream = stream(codec);
        let long = Duration::from_secs(600);
        let limits = RecordLimits {
            silence_before: long,
            silence_after: long,
            max: long,
            warning: Duration::ZERO,
            end_keys: "#".to_owned(),
        };
        stream.command(Command::Record { take: TakeId::new(Utc(0), [0; 10]), limits }, Mono(0));
        let mut sink = Counted::default();
        pass(&mut stream, codec, &mut sink, 0, WARM);
        let before = sink.recorded;
        let taken = allocations(|| pass(&mut stream, codec, &mut sink, WARM, STEADY));
        assert!(sink.recorded - before > 2_000 * 160, "{codec:?}: something was to be recorded");
        assert_eq!(taken, 0, "{codec:?}");
    }
}
