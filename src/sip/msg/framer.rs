//! A stream cut into messages (RFC 3261 §18.3) and keep-alives (RFC 5626 §3.5.1).

use super::parse::{content_length, index};
use crate::sip::limits;

/// What a stream held next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Framed {
    /// One whole message for [`super::Message::parse`].
    Message(Vec<u8>),
    /// CRLF CRLF: to be answered with one CRLF.
    Ping,
}

/// The stream cannot be cut any further: close it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stream cannot be framed: {0}")]
pub struct FrameError(pub &'static str);

/// Octets of a stream that are not cut yet. After an error nothing more is taken or given.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: Vec<u8>,
    /// Octets at the front of the buffer that were given out; they go with the next push, not one by one.
    given: usize,
    /// Octets behind them that were looked at for the end of the head.
    seen: usize,
    /// Length of the message at the front, once its head is whole.
    need: Option<usize>,
    failed: Option<FrameError>,
}

impl Framer {
    /// An empty one.
    pub fn new() -> Framer {
        Framer::default()
    }

    /// Takes what the stream gave. [`Framer::pop`] until it is empty after each push.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed.is_some() {
            return;
        }
        self.buffer.drain(..self.given);
        self.given = 0;
        if self.buffer.len() + bytes.len() > limits::STREAM_BUFFER {
            self.fail("more octets than a message may have");
            return;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next message or keep-alive; none until more octets come.
    pub fn pop(&mut self) -> Option<Result<Framed, FrameError>> {
        if let Some(error) = self.failed {
            return Some(Err(error));
        }
        if self.need.is_none() {
            match self.skip_line_ends() {
                Some(Framed::Ping) => return Some(Ok(Framed::Ping)),
                _ => self.measure()?,
            }
            if let Some(error) = self.failed {
                return Some(Err(error));
            }
        }
        let message = self.rest().get(..self.need?)?.to_vec();
        self.given += message.len();
        self.need = None;
        self.seen = 0;
        Some(Ok(Framed::Message(message)))
    }

    fn rest(&self) -> &[u8] {
        self.buffer.get(self.given..).unwrap_or_default()
    }

    /// Octets that wait for the rest of their message.
    pub fn pending(&self) -> usize {
        self.rest().len()
    }

    /// Line ends between messages: two in a row are a ping, one alone is a pong or padding.
    fn skip_line_ends(&mut self) -> Option<Framed> {
        loop {
            match self.rest() {
                [b'\r', b'\n', b'\r', b'\n', ..] => {
                    self.given += 4;
                    return Some(Framed::Ping);
                }
                // More may come that makes it a ping.
                [] | [b'\r'] | [b'\r', b'\n'] | [b'\r', b'\n', b'\r'] => return None,
                [b'\r', b'\n', ..] => {
                    self.given += 2;
                }
                _ => return None,
            }
        }
    }

    /// Finds the end of the head and with it the length of the message. None: not whole yet.
    fn measure(&mut self) -> Option<()> {
        let rest = self.rest();
        if matches!(rest.first(), None | Some(b'\r')) && rest.len() < 4 {
            return None;
        }
        let from = self.seen.saturating_sub(3);
        let found = rest.get(from..)?.windows(4).position(|w| w == b"\r\n\r\n");
        let Some(found) = found else {
            self.seen = rest.len();
            if self.seen > limits::MESSAGE_BYTES {
                self.fail("a head without end");
                return Some(());
            }
            return None;
        };
        let end = from + found + 4;
        let head = rest.get(..end).unwrap_or_default();
        let length = match index(head) {
            Err(error) => Err(error.reason),
            Ok(index) => match (index.defect, content_length(head, &index.lines)) {
                (Some((_, reason)), _) | (None, Err(reason)) => Err(reason),
                (None, Ok(length)) => length.ok_or("no Content-Length"),
            },
        };
        match length {
            Ok(length) if end.saturating_add(length) <= limits::MESSAGE_BYTES => self.need = Some(end + length),
            Ok(_) => self.fail("a message of more than 64 KiB"),
            Err(reason) => self.fail(reason),
        }
        Some(())
    }

    fn fail(&mut self, reason: &'static str) {
        self.failed = Some(FrameError(reason));
        self.buffer = Vec::new();
        self.given = 0;
    }
}
