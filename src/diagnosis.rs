//! Tells the page's developer at once, in the console, which member of an answer is wrong: the
//! machine retries first, and tolerates what it does not know.

use checkout::{Event, Fault};
use contract::{Session, code};

use crate::host::Host;

/// Logs what is wrong with the answer that an event brings, if it brings one.
pub(crate) fn log(host: &Host, event: &Event) {
    match event {
        Event::Answered { answer: Err(fault), .. } | Event::StreamEnded { fault: Some(fault) } => {
            log_fault(host, fault);
        }
        Event::Answered { answer: Ok(session), .. } | Event::StreamSession(session) => {
            log_unknown(host, session);
        }
        _ => {}
    }
}

fn log_fault(host: &Host, fault: &Fault) {
    if fault.code == code::ANSWER_UNREADABLE {
        host.log(&fault.code, &fault.message);
    }
}

fn log_unknown(host: &Host, session: &Session) {
    if let Some(member) = session.unknown_member() {
        let message = format!("{member} has a value that this widget does not know");
        host.log(code::VALUE_UNKNOWN, &message);
    }
}
