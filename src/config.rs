//! Boot settings, typed and documented; every value knows its source.
