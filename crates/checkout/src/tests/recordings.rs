//! Answers of released backends, `tests/recordings`, read by today's contract and machine; and the
//! same with members and values that only a newer backend sends.

use std::fs;
use std::path::{Path, PathBuf};

use contract::{
    EVENT_SESSION_UPDATED, ErrorType, EventStreamParser, PaymentEvent, Problem, RefundEvent,
    SessionEvent, WebhookEvent, WebhookType,
};
use serde_json::{Value, json};

use super::*;

/// The folders of the recorded versions.
fn versions() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/recordings");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let versions: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    assert!(!versions.is_empty());
    versions
}

fn recorded(version: &Path, name: &str) -> Vec<Value> {
    serde_json::from_str(&fs::read_to_string(version.join(name)).unwrap()).unwrap()
}

/// A machine in an environment that has loaded the session of a backend on loopback.
fn loaded(session: &Session, environment: &str) -> Bench {
    let mut bench = Bench::new(Config {
        session_id: session.id.clone(),
        environment: Environment::parse(environment),
        api_origin: "http://127.0.0.1:8001".to_owned(),
        ..config()
    });
    let request = bench.request();
    bench.event(Event::Answered { request, answer: Ok(Box::new(session.clone())) });
    bench
}

/// Adds a member that today's contract does not know to every object.
fn with_new_members(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(with_new_members);
            members.insert("of_a_newer_version".to_owned(), json!({ "a": [1, null, "b"] }));
        }
        Value::Array(items) => items.iter_mut().for_each(with_new_members),
        _ => {}
    }
}

#[test]
fn every_recorded_session_is_shown_in_its_state() {
    for version in versions() {
        for mut entry in recorded(&version, "sessions.json") {
            let [state, environment] =
                ["state", "environment"].map(|name| entry[name].as_str().unwrap().to_owned());
            for is_newer in [false, true] {
                if is_newer {
                    with_new_members(&mut entry["session"]);
                }
                let session: Session = contract::read(entry["session"].clone()).unwrap();
                assert_eq!(session.unknown_member(), None);
                assert_eq!(
                    loaded(&session, &environment).state(),
                    state,
                    "{version:?} {session:?}"
                );
            }
        }
    }
}

#[test]
fn an_unknown_value_of_a_newer_backend_is_read_and_never_paid() {
    let pointers = ["/status", "/payment/status", "/payment/next_action/type", "/payment/flow"];
    for version in versions() {
        for entry in recorded(&version, "sessions.json") {
            for pointer in pointers {
                let mut changed = entry["session"].clone();
                let Some(value) = changed.pointer_mut(pointer) else { continue };
                *value = json!("of_a_newer_version");
                let session: Session = contract::read(changed).unwrap();
                let environment = entry["environment"].as_str().unwrap();
                let state = loaded(&session, environment).state();
                let is_paid = session.status == SessionStatus::Complete;
                assert_eq!(state == "succeeded", is_paid, "{pointer} of {session:?}");
            }
        }
    }
}

#[test]
fn every_recorded_problem_has_a_known_type() {
    for version in versions() {
        for recorded in recorded(&version, "problems.json") {
            let problem: Problem = contract::read(recorded).unwrap();
            assert_ne!(problem.error_type(), ErrorType::Unknown, "{problem:?}");
            let fault = Fault::problem(problem.clone());
            assert_eq!((fault.code, fault.retryable), (problem.code, problem.retryable));
        }
    }
}

#[test]
fn a_recorded_stream_leads_to_paid() {
    for version in versions() {
        let text = fs::read_to_string(version.join("stream.txt")).unwrap();
        let messages = EventStreamParser::default().push(text.as_bytes()).unwrap();
        let mut sessions = messages
            .iter()
            .filter(|message| message.name == EVENT_SESSION_UPDATED)
            .map(|message| serde_json::from_str::<Session>(&message.data).unwrap());
        let has_code = |session: &Session| {
            session.payment.as_ref().is_some_and(|payment| payment.next_action.is_some())
        };
        let mut bench = loaded(&sessions.find(has_code).unwrap(), "desktop");
        assert_eq!(bench.state(), "awaiting");
        sessions.for_each(|session| {
            bench.push(session);
        });
        assert_eq!(bench.state(), "succeeded", "{version:?}");
    }
}

#[test]
fn every_recorded_webhook_is_read() {
    for version in versions() {
        let webhooks = recorded(&version, "webhooks.json");
        assert!(webhooks.len() >= 3, "{version:?}");
        for webhook in webhooks {
            match WebhookType::parse(webhook["type"].as_str().unwrap()) {
                WebhookType::SessionCompleted | WebhookType::SessionExpired => {
                    contract::read::<WebhookEvent<SessionEvent>, _>(webhook).map(|_| ()).unwrap();
                }
                WebhookType::PaymentFailed => {
                    contract::read::<WebhookEvent<PaymentEvent>, _>(webhook).map(|_| ()).unwrap();
                }
                WebhookType::RefundUpdated | WebhookType::DuplicateRefunded => {
                    contract::read::<WebhookEvent<RefundEvent>, _>(webhook).map(|_| ()).unwrap();
                }
                WebhookType::Unknown => panic!("{webhook}"),
            }
        }
    }
}
