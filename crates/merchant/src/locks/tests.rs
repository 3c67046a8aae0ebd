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

#[test]
fn unused_locks_are_removed_once_a_second() {
    let locks = Locks::default();
    let count = || locks.sessions.lock().unwrap().locks.len();
    let held = locks.of("cs_held");
    (1..SWEEP_AT).for_each(|number| drop(locks.of(&format!("cs_{number}"))));
    assert_eq!(count(), SWEEP_AT);
    let now = locks.of("cs_now");
    assert_eq!(count(), 2, "the held one and the new one");
    (1..SWEEP_AT).for_each(|number| drop(locks.of(&format!("cs_{number}"))));
    assert!(count() > SWEEP_AT, "the last search was less than a second ago");
    locks.sessions.lock().unwrap().sweep = Sweep::default();
    let later = locks.of("cs_later");
    assert_eq!(count(), 3);
    drop((held, now, later));
}
