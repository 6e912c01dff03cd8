//! What tests of the store and of the page's API share: a fresh database of either engine, and rows.

/// Each test on SQLite and on PostgreSQL.
macro_rules! both {
    ($($name:ident),+ $(,)?) => { $(mod $name {
        #[tokio::test]
        async fn sqlite() { super::$name(&crate::support::Fresh::sqlite().await).await }
        #[tokio::test]
        async fn postgres() { super::$name(&crate::support::Fresh::postgres().await).await }
    })+ };
}

pub mod line;
pub mod postgres;
pub mod smtp;

use nightdesk::calllog::{self, Call};
use nightdesk::clock::Utc;
use nightdesk::db::{Db, Tx};
use nightdesk::ids::{CallId, MessageId, TakeId};
use nightdesk::message::{self, Kept, NewMessage, NewTake, PEAKS, TakeState};
use nightdesk::plan::CheckContext;
use nightdesk::revision::{self, Draft, Origin};
use nightdesk::tenant::{self, Language, NewTenant, Tenant};

/// The first millisecond of the tests' time: 2026-11-20T18:00:00Z.
pub const START: Utc = Utc(1_795_197_600_000);

/// `START` and so many seconds.
pub fn at(seconds: i64) -> Utc {
    Utc(START.0 + seconds * 1000)
}

/// A database that goes away with the test.
pub struct Fresh {
    pub db: Db,
    /// Where it can be opened again.
    pub url: String,
    pub dir: tempfile::TempDir,
}

impl Fresh {
    pub async fn sqlite() -> Fresh {
        let dir = tempfile::tempdir().unwrap();
        let url = dir.path().join("night ä#%?.db").display().to_string();
        Fresh { db: Db::open(&url).await.unwrap(), url, dir }
    }

    pub async fn postgres() -> Fresh {
        let url = postgres::fresh_schema().await;
        Fresh { db: Db::open(&url).await.unwrap(), url, dir: tempfile::tempdir().unwrap() }
    }

    /// A connection beside the program's own.
    pub async fn connection(&self) -> sqlx::AnyConnection {
        use sqlx::Connection;
        if self.url.starts_with("postgres") {
            return sqlx::AnyConnection::connect(&self.url).await.unwrap();
        }
        let escaped: String = self.url.bytes().map(|b| format!("%{b:02X}")).collect();
        sqlx::AnyConnection::connect(&format!("sqlite://{escaped}")).await.unwrap()
    }

    /// What somebody does to the database behind the program's back.
    pub async fn try_raw(&self, sql: &'static str) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(sql).execute(&mut self.connection().await).await?;
        Ok(())
    }

    pub async fn raw(&self, sql: &'static str) {
        self.try_raw(sql).await.unwrap();
    }

    /// One column of texts.
    pub async fn texts(&self, sql: &'static str) -> Vec<String> {
        sqlx::query_scalar(sql).fetch_all(&mut self.connection().await).await.unwrap()
    }

    /// A further tenant.
    pub async fn tenant(&self, name: &str) -> Tenant {
        let mut tx = self.db.write().await.unwrap();
        let new = NewTenant { name: name.into(), language: Language::De, timezone: "Europe/Berlin".into() };
        let tenant = tenant::store::create(&mut tx, &new, START).await.unwrap();
        tx.commit().await.unwrap();
        tenant
    }

    /// The tenant of this name.
    pub async fn tenant_of(&self, name: &str) -> Tenant {
        let all = tenant::store::all(&self.db).await.unwrap();
        all.into_iter().find(|tenant| tenant.name() == name).unwrap()
    }

    /// A plan that takes a message: the tenant's first revision.
    pub async fn plan(&self, tenant: &Tenant) {
        let text = "[line]\nopen = \"message.a\"\n[message.a]\n";
        let (draft, findings) = Draft::check(text, &CheckContext::default());
        let draft = draft.unwrap_or_else(|| panic!("{findings:?}"));
        let mut tx = self.db.write().await.unwrap();
        revision::store::apply(&mut tx, tenant, &draft, &Origin::default(), START).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A message that was kept, with its call.
    pub async fn message(&self, tenant: &Tenant, seconds: i64) -> MessageId {
        let mut tx = self.db.write().await.unwrap();
        let (id, take) = begun(&mut tx, tenant, seconds).await;
        message::store::finish_take(&mut tx, tenant, take, TakeState::Kept, 6000, 5000).await.unwrap();
        message::store::keep(&mut tx, tenant, id, &kept(id, seconds)).await.unwrap();
        tx.commit().await.unwrap();
        id
    }
}

pub fn call(seconds: i64) -> Call {
    Call {
        id: CallId::new(at(seconds), rand::random()),
        caller: Some("+4915112345678".into()),
        caller_name: "Müller & Söhne".into(),
        called: "+49711123456".into(),
        started_at: at(seconds),
        answered_at: None,
        ended_at: None,
        outcome: None,
    }
}

/// A message in `recording`.
pub async fn begun(tx: &mut Tx, tenant: &Tenant, seconds: i64) -> (MessageId, TakeId) {
    let call = call(seconds);
    calllog::store::begin(tx, tenant, &call).await.unwrap();
    let message = NewMessage {
        id: MessageId::new(at(seconds), rand::random()),
        call: call.id,
        caller: call.caller.clone(),
        caller_name: call.caller_name.clone(),
        called: call.called.clone(),
        step: "message.standard".into(),
        matter: "message.standard".into(),
        language: nightdesk::ids::Language::De,
        adds: None,
        at: at(seconds),
    };
    let take = take(seconds);
    message::store::begin(tx, tenant, &message, &take).await.unwrap();
    (message.id, take.id)
}

pub fn take(seconds: i64) -> NewTake {
    let id = TakeId::new(at(seconds), rand::random());
    NewTake { id, file: format!("{id}.take"), started_at: at(seconds) }
}

pub fn kept(id: MessageId, seconds: i64) -> Kept {
    Kept {
        duration_ms: 5120,
        rate_hz: 8000,
        peak: 12_000,
        sha256: "ab".repeat(32),
        peaks: (0..PEAKS).map(|bar| u8::try_from(bar * 2).unwrap()).collect(),
        path: format!("{id}.wav"),
        damaged: false,
        at: at(seconds + 10),
    }
}
