//! Errors as RFC 9457 problems: `code` is for programs and stable, `detail` says the next step.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::calendars::SlotBody;
use super::plan::FindingBody;
use crate::db;
use crate::prompt::Refusal;
use crate::prompt::store::KeepError;

/// What a refused request is answered with.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: String,
    retry_after_s: Option<u32>,
    findings: Vec<FindingBody>,
    slots: Vec<SlotBody>,
}

/// An error, `application/problem+json` (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemBody {
    /// Always `about:blank`: `code` says more.
    #[serde(rename = "type")]
    kind: &'static str,
    /// In short.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// For programs; stable.
    #[schema(example = "not_signed_in")]
    code: &'static str,
    /// For people: what to do.
    detail: String,
    /// Of a plan that is not good.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    findings: Vec<FindingBody>,
    /// Free times in the place of one that is gone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    slots: Vec<SlotBody>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, title: &'static str, detail: impl Into<String>) -> Problem {
        let detail = detail.into();
        Problem { status, code, title, detail, retry_after_s: None, findings: Vec::new(), slots: Vec::new() }
    }

    pub(super) fn not_signed_in() -> Problem {
        let detail = "Open a login link; an owner, or the program's command line, makes one.";
        Problem::new(StatusCode::UNAUTHORIZED, "not_signed_in", "Not signed in", detail)
    }

    /// The same for an unknown, a used and an old token.
    pub(super) fn bad_token() -> Problem {
        let detail = "This login link is not valid: it may have been used, or be older than a day. Ask for a new one.";
        Problem::new(StatusCode::UNAUTHORIZED, "bad_token", "Login link not valid", detail)
    }

    pub(super) fn too_many_logins(retry_after_s: u32) -> Problem {
        let detail = "Too many attempts to sign in from this address. Wait a minute.";
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_logins", "Too many attempts", detail);
        Problem { retry_after_s: Some(retry_after_s), ..problem }
    }

    pub(super) fn too_many_streams() -> Problem {
        let detail = "Too many event streams are open. Close a tab.";
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_streams", "Too many streams", detail);
        Problem { retry_after_s: Some(30), ..problem }
    }

    /// The same for what is not there and what is another tenant's.
    pub(super) fn not_found() -> Problem {
        let detail = "There is nothing here. It may have been deleted.";
        Problem::new(StatusCode::NOT_FOUND, "not_found", "Not found", detail)
    }

    pub(super) fn method_not_allowed() -> Problem {
        let detail = "This address knows other methods; see /api/openapi.json.";
        Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed", detail)
    }

    pub(super) fn foreign_origin() -> Problem {
        let detail = "A request that changes something must come from this site: send `Origin` or `Sec-Fetch-Site: same-origin`.";
        Problem::new(StatusCode::FORBIDDEN, "foreign_origin", "Foreign origin", detail)
    }

    pub(super) fn only_loopback() -> Problem {
        let detail = "Figures are shown to this machine only, unless `metrics_public` is set.";
        Problem::new(StatusCode::FORBIDDEN, "only_loopback", "Only from this machine", detail)
    }

    pub(super) fn only_owner() -> Problem {
        let detail = "Only an owner may change this. Ask one.";
        Problem::new(StatusCode::FORBIDDEN, "only_owner", "Only for owners", detail)
    }

    pub(super) fn plan_not_good(findings: Vec<FindingBody>) -> Problem {
        let detail = "The plan has errors and nothing was changed; `findings` says which, and where.";
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "plan_not_good", "Plan not good", detail);
        Problem { findings, ..problem }
    }

    pub(super) fn plan_changed(revision: u32) -> Problem {
        let detail =
            format!("Somebody else was faster: revision {revision} is the plan by now. Load it, and see what differs.");
        Problem::new(StatusCode::CONFLICT, "plan_changed", "Plan changed", detail)
    }

    pub(super) fn plan_in_files(dir: &std::path::Path) -> Problem {
        let detail = format!("Plans are the files of {} here, and are changed there.", dir.display());
        Problem::new(StatusCode::CONFLICT, "plan_in_files", "Plans are files", detail)
    }

    pub(super) fn numbers_taken(numbers: &[String]) -> Problem {
        let detail = format!("These numbers are another business's: {}.", numbers.join(", "));
        Problem::new(StatusCode::CONFLICT, "numbers_taken", "Numbers taken", detail)
    }

    pub(super) fn too_many_overrides() -> Problem {
        let detail = "There are too many overrides already. Lift some.";
        Problem::new(StatusCode::CONFLICT, "too_many_overrides", "Too many overrides", detail)
    }

    pub(super) fn number_taken(detail: String) -> Problem {
        Problem::new(StatusCode::CONFLICT, "number_taken", "Number taken", detail)
    }

    pub(super) fn too_many_contacts(detail: String) -> Problem {
        Problem::new(StatusCode::CONFLICT, "too_many_contacts", "Too many contacts", detail)
    }

    pub(super) fn changed() -> Problem {
        let detail = "Somebody else was faster: it is no longer what `If-Match` names. Load it, and see what differs.";
        Problem::new(StatusCode::PRECONDITION_FAILED, "changed", "Changed meanwhile", detail)
    }

    pub(super) fn conflict(code: &'static str, title: &'static str, detail: String) -> Problem {
        Problem::new(StatusCode::CONFLICT, code, title, detail)
    }

    pub(super) fn other_request() -> Problem {
        let detail = "This Idempotency-Key was used for another body already. Draw a new one for a new request.";
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "key_of_another_request", "Key of another request", detail)
    }

    pub(super) fn slot_gone(slots: Vec<SlotBody>) -> Problem {
        let detail = if slots.is_empty() {
            "This time is not free, and no other one is in this calendar. Nothing was booked."
        } else {
            "This time is not free: somebody else has it, or it cannot be booked. Nothing was booked; `slots` has free ones."
        };
        Problem { slots, ..Problem::new(StatusCode::CONFLICT, "slot_gone", "Time gone", detail) }
    }

    pub(super) fn number_needs_leave(why: &str) -> Problem {
        let detail = format!("This number ({why}) is not called back without leave. Ask for another one.");
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "number_needs_leave", "Number needs leave", detail)
    }

    pub(super) fn too_many_bookings() -> Problem {
        let detail = "Too many callbacks of this number, or of strangers altogether, were ordered within a day. Ask them to call.";
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_bookings", "Too many bookings", detail)
    }

    pub(super) fn too_many_requests(retry_after_s: u32) -> Problem {
        let detail = "Too many requests from this address. Wait a minute.";
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "Too many requests", detail);
        Problem { retry_after_s: Some(retry_after_s), ..problem }
    }

    pub(super) fn long_file(bytes_max: usize) -> Problem {
        let detail = format!("The file is longer than {} MiB: cut it into several.", bytes_max >> 20);
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "Too large", detail)
    }

    pub(super) fn not_a_file_of_contacts() -> Problem {
        let detail = "Send a table as `text/csv`, or vCards as `text/vcard`.";
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_contacts", "No file of contacts", detail)
    }

    pub(super) fn busy() -> Problem {
        let detail = "A prompt is being made already. Try again when it is done.";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "Busy", detail).retry()
    }

    fn no_room() -> Problem {
        let detail = "The disk is full or cannot be written. What is kept can still be heard.";
        Problem::new(StatusCode::INSUFFICIENT_STORAGE, "no_room", "No room", detail)
    }

    pub(super) fn audio_gone() -> Problem {
        let detail = "The recording of this message is not on the disk any more. The call and its number are kept; \
                      restore the recordings folder from a backup to hear it.";
        Problem::new(StatusCode::GONE, "audio_gone", "Recording missing", detail)
    }

    pub(super) fn audio_unreadable() -> Problem {
        let detail = "The recording is there but cannot be read. The program's log says why.";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "audio_unreadable", "Recording not readable", detail)
    }

    pub(super) fn bad_request(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "bad_request", "Bad request", detail)
    }

    /// As an extractor put it: status and words are its own.
    pub(super) fn rejected(status: StatusCode, detail: String) -> Problem {
        let (code, title) = match status {
            StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "Too large"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ("not_json", "Not JSON"),
            _ => ("bad_request", "Bad request"),
        };
        Problem::new(status, code, title, detail)
    }

    pub(super) fn too_slow() -> Problem {
        let detail = "The answer took too long. Try again.";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too_slow", "Too slow", detail).retry()
    }

    pub(super) fn unavailable() -> Problem {
        let detail = "The database does not answer now. Try again.";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not available", detail).retry()
    }

    fn internal() -> Problem {
        let detail = "Something went wrong here. The program's log says what.";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Fault", detail)
    }

    fn retry(self) -> Problem {
        Problem { retry_after_s: Some(2), ..self }
    }
}

/// For a path that is known with other methods.
pub(super) async fn method_not_allowed() -> Problem {
    Problem::method_not_allowed()
}

impl From<db::Error> for Problem {
    fn from(error: db::Error) -> Problem {
        tracing::error!(%error, "a request failed at the database");
        match error {
            db::Error::Busy(_) | db::Error::Gone(_) => Problem::unavailable(),
            db::Error::Full(_) | db::Error::ReadOnly(_) => Problem::no_room(),
            db::Error::Corrupt(_) | db::Error::Conflict(_) | db::Error::Misuse(_) => Problem::internal(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        let status = match refusal {
            Refusal::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Problem::new(status, refusal.code(), "No prompt", refusal.to_string())
    }
}

impl From<KeepError> for Problem {
    fn from(error: KeepError) -> Problem {
        match error {
            KeepError::Refused(refusal) => refusal.into(),
            KeepError::Database(error) => error.into(),
            KeepError::NoRoom => Problem::no_room(),
            KeepError::Failed(why) => {
                tracing::error!(error = %why, "a prompt could not be made");
                Problem::internal()
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = ProblemBody {
            kind: "about:blank",
            title: self.title,
            status: self.status.as_u16(),
            code: self.code,
            detail: self.detail,
            findings: self.findings,
            slots: self.slots,
        };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
