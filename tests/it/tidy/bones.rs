//! Rust text without what does not count: comments and strings blanked, positions and lines kept.

use std::ops::Range;

/// `text` with comments and the insides of strings and characters replaced by spaces, byte for byte.
pub fn bones(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = if bytes[at..].starts_with(b"//") {
            find(bytes, at, b"\n")
        } else if bytes[at..].starts_with(b"/*") {
            block_comment_end(bytes, at)
        } else if let Some(end) = string_end(bytes, at) {
            end
        } else {
            at += 1;
            continue;
        };
        for byte in &mut out[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end;
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> usize {
    bytes[from..].windows(what.len()).position(|w| w == what).map_or(bytes.len(), |p| from + p)
}

/// Block comments nest in Rust.
fn block_comment_end(bytes: &[u8], start: usize) -> usize {
    let (mut depth, mut at) = (0, start);
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if bytes[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    at
}

/// The end of the string, byte string, raw string or character that starts at `at`, if one does.
fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let in_a_name = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    match bytes[at] {
        b'"' => Some(quoted_end(bytes, at, b'"')),
        b'r' if !in_a_name || bytes[at - 1] == b'b' => {
            let hashes = bytes[at + 1..].iter().take_while(|b| **b == b'#').count();
            let opens = bytes.get(at + 1 + hashes) == Some(&b'"');
            let close = [b"\"".as_slice(), &vec![b'#'; hashes]].concat();
            opens.then(|| (find(bytes, at + hashes + 2, &close) + close.len()).min(bytes.len()))
        }
        // A lifetime has no closing quote: `'a'` and `'\n'` are characters, `'a` is none.
        b'\'' if bytes.get(at + 1) == Some(&b'\\') => Some(quoted_end(bytes, at, b'\'')),
        b'\'' => {
            let next = std::str::from_utf8(&bytes[at + 1..]).ok()?.chars().next()?.len_utf8();
            (bytes.get(at + 1 + next) == Some(&b'\'')).then_some(at + next + 2)
        }
        _ => None,
    }
}

fn quoted_end(bytes: &[u8], start: usize, quote: u8) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != quote {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// `code` (bones) with every item under `#[cfg(test)]` blanked.
pub fn without_tests(code: &str) -> String {
    let mut out = code.to_owned();
    for (at, mark) in code.match_indices("#[cfg(test)]") {
        let from = at + mark.len();
        let end = match code[from..].find(['{', ';']) {
            Some(p) if code[from + p..].starts_with('{') => closing(code, from + p),
            Some(p) => from + p + 1,
            None => code.len(),
        };
        let blank: String = code[at..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
        if blank.len() == end - at {
            out.replace_range(at..end, &blank);
        }
    }
    out
}

/// The position after the brace that closes the one at `open`.
pub fn closing(code: &str, open: usize) -> usize {
    let mut depth = 0;
    for (p, c) in code[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return open + p + 1;
        }
    }
    code.len()
}

/// Each function of `code` (bones) with a body: its name and the range of `{ … }`.
pub fn functions(code: &str) -> Vec<(String, Range<usize>)> {
    let mut found = Vec::new();
    for (at, word) in code.match_indices("fn ") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + word.len()..];
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let body = rest.find(['{', ';']).filter(|p| rest[*p..].starts_with('{'));
        if let (false, Some(p)) = (name.is_empty(), body) {
            let open = at + word.len() + p;
            found.push((name, open..closing(code, open)));
        }
    }
    found
}

#[test]
fn comments_and_strings_go_positions_stay() {
    let text = "a // b\n\"c\\\"d\" e /* f /* g */ h */ i r#\"j\"# 'k' '\\'' &'l m 'ä' b\"n\"";
    let code = bones(text);
    assert_eq!(code.len(), text.len());
    assert_eq!(code.split_whitespace().collect::<Vec<_>>(), ["a", "e", "i", "&'l", "m", "b"]);
}

#[test]
fn test_items_go() {
    let code = "a #[cfg(test)]\nmod tests { b { c } } d #[cfg(test)] mod e; f";
    assert_eq!(without_tests(code).split_whitespace().collect::<Vec<_>>(), ["a", "d", "f"]);
}

#[test]
fn functions_are_found() {
    let found = functions("trait T { fn a(); } pub fn b<T>() -> u8 { if x { 1 } else { 2 } } fn_like()");
    assert_eq!(found.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(), ["b"]);
}
