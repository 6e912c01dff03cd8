//! The file of a take, damaged anyhow: as it is, and as blocks with right checks but wrong places.
#![no_main]

use nightdesk::media::Codec;
use nightdesk::media::take::{put_block, put_end, read};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    let mut file = Vec::new();
    let mut rest = bytes;
    while let [kind, length, a, b, c, tail @ ..] = rest {
        let (payload, tail) = tail.split_at(tail.len().min(usize::from(*length)));
        rest = tail;
        let position = u32::from_le_bytes([*a, *b, *c & 7, *c & 0x80]);
        match kind % 5 {
            0 => put_block(&mut file, Codec::Pcma, position, payload),
            1 => put_block(&mut file, Codec::Pcmu, position, payload),
            2 => put_block(&mut file, Codec::G722, position, payload),
            3 => put_end(&mut file, position),
            _ => file.extend_from_slice(payload),
        }
    }
    check(&file);
});

fn check(file: &[u8]) {
    let reading = read(file);
    assert!(reading.heard.start <= reading.heard.end && reading.heard.end <= reading.samples.len());
    assert!(reading.rate_hz == 8000 || reading.rate_hz == 16000);
}
