//! What the pure rooms cost: messages, descriptions, codecs, keys, a tick of a thousand streams, a take, plans.
//!
//! `cargo bench --bench core [FILTER]`; about half a minute.

use std::hint::black_box;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use nightdesk::clock::{Mono, Now, Utc};
use nightdesk::flow::{Event, Flow, Setting, Visitor, route};
use nightdesk::ids::TakeId;
use nightdesk::media::keys::inband::Listener;
use nightdesk::media::stream::Seeds;
use nightdesk::media::{self, Clip, Codec, Command, RecordLimits, Remote, Sink, Stream, g711, take};
use nightdesk::plan::Plan;
use nightdesk::sdp::{Capabilities, Direction, Local, answer};
use nightdesk::sip::msg::{Draft, Header, Message};

const STREAMS: usize = 1_000;

const INVITE: &str = "INVITE sip:+49711123456@192.0.2.1:5060 SIP/2.0\r\n\
    Via: SIP/2.0/UDP 198.51.100.7:5060;rport;branch=z9hG4bK-524287-1---a1b2c3d4\r\n\
    Via: SIP/2.0/UDP 10.1.2.3;branch=z9hG4bKnashds8;received=198.51.100.9\r\n\
    Max-Forwards: 69\r\n\
    Record-Route: <sip:198.51.100.7;lr;ftag=9fxced76sl>\r\n\
    Contact: <sip:+4915112345678@198.51.100.7:5060;transport=udp>\r\n\
    To: <sip:+49711123456@example.org;user=phone>\r\n\
    From: \"M\u{fc}ller GmbH\" <sip:+4915112345678@example.org;user=phone>;tag=9fxced76sl\r\n\
    Call-ID: 3848276298220188511@198.51.100.7\r\n\
    CSeq: 314159 INVITE\r\n\
    P-Asserted-Identity: <tel:+4915112345678>\r\n\
    Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO\r\n\
    Supported: timer, 100rel, histinfo\r\n\
    Session-Expires: 1800\r\n\
    User-Agent: carrier\r\n\
    Content-Type: application/sdp\r\n";

const OFFER: &str = "v=0\r\no=- 20518 0 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 198.51.100.7\r\nt=0 0\r\n\
    m=audio 10000 RTP/AVP 9 8 0 101\r\na=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n\
    a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n";

fn main() {
    let mut bench = Criterion::default()
        .without_plots()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    messages(&mut bench);
    descriptions(&mut bench);
    codecs(&mut bench);
    streams(&mut bench);
    takes(&mut bench);
    plans(&mut bench);
    bench.final_summary();
}

fn invite() -> Vec<u8> {
    format!("{INVITE}Content-Length: {}\r\n\r\n{OFFER}", OFFER.len()).into_bytes()
}

fn messages(bench: &mut Criterion) {
    let bytes = invite();
    bench.bench_function("sip: read an INVITE", |b| b.iter(|| Message::parse(black_box(&bytes)).is_ok()));
    let Ok(message) = Message::parse(&bytes) else { return };
    bench.bench_function("sip: what a server looks at in it", |b| {
        b.iter(|| {
            let message = black_box(&message);
            (message.via(), message.from(), message.to(), message.cseq(), message.header(Header::CallId).is_some())
        });
    });
    bench.bench_function("sip: print its 200", |b| {
        b.iter(|| {
            Draft::response(black_box(&message), 200).tag("x").body("application/sdp", OFFER.as_bytes()).into_bytes()
        });
    });
}

fn descriptions(bench: &mut Criterion) {
    let local = Local {
        rtp: SocketAddr::from(([192, 0, 2, 1], 20000)),
        session: 1,
        version: 1,
        direction: Direction::SendRecv,
    };
    let capabilities = Capabilities::default();
    bench.bench_function("sdp: answer an offer", |b| {
        b.iter(|| answer(black_box(OFFER.as_bytes()), &capabilities, &local).is_ok());
    });
}

/// 20 ms of something that is no silence and no key.
fn samples() -> [i16; 160] {
    std::array::from_fn(|n| (((n * 7919) % 4001) as i16 - 2000) * 4)
}

fn codecs(bench: &mut Criterion) {
    let samples = samples();
    let bytes = samples.map(g711::to_alaw);
    let mut group = bench.benchmark_group("20 ms");
    group.throughput(Throughput::Elements(160));
    group.bench_function("g711: read", |b| b.iter(|| black_box(&bytes).map(g711::alaw)));
    group.bench_function("g711: write", |b| b.iter(|| black_box(&samples).map(g711::to_alaw)));
    let mut listener = Listener::default();
    group.bench_function("keys: listen for tones", |b| b.iter(|| listener.hear(black_box(&samples))));
    group.finish();
}

/// Takes everything and keeps nothing.
struct Void(usize);

impl Sink for Void {
    fn rtp(&mut self, _to: SocketAddr, packet: &[u8]) {
        self.0 += packet.len();
    }
    fn rtcp(&mut self, _to: SocketAddr, packet: &[u8]) {
        self.0 += packet.len();
    }
    fn recorded(&mut self, _take: TakeId, blocks: &[u8]) {
        self.0 += blocks.len();
    }
}

fn far_end(index: usize) -> SocketAddr {
    SocketAddr::from(([198, 51, 100, 7], 10_000 + 2 * index as u16))
}

fn connected(index: usize, command: &Command) -> Stream {
    let mut stream = Stream::new(Seeds { ssrc: index as u32, sequence: 0, timestamp: 0 });
    let remote = Remote {
        codec: Codec::Pcma,
        payload_send: 8,
        payload_recv: 8,
        event_send: Some(101),
        event_recv: Some(101),
        ptime_ms: 20,
        rtp: Some(far_end(index)),
        rtcp: None,
        signalling: far_end(index).ip(),
        send: true,
        recv: true,
    };
    stream.command(Command::Connect(remote), Mono(0));
    stream.command(command.clone(), Mono(0));
    stream
}

fn packet(number: u64) -> [u8; 172] {
    let mut packet = [0u8; 172];
    packet[0] = 0x80;
    packet[1] = 8;
    packet[2..4].copy_from_slice(&(number as u16).to_be_bytes());
    packet[4..8].copy_from_slice(&(number as u32).wrapping_mul(160).to_be_bytes());
    packet[12..].copy_from_slice(&samples().map(g711::to_alaw));
    packet
}

/// One 20 ms of a thousand calls, each with a packet in and, while playing, one out.
fn streams(bench: &mut Criterion) {
    let hour: Arc<[u8]> = vec![0x55u8; 8000 * 3600].into();
    let clip = Clip { name: "long".to_owned(), pcma: hour.clone(), pcmu: hour.clone(), g722: hour };
    let play = Command::Play { play: 1, clips: vec![Arc::new(clip)], wait_first_packet: Duration::ZERO };
    let hours = Duration::from_secs(36_000);
    let limits = RecordLimits {
        silence_before: hours,
        silence_after: hours,
        max: hours,
        warning: Duration::ZERO,
        end_keys: "#".to_owned(),
    };
    let record = Command::Record { take: TakeId::new(Utc(0), [0; 10]), limits };
    let mut group = bench.benchmark_group("1,000 streams");
    group.throughput(Throughput::Elements(STREAMS as u64));
    for (name, command) in [("a tick of playing", play), ("a tick of recording", record)] {
        let mut streams: Vec<Stream> = (0..STREAMS).map(|index| connected(index, &command)).collect();
        let mut sink = Void(0);
        let mut tick = 0u64;
        group.bench_function(name, |b| {
            b.iter(|| {
                tick += 1;
                let now = Mono(tick * 20_000_000);
                let packet = packet(tick);
                for (index, stream) in streams.iter_mut().enumerate() {
                    stream.receive_rtp(&packet, far_end(index), now);
                    stream.tick(now, &mut sink);
                    while stream.poll_event().is_some() {}
                }
            });
        });
        black_box(sink.0);
    }
    group.finish();
}

fn takes(bench: &mut Criterion) {
    let mut file = Vec::new();
    let payload = samples().map(g711::to_alaw);
    for index in 0..500u32 {
        take::put_block(&mut file, media::Codec::Pcma, index * 160, &payload);
    }
    take::put_end(&mut file, 500 * 160);
    bench.bench_function("take: read 10 s", |b| b.iter(|| take::read(black_box(&file)).samples.len()));
}

/// A plan that ships: read, asked where a call begins, walked by a caller who chooses, and a big one checked.
fn plans(bench: &mut Criterion) {
    let text = include_str!("../dialplans/klempner.toml");
    let Ok(known) = nightdesk::run::plans::known() else { return };
    bench.bench_function("plan: read one that ships", |b| {
        b.iter(|| Plan::parse(black_box(text), &known).plan.is_some())
    });
    let Some(plan) = Plan::parse(text, &known).plan else { return };
    let setting = Setting::of(plan, "Nightdesk");
    let visitor =
        Visitor { caller: Some("+493023125042".into()), trusted: false, called: "+493023125001".into(), contact: None };
    let at = Utc(1_795_197_600_000);
    bench.bench_function("flow: where a call begins", |b| b.iter(|| route(black_box(&setting), &visitor, at).target));
    bench.bench_function("flow: a call as far as its message", |b| {
        b.iter(|| {
            let mut now = Now { mono: Mono(1), utc: at };
            let mut flow = Flow::new(setting.clone(), visitor.clone());
            let mut done = 0;
            for event in [Event::Started, Event::Said, Event::Key('2'), Event::Ready, Event::Said, Event::Said] {
                now = now.after(Duration::from_millis(500));
                flow.handle(event, now);
                done += std::iter::from_fn(|| flow.poll_action()).count();
            }
            done
        });
    });
    let mut big = String::from("[line]\nopen = \"menu.s0\"\n");
    for step in 0..10_000u32 {
        let (next, other) = ((step + 1) % 10_000, (step * 7 + 3) % 10_000);
        big.push_str(&format!(
            "[menu.s{step}]\nsay = \"greeting\"\nkey.1 = \"menu.s{next}\"\nkey.2 = \"menu.s{other}\"\n\n"
        ));
    }
    let mut group = bench.benchmark_group("10,000 steps");
    group.sample_size(10);
    group.bench_function("plan: check", |b| b.iter(|| Plan::parse(black_box(&big), &known).findings.len()));
    group.finish();
}
