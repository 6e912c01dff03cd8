//! What figures are made of.

use jiff::tz::TimeZone;

use super::each;
use crate::callback::FIGURES_ROWS_MAX;
use crate::callback::figures::{self, Facts, Figures, Opened, Settled};
use crate::clock::Utc;
use crate::db::{Db, Error, Fields};
use crate::tenant::Tenant;

/// Figures from `from` to before `to`, as of `now`: promises by their latest moment, waits by when the entry was
/// opened. What is open by age is as of now, whenever it was opened.
pub async fn figures(
    db: &Db,
    tenant: &Tenant,
    zone: &TimeZone,
    from: Utc,
    to: Utc,
    now: Utc,
) -> Result<Figures, Error> {
    let limit = i64::from(FIGURES_ROWS_MAX);
    let ask = |sql: &'static str| sqlx::query(sql).bind(tenant.key()).bind(from.0).bind(to.0).bind(limit + 1);
    let promises =
        ask("SELECT state, latest_at, tried_at FROM promise WHERE tenant = $1 AND latest_at >= $2 AND latest_at < $3 \
         ORDER BY latest_at LIMIT $4");
    let promises = each(&promises.fetch_all(db.read()).await?, |row| {
        let tried = row.at_maybe("tried_at")?.is_some();
        Ok(Settled { state: row.parsed("state")?, latest_at: row.at("latest_at")?, tried })
    })?;
    let tries = ask(
        "SELECT a.opened_at, a.at, a.result, a.booked, c.matter FROM attempt a JOIN callback c ON c.id = a.callback \
         WHERE a.tenant = $1 AND a.is_first = 1 AND a.undone = 0 AND a.opened_at >= $2 AND a.opened_at < $3 \
         ORDER BY a.opened_at LIMIT $4",
    );
    let tries = tries.fetch_all(db.read()).await?;
    let untried =
        ask("SELECT opened_at, matter, state FROM callback WHERE tenant = $1 AND opened_at >= $2 AND opened_at < $3 \
         AND attempts = 0 AND slot_start IS NULL ORDER BY opened_at LIMIT $4");
    let untried = untried.fetch_all(db.read()).await?;
    let open = sqlx::query(
        "SELECT opened_at FROM callback WHERE tenant = $1 AND rank < 6 ORDER BY rank, rank_at, id LIMIT $2",
    );
    let open = open.bind(tenant.key()).bind(limit + 1).fetch_all(db.read()).await?;
    let cut = [promises.len(), tries.len(), untried.len(), open.len()].iter().any(|n| *n > FIGURES_ROWS_MAX as usize);
    let mut facts = Facts { promises, open_since: each(&open, |row| row.at("opened_at"))?, cut, ..Facts::default() };
    for row in &tries {
        if row.truth("booked")? {
            facts.booked.push(row.parsed("result")?);
        } else {
            let first = Some((row.at("at")?, row.parsed("result")?));
            facts.opened.push(Opened {
                at: row.at("opened_at")?,
                matter: row.text_maybe("matter")?,
                first,
                over: false,
            });
        }
    }
    for row in &untried {
        let over = matches!(row.text("state")?.as_str(), "done" | "given_up");
        facts.opened.push(Opened { at: row.at("opened_at")?, matter: row.text_maybe("matter")?, first: None, over });
    }
    Ok(figures::figures(&facts, zone, now))
}
