//! Names of header fields, with their compact forms.

use std::fmt;

macro_rules! headers {
    ($($variant:ident $text:literal $(/ $compact:literal)?,)*) => {
        /// A header field that is known by name. Names match in any case and in compact form.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Header {
            $(#[doc = concat!("`", $text, "`", $(" or `", $compact, "`")?)] $variant,)*
        }

        impl Header {
            /// The long name, as it is printed.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Header::$variant => $text,)*
                }
            }

            /// The header of a name; none for one that is not known here.
            pub fn of(name: &[u8]) -> Option<Header> {
                // By length first: names are compared with a handful of others at most.
                $(
                    if name.len() == $text.len() && name.eq_ignore_ascii_case($text.as_bytes()) {
                        return Some(Header::$variant);
                    }
                    $(
                        if name.len() == 1 && name.eq_ignore_ascii_case($compact.as_bytes()) {
                            return Some(Header::$variant);
                        }
                    )?
                )*
                None
            }
        }
    };
}

headers! {
    Via "Via" / "v",
    From "From" / "f",
    To "To" / "t",
    CallId "Call-ID" / "i",
    CSeq "CSeq",
    Contact "Contact" / "m",
    MaxForwards "Max-Forwards",
    ContentLength "Content-Length" / "l",
    ContentType "Content-Type" / "c",
    ContentEncoding "Content-Encoding" / "e",
    ContentDisposition "Content-Disposition",
    ContentLanguage "Content-Language",
    RecordRoute "Record-Route",
    Route "Route",
    Require "Require",
    ProxyRequire "Proxy-Require",
    Supported "Supported" / "k",
    Unsupported "Unsupported",
    Allow "Allow",
    AllowEvents "Allow-Events" / "u",
    Accept "Accept",
    AcceptEncoding "Accept-Encoding",
    AcceptLanguage "Accept-Language",
    AcceptContact "Accept-Contact" / "a",
    RejectContact "Reject-Contact" / "j",
    RequestDisposition "Request-Disposition" / "d",
    RAck "RAck",
    RSeq "RSeq",
    SessionExpires "Session-Expires" / "x",
    MinSe "Min-SE",
    Expires "Expires",
    MinExpires "Min-Expires",
    Date "Date",
    Timestamp "Timestamp",
    Privacy "Privacy",
    Reason "Reason",
    RetryAfter "Retry-After",
    Warning "Warning",
    Server "Server",
    UserAgent "User-Agent",
    Subject "Subject" / "s",
    Organization "Organization",
    Priority "Priority",
    MimeVersion "MIME-Version",
    WwwAuthenticate "WWW-Authenticate",
    Authorization "Authorization",
    ProxyAuthenticate "Proxy-Authenticate",
    ProxyAuthorization "Proxy-Authorization",
    AuthenticationInfo "Authentication-Info",
    PAssertedIdentity "P-Asserted-Identity",
    PPreferredIdentity "P-Preferred-Identity",
    PCalledPartyId "P-Called-Party-ID",
    PEarlyMedia "P-Early-Media",
    RemotePartyId "Remote-Party-ID",
    Diversion "Diversion",
    HistoryInfo "History-Info",
    Identity "Identity" / "y",
    ReferTo "Refer-To" / "r",
    ReferredBy "Referred-By" / "b",
    Replaces "Replaces",
    Join "Join",
    Event "Event" / "o",
    SubscriptionState "Subscription-State",
    AlertInfo "Alert-Info",
    CallInfo "Call-Info",
    ErrorInfo "Error-Info",
    ReplyTo "Reply-To",
    InReplyTo "In-Reply-To",
    Path "Path",
    ServiceRoute "Service-Route",
    RecvInfo "Recv-Info",
    InfoPackage "Info-Package",
    UserToUser "User-to-User",
    TargetDialog "Target-Dialog",
}

impl AsRef<str> for Header {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
