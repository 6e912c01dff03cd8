//! Contacts as files: tables (CSV) and vCards, in and out.

use axum::Json;
use axum::body::Body as RawBody;
use axum::extract::State as Of;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::audit;
use crate::contact::sheet::{self, BadRow, BadSheet, Sheet};
use crate::contact::store::{Import, Totals};
use crate::contact::{self, Contact, Filter, vcard};
use crate::ids::Cursor;
use crate::person::Action;
use crate::web::State;
use crate::web::extract::Query;
use crate::web::problem::{Problem, ProblemBody};
use crate::web::session::SignedIn;

/// Bytes of a file that is sent here; the command line takes longer ones.
const FILE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Rows of one transaction: others that write wait for so many at most.
const AT_ONCE: usize = 500;
/// Lines that are told of.
const TOLD_MAX: usize = 1_000;
const VCARD: &str = "text/vcard";

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct ImportQuery {
    /// Put everybody on this list.
    list: Option<String>,
    /// `1`: say what would be done, and do nothing.
    dry_run: Option<u8>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct ExportQuery {
    /// `csv` or `vcard`; left out: by `Accept`, else `csv`.
    format: Option<String>,
}

/// What became of a file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ContactsImported)]
pub(in crate::web) struct ImportedBody {
    added: u64,
    changed: u64,
    unchanged: u64,
    /// Nothing was done.
    dry_run: bool,
    /// What was not imported; the first 1,000 lines.
    bad: Vec<LineBody>,
    /// Parts that were left out of what was imported; the first 1,000 lines.
    left_out: Vec<LineBody>,
}

/// A line of a file, and what is wrong with it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportLine)]
struct LineBody {
    line: u64,
    why: String,
}

/// Import contacts
///
/// `text/csv`: a table as the export writes it, or with other columns of the same meaning. `text/vcard`: vCards 4.0, 3.0
/// and 2.1. Who is known by one of the numbers is changed, others are added; what cannot be read is told with its line.
#[utoipa::path(post, path = "/api/v1/contacts/import", operation_id = "contacts_import", tag = "contacts", params(ImportQuery),
    request_body(content((String = "text/csv"), (String = "text/vcard"))), responses(
    (status = 200, body = ImportedBody),
    (status = 400, body = ProblemBody, content_type = "application/problem+json", description = "`bad_request`: the file cannot be read at all"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 413, body = ProblemBody, content_type = "application/problem+json"),
    (status = 415, body = ProblemBody, content_type = "application/problem+json", description = "neither `text/csv` nor `text/vcard`"),
))]
pub(in crate::web) async fn import(
    Of(state): Of<State>,
    who: SignedIn,
    Query(query): Query<ImportQuery>,
    headers: HeaderMap,
    file: RawBody,
) -> Result<Json<ImportedBody>, Problem> {
    let is_vcard = is_vcard(&headers)?;
    let file = axum::body::to_bytes(file, FILE_BYTES_MAX).await.map_err(|_| Problem::long_file(FILE_BYTES_MAX))?;
    // A large file takes its time: not on a thread that serves others.
    let read = tokio::task::spawn_blocking(move || if is_vcard { vcard::read(&file) } else { sheet::read(&file) });
    let sheet = read.await.map_err(|_| Problem::unavailable())?.map_err(unreadable)?;
    let Sheet { rows, mut bad, left } = listed(sheet, query.list.as_deref())?;
    let dry = query.dry_run == Some(1);
    let mut totals = Totals::default();
    for some in rows.chunks(AT_ONCE) {
        let now = state.app.clock.now().utc;
        let mut tx = state.app.db.write().await?;
        Import::begin(&mut tx, &who.tenant).await?.rows(some, &mut totals, &mut bad, now).await?;
        // Dropped, it never was.
        if !dry {
            audit(&state, &mut tx, &who, Action::ContactsImported, &some.len().to_string()).await?;
            tx.commit().await?;
        }
    }
    bad.sort_by_key(|row| row.line);
    let told = |rows: Vec<BadRow>| {
        rows.into_iter().take(TOLD_MAX).map(|BadRow { line, why }| LineBody { line, why }).collect()
    };
    let Totals { added, changed, same } = totals;
    let body = ImportedBody { added, changed, unchanged: same, dry_run: dry, bad: told(bad), left_out: told(left) };
    Ok(Json(body))
}

/// Everybody on a further list.
fn listed(sheet: Sheet, list: Option<&str>) -> Result<Sheet, Problem> {
    let Some(list) = list else { return Ok(sheet) };
    let list = contact::list_name(list).map_err(|bad| Problem::bad_request(bad.to_string()))?;
    let (mut rows, mut bad) = (Vec::with_capacity(sheet.rows.len()), sheet.bad);
    for row in sheet.rows {
        match row.on_list(&list) {
            Ok(row) => rows.push(row),
            Err(line) => bad.push(line),
        }
    }
    Ok(Sheet { rows, bad, left: sheet.left })
}

fn is_vcard(headers: &HeaderMap) -> Result<bool, Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let given = given.split(';').next().unwrap_or_default().trim();
    match given.to_ascii_lowercase().as_str() {
        "text/vcard" | "text/x-vcard" => Ok(true),
        "text/csv" => Ok(false),
        _ => Err(Problem::not_a_file_of_contacts()),
    }
}

fn unreadable(bad: BadSheet) -> Problem {
    Problem::bad_request(bad.to_string())
}

/// Export the contacts
///
/// All of them, as a table that the import reads, or as vCards 4.0; those have no place for the marks.
#[utoipa::path(get, path = "/api/v1/contacts/export", operation_id = "contacts_export", tag = "contacts", params(ExportQuery), responses(
    (status = 200, content((String = "text/csv"), (String = "text/vcard"))),
    (status = 400, body = ProblemBody, content_type = "application/problem+json"),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
))]
pub(in crate::web) async fn export(
    Of(state): Of<State>,
    who: SignedIn,
    Query(query): Query<ExportQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_vcard = match query.format.as_deref() {
        Some("vcard") => true,
        Some("csv") => false,
        Some(_) => return Err(Problem::bad_request("format: csv or vcard")),
        None => accepts.contains(VCARD),
    };
    let all = all(&state, &who).await?;
    let (kind, name, text) = if is_vcard {
        ("text/vcard; charset=utf-8", "contacts.vcf", vcard::write(&all).into_bytes())
    } else {
        let mut table = Vec::new();
        // Writing to memory does not fail.
        let _ = sheet::write(&mut table, &all);
        ("text/csv; charset=utf-8", "contacts.csv", table)
    };
    let disposition = format!("attachment; filename=\"{name}\"");
    Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], text).into_response())
}

async fn all(state: &State, who: &SignedIn) -> Result<Vec<Contact>, Problem> {
    let mut filter = Filter { limit: Cursor::PAGE_MAX, ..Filter::default() };
    let mut all: Vec<Contact> = Vec::new();
    loop {
        let (page, next) = contact::store::list(&state.app.db, &who.tenant, &filter).await?;
        all.extend(page);
        let Some(next) = next else { return Ok(all) };
        filter.after = Some(next);
    }
}
