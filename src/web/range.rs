//! Which part of a file is asked for (RFC 9110 §14).

/// What to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Everything: 200.
    Whole,
    /// From the first to the last byte, both included: 206.
    Bytes {
        /// First.
        first: u64,
        /// Last.
        last: u64,
    },
    /// Nothing of the file: 416.
    Outside,
}

/// Reads a `Range` for a file of `len` bytes. What is no single range of bytes is ignored, as §14.2
/// allows: players ask for one.
pub(super) fn part(range: Option<&str>, len: u64) -> Part {
    range.map_or(Part::Whole, |text| read(text, len).unwrap_or(Part::Whole))
}

/// None: malformed, another unit, or several ranges.
fn read(text: &str, len: u64) -> Option<Part> {
    let (unit, ranges) = text.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") || ranges.contains(',') {
        return None;
    }
    let (first, last) = ranges.trim().split_once('-')?;
    if first.is_empty() {
        // `-n`: the last n bytes (§14.1.2); of none there is nothing to send.
        let count = digits(last)?;
        return Some(if count == 0 || len == 0 {
            Part::Outside
        } else {
            Part::Bytes { first: len.saturating_sub(count), last: len - 1 }
        });
    }
    let first = digits(first)?;
    let last = if last.is_empty() { u64::MAX } else { digits(last)? };
    if last < first {
        return None;
    }
    Some(if first >= len { Part::Outside } else { Part::Bytes { first, last: last.min(len - 1) } })
}

/// Digits only: `parse` alone would take a sign. Too many of them mean: beyond any file.
fn digits(text: &str) -> Option<u64> {
    let all = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::Part::{Bytes, Outside, Whole};
    use super::*;

    #[test]
    fn ranges() {
        let cases = [
            ("bytes=0-0", Bytes { first: 0, last: 0 }),
            ("bytes=0-", Bytes { first: 0, last: 99 }),
            ("BYTES=10-19", Bytes { first: 10, last: 19 }),
            ("bytes=90-1000", Bytes { first: 90, last: 99 }),
            ("bytes=99-", Bytes { first: 99, last: 99 }),
            ("bytes=-1", Bytes { first: 99, last: 99 }),
            ("bytes=-500", Bytes { first: 0, last: 99 }),
            ("bytes=0-99999999999999999999999", Bytes { first: 0, last: 99 }),
            ("bytes=100-", Outside),
            ("bytes=99999999999999999999999-", Outside),
            ("bytes=-0", Outside),
            ("bytes=5-4", Whole),
            ("bytes=0-1,3-4", Whole),
            ("bytes=", Whole),
            ("bytes=-", Whole),
            ("bytes=+1-2", Whole),
            ("bytes=a-b", Whole),
            ("seconds=0-1", Whole),
            ("0-1", Whole),
        ];
        for (text, expected) in cases {
            assert_eq!(part(Some(text), 100), expected, "{text}");
        }
        assert_eq!(part(None, 100), Whole);
        assert_eq!(part(Some("bytes=0-"), 0), Outside, "an empty file has no byte");
        assert_eq!(part(Some("bytes=-5"), 0), Outside);
    }
}
