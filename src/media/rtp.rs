//! RTP packets (RFC 3550 §5.1): reading, and a header that is rewritten in place.

/// Fixed header, without CSRCs and extension.
pub const HEADER: usize = 12;

/// What is used of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// 0–127.
    pub payload_type: u8,
    /// The marker bit.
    pub marker: bool,
    /// Sequence number.
    pub sequence: u16,
    /// In 1/8000 s for all payloads here (G.722 too, RFC 3551 §4.5.2).
    pub timestamp: u32,
    /// Synchronisation source.
    pub ssrc: u32,
    /// Without padding, CSRCs and extension.
    pub payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// None: not RTP.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let reader = rtp_rs::RtpReader::new(bytes).ok()?;
        Some(Packet {
            payload_type: reader.payload_type(),
            marker: reader.mark(),
            sequence: reader.sequence_number().into(),
            timestamp: reader.timestamp(),
            ssrc: reader.ssrc(),
            payload: reader.payload(),
        })
    }
}

/// On a shared port: payload types 64–95 with the marker bit are RTCP packet types 192–223 (RFC 5761 §4).
pub fn is_rtcp(bytes: &[u8]) -> bool {
    bytes.get(1).is_some_and(|kind| (192..=223).contains(kind))
}

/// A packet's buffer, reused for all packets of a stream: the header is written over the last one.
#[derive(Clone, Debug)]
pub struct Writer {
    bytes: Vec<u8>,
    ssrc: u32,
    marker: bool,
}

impl Writer {
    /// Room for the longest packet: 60 ms.
    pub fn new(ssrc: u32) -> Self {
        Writer { bytes: Vec::with_capacity(HEADER + 480), ssrc, marker: false }
    }

    /// The next packet has the marker.
    pub fn mark(&mut self) {
        self.marker = true;
    }

    /// Begins a packet; the payload is appended to what comes back.
    pub fn begin(&mut self, payload_type: u8, sequence: u16, timestamp: u32) -> &mut Vec<u8> {
        let marker = if std::mem::take(&mut self.marker) { 0x80 } else { 0 };
        self.bytes.clear();
        self.bytes.extend_from_slice(&[0x80, payload_type & 0x7F | marker]);
        self.bytes.extend_from_slice(&sequence.to_be_bytes());
        self.bytes.extend_from_slice(&timestamp.to_be_bytes());
        self.bytes.extend_from_slice(&self.ssrc.to_be_bytes());
        &mut self.bytes
    }

    /// The packet as it stands.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shared_ports_are_told_apart() {
        assert!(is_rtcp(&[0x80, 200, 0, 0]) && is_rtcp(&[0x81, 203]));
        assert!(!is_rtcp(&[0x80, 8]) && !is_rtcp(&[0x80, 0x88]) && !is_rtcp(&[0x80, 0x80 | 101]) && !is_rtcp(&[0x80]));
    }

    #[test]
    fn padding_csrc_and_extension_are_no_audio() {
        let mut bytes = vec![0x80 | 0x20 | 0x10 | 1, 8, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
        bytes.extend([9; 4]); // CSRC
        bytes.extend([0xBE, 0xDE, 0, 1, 7, 7, 7, 7]); // extension of one word
        bytes.extend([1, 2, 3, 0, 0, 3]); // three bytes and three of padding
        let packet = Packet::read(&bytes).unwrap();
        assert_eq!(packet.payload, [1, 2, 3]);
        assert_eq!((packet.sequence, packet.timestamp, packet.ssrc), (1, 2, 3));
    }

    proptest! {
        #[test]
        fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = Packet::read(&bytes);
        }

        #[test]
        fn what_is_written_is_read(kind in 0u8..128, marker: bool, sequence: u16, timestamp: u32, ssrc: u32,
                                   payload in proptest::collection::vec(any::<u8>(), 0..480)) {
            let mut writer = Writer::new(ssrc);
            writer.mark();
            writer.begin(1, 0, 0).extend_from_slice(&[1; 400]);
            if marker { writer.mark() }
            writer.begin(kind, sequence, timestamp).extend_from_slice(&payload);
            prop_assert_eq!(
                Packet::read(writer.bytes()),
                Some(Packet { payload_type: kind, marker, sequence, timestamp, ssrc, payload: &payload })
            );
        }
    }
}
