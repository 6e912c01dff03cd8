//! Keys: RFC 4733 both ways, and tones in the audio where it was not negotiated.

pub mod inband;
pub mod receive;
pub mod send;

/// The keys by their event number (RFC 4733 §3.2, table 3). 16 (flash) and above are no keys.
const KEYS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D'];

/// The key of an event number.
pub fn key(event: u8) -> Option<char> {
    KEYS.get(usize::from(event)).copied()
}

/// The event number of a key; small letters too.
pub fn event(key: char) -> Option<u8> {
    let key = key.to_ascii_uppercase();
    KEYS.iter().position(|known| *known == key).and_then(|at| u8::try_from(at).ok())
}

/// The two frequencies of a key in Hz (ITU-T Q.23).
pub fn frequencies(key: char) -> Option<(f32, f32)> {
    const ROWS: [(&str, f32); 4] = [("123A", 697.0), ("456B", 770.0), ("789C", 852.0), ("*0#D", 941.0)];
    const COLUMNS: [f32; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
    let key = key.to_ascii_uppercase();
    ROWS.iter().find_map(|(keys, low)| {
        let column = keys.chars().position(|k| k == key)?;
        Some((*low, *COLUMNS.get(column)?))
    })
}
