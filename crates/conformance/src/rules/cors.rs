//! The CORS checks of browsers for calls from another origin.

use contract::BrowserCall;
use reqwest::Method;

use crate::backend::{Backend, Opened};
use crate::failure::{Checked, Failure, expect};
use crate::http::{Answer, Call};

/// The headers that the widget sends and browsers ask about.
const SENT: [&str; 4] = ["authorization", "content-type", "idempotency-key", "last-event-id"];
/// The headers that the widget reads and browsers hide by default.
const READ: [&str; 2] = ["retry-after", "request-id"];

fn origin(backend: &Backend) -> Checked<&str> {
    let why = || Failure::NotChecked("needs an allowed origin: give --origin".to_owned());
    backend.origin.as_deref().ok_or_else(why)
}

pub(super) async fn preflight(backend: &Backend) -> Checked {
    let origin = origin(backend)?;
    let opened = backend.open().await?;
    for (call, method) in [(BrowserCall::Start, "POST"), (BrowserCall::Events, "GET")] {
        let answer = ask(backend, &opened, call, method, origin).await?;
        allows(&answer, origin)?;
        let allowed = answer.header("access-control-allow-headers").to_ascii_lowercase();
        for name in SENT {
            expect(names(&allowed).any(|known| known == name), || {
                format!(
                    "the preflight of {} does not allow the header {name}: {allowed:?}",
                    answer.name
                )
            })?;
        }
        // GET and POST need no permission.
        expect(answer.status < 300, || format!("{} answers {}", answer.name, answer.status))?;
    }
    Ok(())
}

pub(super) async fn answers(backend: &Backend) -> Checked {
    let origin = origin(backend)?;
    let opened = backend.open().await?;
    let read = BrowserCall::Read.path(&opened.id);
    for (path, secret) in [
        (read.as_str(), opened.secret.as_str()),
        (&read, "cs_wrong_secret_wrong"),
        ("/v1/checkout/sessions/cs_doesnotexist", &opened.secret),
        ("/v1/nothing/at/this/path", &opened.secret),
    ] {
        let call = Call::new(Method::GET, backend.url(path)).bearer(secret);
        let answer = call.header("origin", origin).send(&backend.client).await?;
        allows(&answer, origin)?;
        let is_for_all = answer.header("access-control-allow-origin") == "*";
        let varies = answer.headers.get_all("vary").iter().filter_map(|it| it.to_str().ok());
        let varies = varies.collect::<Vec<_>>().join(",").to_ascii_lowercase();
        expect(is_for_all || names(&varies).any(|name| name == "origin" || name == "*"), || {
            format!("{} has no `Vary: Origin`: a cache could answer another origin", answer.name)
        })?;
        let exposed = answer.header("access-control-expose-headers").to_ascii_lowercase();
        for name in READ {
            expect(names(&exposed).any(|known| known == name || known == "*"), || {
                format!("{} does not expose the header {name}: {exposed:?}", answer.name)
            })?;
        }
    }
    Ok(())
}

pub(super) async fn stranger(backend: &Backend) -> Checked {
    origin(backend)?;
    let opened = backend.open().await?;
    let evil = "https://not-allowed.invalid";
    let answer = ask(backend, &opened, BrowserCall::Start, "POST", evil).await?;
    let allowed = answer.header("access-control-allow-origin");
    expect(allowed != "*" && allowed != evil, || {
        format!("the origin {evil} is allowed by {allowed:?}: any page could embed this checkout")
    })
}

async fn ask(
    backend: &Backend,
    opened: &Opened,
    call: BrowserCall<'_>,
    method: &str,
    origin: &str,
) -> Checked<Answer> {
    Call::new(Method::OPTIONS, backend.url(&call.path(&opened.id)))
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", &SENT.join(","))
        .send(&backend.client)
        .await
}

fn allows(answer: &Answer, origin: &str) -> Checked {
    let allowed = answer.header("access-control-allow-origin");
    let found = if allowed.is_empty() { "no Access-Control-Allow-Origin" } else { allowed };
    expect(allowed == origin || allowed == "*", || {
        format!("{} ({}) does not allow the origin {origin}: {found}", answer.name, answer.status)
    })?;
    expect(answer.header("access-control-allow-credentials") != "true", || {
        format!("{} allows credentials, which the widget never sends", answer.name)
    })
}

fn names(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim)
}
