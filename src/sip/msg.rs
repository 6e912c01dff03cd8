//! Messages from bytes and to bytes.
