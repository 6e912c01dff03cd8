//! Request methods. They are case-sensitive (RFC 3261 §7.1).

use std::fmt;

macro_rules! methods {
    ($($variant:ident $text:literal,)*) => {
        /// A request method.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum Method {
            $(#[doc = $text] $variant,)*
            /// Any other token.
            Other(String),
        }

        impl Method {
            /// The method as it stands on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Method::$variant => $text,)*
                    Method::Other(text) => text,
                }
            }

            /// The method of this token.
            pub fn from_token(text: &str) -> Method {
                match text {
                    $($text => Method::$variant,)*
                    other => Method::Other(other.to_owned()),
                }
            }
        }
    };
}

methods! {
    Invite "INVITE",
    Ack "ACK",
    Bye "BYE",
    Cancel "CANCEL",
    Options "OPTIONS",
    Prack "PRACK",
    Update "UPDATE",
    Info "INFO",
    Refer "REFER",
    Register "REGISTER",
    Subscribe "SUBSCRIBE",
    Notify "NOTIFY",
    Message "MESSAGE",
    Publish "PUBLISH",
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
