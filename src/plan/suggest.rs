//! What was probably meant.

use super::limits;

/// The name that is nearest to what was written, near enough for a slip; the first of several.
/// `budget` counts the comparisons down: none are made without it.
pub(super) fn nearest<'n>(written: &str, names: impl Iterator<Item = &'n str>, budget: &mut usize) -> Option<&'n str> {
    let length = written.chars().take(2 * limits::NAME_MAX).count();
    if length >= 2 * limits::NAME_MAX {
        return None;
    }
    // One slip in a short word, three in a long one.
    let most = (length / 4).clamp(1, 3);
    let mut best = None;
    for name in names {
        if name.len().abs_diff(written.len()) > 2 * most {
            continue;
        }
        if *budget == 0 {
            break;
        }
        *budget -= 1;
        let distance = strsim::osa_distance(written, name);
        if distance <= most && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}
