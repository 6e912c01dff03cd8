//! Bodies of several parts (RFC 2046 §5.1, RFC 5621): SDP beside ISUP, location or a picture.

use super::header::Header;
use super::text::{self, decode, trim};
use super::values::Params;
use crate::sip::limits;

/// `type/subtype` of a Content-Type value, in lower case.
pub(super) fn media_type(value: &str) -> Option<String> {
    let kind: String = value.split(';').next()?.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    (!kind.is_empty()).then(|| kind.to_ascii_lowercase())
}

/// The first body of type `wanted` in a body of type `content_type`.
pub(super) fn find<'a>(content_type: &str, body: &'a [u8], wanted: &str, depth: usize) -> Option<&'a [u8]> {
    let kind = media_type(content_type)?;
    if kind == wanted {
        return Some(body);
    }
    if depth == 0 || !kind.starts_with("multipart/") {
        return None;
    }
    let (_, params) = content_type.split_once(';')?;
    let params = Params::parse(params).ok()?;
    let boundary = params.get("boundary").filter(|b| !b.is_empty() && b.len() <= 70)?;
    parts(body, boundary).find_map(|part| {
        let (content_type, body) = head(part);
        find(content_type.as_deref().unwrap_or("text/plain"), body, wanted, depth - 1)
    })
}

/// What stands between `--boundary` lines, up to `--boundary--` or the end.
fn parts<'a>(body: &'a [u8], boundary: &str) -> impl Iterator<Item = &'a [u8]> {
    let delimiter = format!("--{boundary}").into_bytes();
    // The delimiter's CRLF belongs to it; the first one may stand at the very start.
    let mut rest = match body.starts_with(&delimiter) {
        true => body.get(delimiter.len()..),
        false => after(body, &[b"\r\n", &*delimiter].concat()).map(|(_, rest)| rest),
    };
    let delimiter = [b"\r\n", &*delimiter].concat();
    std::iter::from_fn(move || {
        let current = rest.filter(|rest| !rest.starts_with(b"--"))?;
        // Blanks may stand behind the delimiter.
        let start = current.iter().position(|&b| b == b'\n')? + 1;
        // The line end is looked for again with the CRLF: a part may be empty.
        let (part, tail) = match after(current.get(start.saturating_sub(2)..)?, &delimiter) {
            Some((part, tail)) => (part, Some(tail)),
            None => (current.get(start.saturating_sub(2)..)?, None),
        };
        rest = tail;
        Some(part.get(2..).unwrap_or_default())
    })
    .take(limits::BODY_PARTS)
}

/// Before and behind the first `needle`.
fn after<'a>(haystack: &'a [u8], needle: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = haystack.windows(needle.len()).position(|window| window == needle)?;
    Some((haystack.get(..at)?, haystack.get(at + needle.len()..)?))
}

/// Content-Type and body of a part.
fn head(part: &[u8]) -> (Option<String>, &[u8]) {
    let (mut content_type, mut rest) = (None, part);
    for _ in 0..limits::HEADER_LINES {
        let (line, tail) = after(rest, b"\r\n").unwrap_or((rest, b""));
        rest = tail;
        let Some(colon) = line.iter().position(|&b| b == b':') else { break };
        let (name, value) = line.split_at(colon);
        if Header::of(text::trim_bytes(name)) == Some(Header::ContentType) {
            content_type = Some(trim(&decode(value.get(1..).unwrap_or_default())).to_owned());
        }
    }
    (content_type, rest)
}

#[cfg(test)]
mod tests {
    use super::find;

    const MIXED: &str = "multipart/mixed; boundary=\"b 1\"";

    fn sdp(content_type: &str, body: &str) -> Option<String> {
        find(content_type, body.as_bytes(), "application/sdp", 3).map(|b| String::from_utf8_lossy(b).into_owned())
    }

    #[test]
    fn sdp_is_found_beside_other_parts() {
        let body = "preamble\r\n--b 1\r\nContent-Type: application/isup\r\n\r\nxx\r\n--b 1 \r\n\
            content-disposition: session\r\nc : Application/SDP;x=y\r\n\r\nv=0\r\no=-\r\n\r\n--b 1--\r\nrest";
        assert_eq!(sdp(MIXED, body).as_deref(), Some("v=0\r\no=-\r\n"));
        assert_eq!(sdp("application/sdp ; charset=x", "v=0").as_deref(), Some("v=0"));
        assert_eq!(sdp("text/plain", "v=0"), None);
    }

    #[test]
    fn broken_ones_give_what_is_there() {
        assert_eq!(sdp(MIXED, "--b 1\r\nc: application/sdp\r\n\r\nv=0").as_deref(), Some("v=0"));
        assert_eq!(sdp(MIXED, "--b 1\r\n\r\nplain\r\n--b 1--"), None);
        assert_eq!(sdp(MIXED, "--b 1--\r\n--b 1\r\nc: application/sdp\r\n\r\nv=0"), None, "behind the end");
        for body in ["", "--b 1", "--b 1\n", "--b 1\r\n", "--b 1\r\n\r\n--b 1\r\n", "\r\n--b 1\r\nc:", "--b 1\r\nc"] {
            assert_eq!(sdp(MIXED, body), None, "{body:?}");
        }
        assert_eq!(sdp("multipart/mixed", "--b 1\r\nc: application/sdp\r\n\r\nv=0"), None);
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let inside = "--i\r\nc: application/sdp\r\n\r\nv=0\r\n--i--";
        let nested = |n: usize| {
            (0..n).fold(("multipart/mixed;boundary=i".to_owned(), inside.to_owned()), |(kind, body), n| {
                (format!("multipart/mixed;boundary=n{n}"), format!("--n{n}\r\nc: {kind}\r\n\r\n{body}\r\n--n{n}--"))
            })
        };
        let (kind, body) = nested(2);
        assert!(sdp(&kind, &body).is_some());
        let (kind, body) = nested(3);
        assert_eq!(sdp(&kind, &body), None);
        let many = |n: usize| format!("{}--b 1\r\nc: application/sdp\r\n\r\nv=0", "--b 1\r\n\r\nx\r\n".repeat(n));
        assert!(sdp(MIXED, &many(15)).is_some());
        assert_eq!(sdp(MIXED, &many(16)), None);
    }
}
