//! Session descriptions: as an offer to us, and as the answer to ours.
#![no_main]

use nightdesk::sdp::{Capabilities, Direction, Local, Refusal, accept, answer};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let local =
        Local { rtp: "192.0.2.1:40000".parse().unwrap(), session: 1, version: 1, direction: Direction::SendRecv };
    let caps = Capabilities::default();
    let _ = accept(bytes, &caps, &local);
    if let Ok((ours, _)) = answer(bytes, &caps, &local) {
        let read = accept(&ours, &caps, &local);
        assert!(!matches!(read, Err(Refusal::Malformed(_))), "our own answer: {read:?}");
    }
});
