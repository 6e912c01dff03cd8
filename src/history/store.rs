//! One statement over the rows of all nouns: a page costs the same, however much there was.

use sqlx::any::AnyRow;

use super::{Moment, Of, Place, What};
use crate::clock::Utc;
use crate::db::{Db, Error, Fields};
use crate::ids::Cursor;
use crate::tenant::Tenant;

/// `$2` is a contact or empty, `$3` a number or empty; each part ends at the place `$4`. Columns that a part has no
/// use for are null; in the first one they say of what type they are.
const PAGE: &str = "\
    WITH known (number) AS (\
        SELECT number FROM contact_number WHERE tenant = $1 AND contact = $2 \
        UNION ALL SELECT CAST($3 AS TEXT) WHERE $3 <> ''), \
    entry AS (\
        SELECT * FROM callback WHERE tenant = $1 AND (contact = $2 OR caller IN (SELECT number FROM known) \
            OR party IN (SELECT 'n:' || number FROM known))) \
    SELECT * FROM (\
        SELECT 'call' AS kind, id AS place, started_at AS at, id, id AS other, caller AS a, called AS b, outcome AS c, \
            answered_at AS m, ended_at AS n \
        FROM call WHERE tenant = $1 AND started_at <= $4 AND caller IN (SELECT number FROM known) \
        UNION ALL \
        SELECT 'message', id, at, id, call, state, step, NULL, duration_ms, urgent \
        FROM message WHERE tenant = $1 AND at <= $4 AND deleted_at IS NULL AND state IN ('new', 'heard') \
            AND caller IN (SELECT number FROM known) \
        UNION ALL \
        SELECT 'callback', id, created_at, id, id, state, matter, outcome, calls, NULL \
        FROM entry WHERE created_at <= $4 \
        UNION ALL \
        SELECT 'attempt', a.id, a.at, a.id, a.callback, a.result, a.note, a.person, NULL, NULL \
        FROM attempt a JOIN entry e ON e.id = a.callback WHERE a.undone = 0 AND a.at <= $4 \
        UNION ALL \
        SELECT 'promise', p.id, p.told_at, p.id, p.callback, p.words, p.state, NULL, p.latest_at, NULL \
        FROM promise p JOIN entry e ON e.id = p.callback WHERE p.told_at <= $4 \
        UNION ALL \
        SELECT 'note', v.callback || '.' || CAST(v.seq AS TEXT), v.at, v.callback, v.callback, v.actor, v.detail, NULL, \
            NULL, NULL \
        FROM callback_event v JOIN entry e ON e.id = v.callback WHERE v.kind = 'note' AND v.at <= $4) AS h \
    WHERE h.at < $4 OR (h.at = $4 AND h.place < $5) ORDER BY h.at DESC, h.place DESC LIMIT $6";

/// A page, newest first, and where the next one begins.
pub async fn page(
    db: &Db,
    tenant: &Tenant,
    of: &Of,
    before: &Place,
    limit: u32,
) -> Result<(Vec<Moment>, Option<Place>), Error> {
    let limit = limit.clamp(1, Cursor::PAGE_MAX);
    let (contact, number) = match of {
        Of::Contact(contact) => (contact.to_string(), String::new()),
        Of::Number(number) => (String::new(), number.clone()),
    };
    let rows = sqlx::query(PAGE)
        .bind(tenant.key())
        .bind(contact)
        .bind(number)
        .bind(before.at.0)
        .bind(&before.key)
        .bind(i64::from(limit) + 1)
        .fetch_all(db.read())
        .await?;
    let more = rows.len() > limit as usize;
    let moments: Vec<Moment> = rows.iter().take(limit as usize).map(moment).collect::<Result<_, _>>()?;
    let next = moments.last().filter(|_| more).map(|last| last.place.clone());
    Ok((moments, next))
}

fn moment(row: &AnyRow) -> Result<Moment, Error> {
    let at = row.at("at")?;
    let kind = row.text("kind")?;
    let what = match kind.as_str() {
        "call" => What::Call {
            id: row.parsed("id")?,
            caller: row.text("a")?,
            called: row.text("b")?,
            outcome: row.text_maybe("c")?,
            answered_at: row.at_maybe("m")?,
            ended_at: row.at_maybe("n")?,
        },
        "message" => What::Message {
            id: row.parsed("id")?,
            call: row.parsed("other")?,
            state: row.text("a")?,
            step: row.text_maybe("b")?,
            duration_ms: row.count("m")?,
            urgent: row.truth("n")?,
        },
        "callback" => What::Callback {
            id: row.parsed("id")?,
            state: row.text("a")?,
            matter: row.text_maybe("b")?,
            outcome: row.text_maybe("c")?,
            calls: row.count("m")?,
        },
        "attempt" => What::Attempt {
            id: row.parsed("id")?,
            callback: row.parsed("other")?,
            result: row.text("a")?,
            note: row.text("b")?,
            person: row.text_maybe("c")?,
        },
        "promise" => What::Promise {
            id: row.parsed("id")?,
            callback: row.parsed("other")?,
            words: row.text("a")?,
            state: row.text("b")?,
            latest_at: Utc(row.number("m")?),
        },
        "note" => {
            let detail = row.text("b")?;
            let detail: serde_json::Value =
                serde_json::from_str(&detail).map_err(|error| Error::Corrupt(error.to_string()))?;
            let text = detail.get("note").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
            What::Note { callback: row.parsed("other")?, by: row.text("a")?, text }
        }
        other => return Err(Error::Corrupt(format!("a history holds {other:?}"))),
    };
    Ok(Moment { at, what, place: Place { at, key: row.text("place")? } })
}
