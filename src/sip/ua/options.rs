//! OPTIONS: are you there, and what can you do (RFC 3261 §11).

use crate::clock::Mono;
use crate::sip::core::Core;
use crate::sip::msg::Header;
use crate::sip::tx::timer::TxId;
use crate::sip::ua::{ALLOW, SDP, SUPPORTED};

impl Core {
    /// 200 with what we can.
    pub fn answer_options(&mut self, tx: TxId, now: Mono) {
        self.reply(tx, 200, now, |draft| {
            draft
                .header(Header::Allow, ALLOW)
                .header(Header::Accept, SDP)
                .header(Header::Supported, SUPPORTED)
                .header(Header::AcceptLanguage, "de, en")
        });
    }
}
