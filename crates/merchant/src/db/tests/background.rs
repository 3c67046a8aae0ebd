//! The order in which calls get the one connection.

use std::sync::{Arc, Mutex, mpsc};

use tokio::task::JoinSet;

use crate::db::{Db, in_background};
use crate::keys::new_id;

const ANSWERS: usize = 400;

#[tokio::test]
async fn a_notification_waits_for_few_of_the_writes_in_the_background() {
    let path = std::env::temp_dir().join(format!("{}.db", new_id("opencashier-").unwrap()));
    let db = Db::open_file(&path).unwrap();
    let done = Arc::new(Mutex::new(Vec::new()));
    let write = |name: &'static str| {
        let (db, done) = (db.clone(), Arc::clone(&done));
        async move {
            db.write(|_| Ok(())).await.unwrap();
            done.lock().unwrap().push(name);
        }
    };
    let mut tasks = JoinSet::new();
    // Holds the connection until the answers of many queries and then the notification wait for it.
    let (release, released) = mpsc::channel::<()>();
    let holder = db.clone();
    tasks.spawn(async move {
        holder.write(move |_| Ok(released.recv().ok())).await.unwrap();
    });
    tokio::task::yield_now().await;
    for _ in 0..ANSWERS {
        tasks.spawn(in_background(write("answer")));
    }
    tasks.spawn(write("notification"));
    // One thread runs all tasks: each has been polled once when this one goes on.
    tokio::task::yield_now().await;
    release.send(()).unwrap();
    tasks.join_all().await;
    let order = done.lock().unwrap().clone();
    let position = order.iter().position(|name| *name == "notification").unwrap();
    // Calls that have a permit of the connection get it in any order, so that some may overtake it:
    // without the limit it would be among the last four.
    assert!(position < ANSWERS / 2, "{position} of {ANSWERS}");
    drop(db);
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", path.display()));
    }
}
