//! Octets and text: decoding, tokens, quoted strings, splitting.

use std::borrow::Cow;

/// Text of octets: UTF-8 where it is (RFC 3261 §7.3.1), else every octet one Latin-1 letter, which is
/// what old exchanges send.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|&b| char::from(b)).collect()),
    }
}

/// A token character (RFC 3261 §25.1).
pub fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte)
}

/// One token, and nothing else.
pub fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().copied().all(is_token_byte)
}

/// SP and HTAB; line ends are gone by then.
pub fn is_lws(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// Without leading and trailing SP and HTAB.
pub fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// [`trim`] for octets.
pub fn trim_bytes(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes {
        if !is_lws(*first) {
            break;
        }
        bytes = rest;
    }
    while let [rest @ .., last] = bytes {
        if !is_lws(*last) {
            break;
        }
        bytes = rest;
    }
    bytes
}

/// A decimal number of digits only, at most `max`: no sign, no blank.
pub fn number(text: &str, max: u64) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|&n| n <= max)
}

/// [`number`] that fits 32 bits.
pub fn number_u32(text: &str) -> Option<u32> {
    number(text, u64::from(u32::MAX)).and_then(|n| u32::try_from(n).ok())
}

/// Where `wanted` stands first outside of quoted strings and `<…>`.
pub fn find_outside(text: &str, wanted: &[u8]) -> Option<usize> {
    let (mut quoted, mut escaped, mut bracket) = (false, false, false);
    for (at, byte) in text.bytes().enumerate() {
        if escaped {
            escaped = false;
        } else if quoted {
            match byte {
                b'\\' => escaped = true,
                b'"' => quoted = false,
                _ => {}
            }
        } else if !bracket && wanted.contains(&byte) {
            return Some(at);
        } else {
            match byte {
                b'"' if !bracket => quoted = true,
                b'<' => bracket = true,
                b'>' => bracket = false,
                _ => {}
            }
        }
    }
    None
}

/// The pieces between `separator`s that stand outside of quoted strings and `<…>`, trimmed.
pub fn split_outside(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        match find_outside(text, &[separator]) {
            Some(at) => {
                rest = text.get(at + 1..);
                text.get(..at).map(trim)
            }
            None => {
                rest = None;
                Some(trim(text))
            }
        }
    })
}

/// A quoted string at the start of `text`: its content without escapes, and what follows it.
pub fn quoted(text: &str) -> Option<(String, &str)> {
    let mut chars = text.strip_prefix('"')?.char_indices();
    let mut content = String::new();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((content, text.get(at + 2..).unwrap_or(""))),
            '\\' => content.push(chars.next()?.1),
            _ => content.push(c),
        }
    }
    None
}

/// As a quoted string, escaped.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars().filter(|c| !matches!(c, '\r' | '\n' | '\0')) {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// `%41` as `A`; what is no escape stays as it is. Octets that are not UTF-8 become Latin-1.
pub fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = match rest {
            [b'%', hi, lo, tail @ ..] => hex(*hi).zip(hex(*lo)).map(|(hi, lo)| (hi << 4 | lo, tail)),
            _ => None,
        };
        let (byte, tail) = escaped.unwrap_or((*first, tail));
        out.push(byte);
        rest = tail;
    }
    Cow::Owned(decode(&out).into_owned())
}

/// The value of a hexadecimal digit.
pub fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|d| u8::try_from(d).ok())
}
