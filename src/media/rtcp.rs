//! RTCP (RFC 3550 §6): what we report, and the little that we read.
//!
//! Reports go out about every five seconds at jittered times (§6.2, §6.3.1: with two members and voice
//! the bandwidth rule never asks for more than the minimum interval). The CNAME is random and names
//! nobody (RFC 7022 §4.2).

use std::time::Duration;

use super::source::Source;
use crate::clock::Mono;

const SR: u8 = 200;
const RR: u8 = 201;
const SDES: u8 = 202;
const BYE: u8 = 203;
/// `Tmin` (§6.2).
const INTERVAL: Duration = Duration::from_secs(5);
/// e − 3/2: makes up for what timer reconsideration adds (§6.3.1).
const COMPENSATION: f64 = 1.218_28;
/// 96 bits in base64.
const CNAME: usize = 16;

/// What we sent, for a sender report.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// Packets.
    pub packets: u64,
    /// Bytes of payload.
    pub octets: u64,
    /// The RTP timestamp of now.
    pub timestamp: u32,
}

/// Writes reports, and remembers what is needed for them.
#[derive(Debug)]
pub struct Reporter {
    ssrc: u32,
    cname: [u8; CNAME],
    random: u64,
    due: Option<Mono>,
    reported: bool,
    packets_before: u64,
    /// SSRC, middle of the NTP time and arrival of the last sender report (§6.4.1, LSR and DLSR).
    heard: Option<(u32, u32, Mono)>,
    packet: Vec<u8>,
}

/// What an RTCP packet said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Reports or the like.
    Report,
    /// Its sender leaves.
    Bye,
}

impl Reporter {
    /// `seed` decides the CNAME and the times.
    pub fn new(ssrc: u32, seed: u64) -> Self {
        // xorshift never leaves zero.
        let mut reporter = Reporter {
            ssrc,
            cname: [0; CNAME],
            random: seed | 1,
            due: None,
            reported: false,
            packets_before: 0,
            heard: None,
            packet: Vec::with_capacity(128),
        };
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        reporter.cname = std::array::from_fn(|_| {
            let at = usize::try_from(reporter.next_random() >> 58).unwrap_or(0);
            alphabet.get(at).copied().unwrap_or(b'A')
        });
        reporter
    }

    /// The report, if one is due. `source`: whom we hear.
    pub fn tick(&mut self, sent: Sent, source: Option<&mut Source>, now: Mono) -> Option<&[u8]> {
        let Some(due) = self.due else {
            // The first comes after half the interval (§6.3.2).
            self.due = Some(now + self.interval() / 2);
            return None;
        };
        if now < due {
            return None;
        }
        self.due = Some(now + self.interval());
        self.write(sent, source, now);
        Some(&self.packet)
    }

    /// The last packet, with BYE; none if nobody ever heard of us (§6.3.7).
    pub fn bye(&mut self, sent: Sent, source: Option<&mut Source>, now: Mono) -> Option<&[u8]> {
        if !self.reported && sent.packets == 0 {
            return None;
        }
        self.write(sent, source, now);
        self.head(1, BYE, 1);
        self.word(self.ssrc);
        Some(&self.packet)
    }

    /// Reads a compound packet; none: it is not one.
    pub fn receive(&mut self, bytes: &[u8], now: Mono) -> Option<Said> {
        let mut said = Said::Report;
        let mut rest = bytes;
        while !rest.is_empty() {
            let (head, _) = rest.split_first_chunk::<4>()?;
            let [flags, kind, high, low] = *head;
            let length = 4 + 4 * usize::from(u16::from_be_bytes([high, low]));
            let first = rest.len() == bytes.len();
            let (packet, after) = rest.split_at_checked(length)?;
            // Appendix A.2: version 2, a report first and not padded, padding in the last alone.
            // A BYE may come alone: RFC 5506, and careless senders.
            let padded = flags & 0x20 != 0;
            if flags >> 6 != 2 || (padded && (first || !after.is_empty())) || (first && !(SR..=207).contains(&kind)) {
                return None;
            }
            match kind {
                SR => self.sender_report(packet, now),
                BYE => said = Said::Bye,
                _ => {}
            }
            rest = after;
        }
        (!bytes.is_empty()).then_some(said)
    }

    fn sender_report(&mut self, packet: &[u8], now: Mono) {
        let word = |at: usize| packet.get(at..at + 4).and_then(|b| <[u8; 4]>::try_from(b).ok()).map(u32::from_be_bytes);
        if let (Some(ssrc), Some(seconds), Some(fraction)) = (word(4), word(8), word(12)) {
            self.heard = Some((ssrc, seconds << 16 | fraction >> 16, now));
        }
    }

    /// A report and our name.
    fn write(&mut self, sent: Sent, source: Option<&mut Source>, now: Mono) {
        self.packet.clear();
        let blocks = u8::from(source.is_some());
        let sender = sent.packets != self.packets_before;
        self.packets_before = sent.packets;
        self.reported = true;
        self.head(blocks, if sender { SR } else { RR }, if sender { 6 } else { 1 } + 6 * u16::from(blocks));
        self.word(self.ssrc);
        if sender {
            // §4: without a wall clock, time since the start will do. It tells nobody how late it is here.
            let nanos = u128::from(now.0);
            self.word((nanos / 1_000_000_000) as u32);
            self.word((((nanos % 1_000_000_000) << 32) / 1_000_000_000) as u32);
            self.word(sent.timestamp);
            self.word(sent.packets as u32);
            self.word(sent.octets as u32);
        }
        if let Some(source) = source {
            self.block(source, now);
        }
        // CNAME item and at least one null octet, in whole words (§6.5).
        let words = (4 + 2 + CNAME + 1).div_ceil(4);
        self.head(1, SDES, words as u16);
        let start = self.packet.len();
        self.word(self.ssrc);
        self.packet.extend_from_slice(&[1, CNAME as u8]);
        self.packet.extend_from_slice(&self.cname);
        self.packet.resize(start + words * 4, 0);
    }

    /// A report block (§6.4.1).
    fn block(&mut self, source: &mut Source, now: Mono) {
        self.word(source.ssrc);
        let lost = source.lost().clamp(-0x80_0000, 0x7F_FFFF) as u32 & 0xFF_FFFF;
        self.word(u32::from(source.fraction_lost()) << 24 | lost);
        self.word(source.highest());
        self.word(source.jitter());
        let heard = self.heard.filter(|(ssrc, ..)| *ssrc == source.ssrc);
        let (last, delay) =
            heard.map_or((0, 0), |(_, ntp, at)| (ntp, (now.since(at).as_nanos() << 16) / 1_000_000_000));
        self.word(last);
        self.word(u32::try_from(delay).unwrap_or(u32::MAX));
    }

    fn head(&mut self, count: u8, kind: u8, words: u16) {
        self.packet.extend_from_slice(&[0x80 | count, kind]);
        self.packet.extend_from_slice(&words.to_be_bytes());
    }

    fn word(&mut self, word: u32) {
        self.packet.extend_from_slice(&word.to_be_bytes());
    }

    fn interval(&mut self) -> Duration {
        let random = (self.next_random() >> 11) as f64 / (1u64 << 53) as f64;
        INTERVAL.mul_f64((0.5 + random) / COMPENSATION)
    }

    /// xorshift64*: for times and a name, not for secrets.
    fn next_random(&mut self) -> u64 {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        self.random.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sent(packets: u64) -> Sent {
        Sent { packets, octets: packets * 160, timestamp: 77 }
    }

    fn after(ms: u64) -> Mono {
        Mono(5_000_000_000) + Duration::from_millis(ms)
    }

    fn words(packet: &[u8]) -> Vec<u32> {
        packet.chunks(4).map(|c| u32::from_be_bytes(c.try_into().unwrap())).collect()
    }

    #[test]
    fn reports_come_at_jittered_times() {
        let mut reporter = Reporter::new(1, 99);
        let times: Vec<u64> =
            (0..120_000).step_by(20).filter(|ms| reporter.tick(sent(1), None, after(*ms)).is_some()).collect();
        assert!((1000..=3100).contains(&times[0]), "half the interval: {times:?}");
        let gaps: Vec<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gaps.iter().all(|gap| (2050..=6180).contains(gap)), "{gaps:?}");
        assert!(gaps.iter().any(|gap| *gap < 3500) && gaps.iter().any(|gap| *gap > 4800), "{gaps:?}");
    }

    #[test]
    fn a_sender_report_says_what_was_heard_and_sent() {
        let mut reporter = Reporter::new(0xAB, 7);
        let mut source = Source::new(0xCD, 1);
        for sequence in [1, 2, 4, 5] {
            source.count(sequence, u32::from(sequence) * 160, after(u64::from(sequence) * 20));
        }
        let mut theirs = vec![0x80, 200, 0, 6, 0, 0, 0, 0xCD];
        theirs.extend([0, 0, 0x12, 0x34, 0x56, 0x78, 0, 0]);
        theirs.extend([0; 12]);
        assert_eq!(reporter.receive(&theirs, after(0)), Some(Said::Report));
        assert_eq!(reporter.tick(sent(3), Some(&mut source), after(0)), None);
        let packet = reporter.tick(sent(3), Some(&mut source), after(4000)).unwrap().to_vec();
        let words = words(&packet);
        assert_eq!(words[..7], [0x81C8_000C, 0xAB, 9, 0, 77, 3, 480]);
        assert_eq!(words[7..13], [0xCD, (256 / 5) << 24 | 1, 5, 0, 0x1234_5678, 4 << 16]);
        assert_eq!(words[13], 0x81CA_0006);
        assert_eq!((words.len(), words[14], packet[60], packet[61]), (20, 0xAB, 1, 16));
        assert!(packet[62..78].iter().all(u8::is_ascii) && packet[78..] == [0, 0]);
        assert_eq!(Reporter::new(1, 1).receive(&packet, after(0)), Some(Said::Report));
    }

    #[test]
    fn who_sends_nothing_is_a_receiver_and_leaves_with_bye() {
        let mut reporter = Reporter::new(1, 7);
        assert_eq!(reporter.bye(sent(0), None, after(0)), None);
        reporter.tick(sent(5), None, after(0));
        assert_eq!(reporter.tick(sent(5), None, after(9000)).unwrap()[1], SR);
        let report = reporter.tick(sent(5), None, after(18_000)).unwrap().to_vec();
        assert_eq!(report[..4], [0x80, RR, 0, 1]);
        let bye = reporter.bye(sent(5), None, after(18_000)).unwrap().to_vec();
        assert_eq!(bye[..report.len()], report);
        assert_eq!(bye[report.len()..], [0x81, BYE, 0, 1, 0, 0, 0, 1]);
        assert_eq!(Reporter::new(2, 2).receive(&bye, after(0)), Some(Said::Bye));
    }

    #[test]
    fn what_is_no_rtcp_is_refused() {
        let mut reporter = Reporter::new(1, 7);
        for bad in [&[][..], &[0x80], &[0x80, 200, 0, 1], &[0x40, 201, 0, 0], &[0xA0, 201, 0, 0], &[0x80, 8, 0, 0]] {
            assert_eq!(reporter.receive(bad, after(0)), None, "{bad:?}");
        }
        assert_eq!(reporter.receive(&[0x80, 200, 0, 0], after(0)), Some(Said::Report), "short, and nothing is read");
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), kind in 199u8..206) {
            if let [first, second, high, ..] = bytes.as_mut_slice() {
                (*first, *second, *high) = (*first & 0x1F | 0x80, kind, 0);
            }
            let _ = Reporter::new(1, 7).receive(&bytes, after(0));
        }
    }
}
