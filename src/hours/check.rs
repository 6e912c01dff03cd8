//! What is wrong with the parts of opening hours, seen together.

use super::schedule::{Draft, Problem};

/// Everything that is wrong, in the draft's order.
pub(super) fn problems(_draft: &Draft) -> Vec<Problem> {
    Vec::new()
}
