//! SIP messages, their accessors, their answers, digest, and the framing of streams.
#![no_main]

#[path = "../../tests/it/sip/exercise.rs"]
mod exercise;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| exercise::exercise(bytes));
