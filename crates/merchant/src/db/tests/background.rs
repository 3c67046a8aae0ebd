//! The order in which calls get the one connection.

use std::sync::{Arc, Mutex};

use tokio::task::JoinSet;

use crate::db::{BACKGROUND_PERMITS, Db, in_background};
use crate::keys::new_id;

#[tokio::test]
async fn a_notification_waits_for_few_of_the_writes_in_the_background() {
    let path = std::env::temp_dir().join(format!("{}.db", new_id("opencashier-").unwrap()));
    let db = Db::open(&path).unwrap();
    let done = Arc::new(Mutex::new(Vec::new()));
    let write = |name: &'static str| {
        let (db, done) = (db.clone(), Arc::clone(&done));
        async move {
            db.write(|_| Ok(())).await.unwrap();
            done.lock().unwrap().push(name);
        }
    };
    // The answers of many queries have arrived before the notification.
    let mut tasks = JoinSet::new();
    for _ in 0..40 {
        tasks.spawn(in_background(write("answer")));
    }
    tasks.spawn(write("notification"));
    tasks.join_all().await;
    let order = done.lock().unwrap().clone();
    let position = order.iter().position(|name| *name == "notification").unwrap();
    assert!(position <= BACKGROUND_PERMITS, "{order:?}");
    drop(db);
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", path.display()));
    }
}
