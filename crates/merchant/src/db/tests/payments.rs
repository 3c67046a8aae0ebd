//! The rows of payments.

use contract::{PaymentMethod, PaymentStatus as P, SessionStatus as S};

use super::rows::{
    LATE, START, apply_update, captured, database, ordered, payment, request, session, start,
};
use crate::action::Action;
use crate::db::apply::Update;
use crate::db::payments::{self, PaymentRow, Started};
use crate::db::sessions::{self, SessionRow};
use crate::db::sql::{Connection, params};
use crate::db::{Db, DbError, migrations};
use crate::payer::Payer;
use crate::rules::{Ending, Product, Refusal, Signal};

#[tokio::test]
async fn a_file_is_opened_to_survive_a_power_cut() {
    let path =
        std::env::temp_dir().join(format!("opencashier-{}.db", crate::keys::new_id("").unwrap()));
    let db = Db::open_file(&path).unwrap();
    let settings = db
        .read(|connection| {
            let Connection::Sqlite(connection) = connection else { panic!("a file") };
            let text =
                |name| connection.pragma_query_value(None, name, |row| row.get::<_, String>(0));
            let number =
                |name| connection.pragma_query_value(None, name, |row| row.get::<_, u32>(0));
            Ok((
                text("journal_mode")?,
                number("synchronous")?,
                number("foreign_keys")?,
                number("user_version")?,
            ))
        })
        .await
        .unwrap();
    let steps = u32::try_from(migrations::STEPS.len()).unwrap();
    assert_eq!(settings, ("wal".to_owned(), 2, 1, steps));
    let failed: Result<(), DbError> = db
        .write(|transaction| {
            sessions::insert(transaction, &session("cs_1"))?;
            Err(DbError::Missing("nothing"))
        })
        .await;
    assert!(failed.is_err());
    let found = db.read(|connection| sessions::find(connection, "cs_1")).await.unwrap();
    assert!(found.is_none(), "an error rolls back");
    drop(db);
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn a_file_on_a_full_disk_takes_writes_again_once_there_is_room() {
    let path =
        std::env::temp_dir().join(format!("opencashier-{}.db", crate::keys::new_id("").unwrap()));
    let db = Db::open_file(&path).unwrap();
    let limit = |pages: u32| {
        db.read(move |connection| {
            let Connection::Sqlite(connection) = connection else { panic!("a file") };
            // At least the pages that the file has.
            let sql = format!("PRAGMA max_page_count = {pages}");
            Ok(connection.query_row(&sql, [], |row| row.get::<_, u32>(0))?)
        })
    };
    let insert = |id: &'static str| {
        db.write(move |tx| {
            let description = "x".repeat(1_000_000);
            sessions::insert(tx, &SessionRow { description, ..session(id) })
        })
    };
    limit(1).await.unwrap();
    let full = insert("cs_1").await.unwrap_err();
    assert!(full.is_temporary(), "{full}");
    assert!(full.to_string().contains("full"), "{full}");
    limit(1_000_000).await.unwrap();
    insert("cs_1").await.unwrap();
    drop(db);
    std::fs::remove_file(path).unwrap();
}

#[test]
fn rows_round_trip() {
    let connection = database();
    assert_eq!(start(&connection, "pay_1", START), Started::Yes(2));
    let read = sessions::find(&connection, "cs_1").unwrap().unwrap();
    assert_eq!(format!("{read:?}"), format!("{:?}", SessionRow { revision: 2, ..session("cs_1") }));
    let read = payments::find(&connection, "pay_1").unwrap().unwrap();
    assert_eq!(format!("{read:?}"), format!("{:?}", payment("pay_1")));
    let by_number = payments::find_by_out_trade_no(&connection, "OCpay_1").unwrap().unwrap();
    assert_eq!(by_number.id, "pay_1");
    assert!(payments::find(&connection, "pay_2").unwrap().is_none());
}

#[test]
fn the_parameters_of_an_order_round_trip() {
    let connection = database();
    let row = PaymentRow {
        product: Product::H5,
        payment_method: PaymentMethod::WechatPay,
        payer_client_ip: Some("203.0.113.9".to_owned()),
        ..payment("pay_1")
    };
    payments::start(&connection, &row, &request("k"), START).unwrap();
    apply_update(&connection, "pay_1", &ordered(), START);
    let read = payments::find(&connection, "pay_1").unwrap().unwrap();
    assert_eq!(read.product, Product::H5);
    assert_eq!(read.payer_client_ip.as_deref(), Some("203.0.113.9"));
    assert_eq!(read.action, Some(Action::code("https://qr.alipay.com/x".to_owned())));
}

#[test]
fn a_session_has_one_active_payment() {
    let connection = database();
    start(&connection, "pay_1", START);
    assert_eq!(start(&connection, "pay_2", START), Started::No(Refusal::OtherActive));
    let forced = connection.execute(
        "INSERT INTO payments (id, session_id, out_trade_no, payment_method, flow, amount_value, currency,
            order_expires_at, notify_url, status, created_at)
         SELECT 'pay_9', session_id, 'OC9', payment_method, flow, amount_value, currency,
            order_expires_at, notify_url, status, created_at FROM payments",
        params![],
    );
    assert!(forced.is_err(), "the database itself refuses a second active payment");
    apply_update(&connection, "pay_1", &Update::Plain(Signal::Closed(Ending::Canceled)), START);
    assert!(matches!(start(&connection, "pay_2", START), Started::Yes(_)));
    assert_eq!(start(&connection, "pay_3", LATE), Started::No(Refusal::SessionClosed(S::Expired)));
}

#[test]
fn a_payment_has_one_payer_and_no_code_before() {
    let connection = database();
    let row = PaymentRow {
        product: Product::WechatJsapi,
        payment_method: PaymentMethod::WechatPay,
        ..payment("pay_1")
    };
    payments::start(&connection, &row, &request("k"), START).unwrap();
    let ask = Action::redirect("https://open.weixin.qq.com/".to_owned());
    apply_update(&connection, "pay_1", &Update::Ordered { action: ask, expires_at: LATE }, START);
    let asked = payments::find(&connection, "pay_1").unwrap().unwrap();
    assert_eq!(asked.status, P::RequiresAction);
    assert!(!asked.is_handed_out(), "there is no order yet");

    let one = Payer::WechatOpenid("o_1".to_owned());
    let other = Payer::WechatOpenid("o_2".to_owned());
    let set = |payer: &Payer| payments::set_payer(&connection, "pay_1", payer).unwrap();
    assert_eq!(set(&one), Some(one.clone()));
    assert_eq!(set(&other), Some(one), "the first one stays");
    let forced = connection.execute("UPDATE payments SET payer = 'openid=o_2'", params![]);
    assert!(forced.is_err(), "whatever the program believes");
}

#[test]
fn l7_the_payer_is_deleted_once_nothing_needs_it() {
    let connection = database();
    start(&connection, "pay_1", START);
    let payer = Payer::AlipayUserId("2088000000000001".to_owned());
    payments::set_payer(&connection, "pay_1", &payer).unwrap();
    let after = LATE.plus_ms(1);
    assert_eq!(payments::forget_payers(&connection, after).unwrap(), 0, "it is still asked about");
    apply_update(&connection, "pay_1", &captured("T1"), START);
    assert_eq!(payments::forget_payers(&connection, LATE).unwrap(), 0);
    assert_eq!(payments::forget_payers(&connection, after).unwrap(), 1);
    assert_eq!(payments::find(&connection, "pay_1").unwrap().unwrap().payer, None);
}
