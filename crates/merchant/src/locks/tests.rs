use super::*;

#[tokio::test]
async fn a_session_is_locked_once() {
    let locks = Locks::default();
    let first = locks.lock("cs_1").await.unwrap();
    assert!(locks.try_lock("cs_1").await.unwrap().is_none());
    assert!(locks.try_lock("cs_2").await.unwrap().is_some());
    drop(first);
    assert!(locks.try_lock("cs_1").await.unwrap().is_some());
}
