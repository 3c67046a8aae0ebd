//! The client secret: which session it opens, that it is never printed, and the paths with its id.

use contract::{BrowserCall, ClientSecret, SESSIONS_PATH};

pub(crate) const WORDS: &[&str] = &["cs_", "_secret_", "cs_1_secret_2", "../", "/", "?", "#", "é"];

pub(crate) fn run(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    let is_plain = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|character| matches!(character, 'a'..='z' | 'A'..='Z' | '0'..='9' | '_'))
    };
    let parts = text.split_once("_secret_");
    let expected = parts.filter(|(id, random)| {
        let name = id.strip_prefix("cs_");
        name.is_some_and(is_plain) && is_plain(random) && text.len() <= 200
    });
    let Ok(secret) = ClientSecret::parse(text) else {
        assert_eq!(expected, None, "{text:?} was refused");
        return;
    };
    let (id, random) = expected.unwrap_or_else(|| panic!("{text:?} was taken"));
    assert_eq!(secret.session_id(), id);
    assert_eq!(secret.expose(), text);
    assert_eq!(ClientSecret::new(id, random), secret);
    assert_eq!(format!("{secret:?}"), format!("{id}_secret_***"));
    for call in [
        BrowserCall::Read,
        BrowserCall::Start,
        BrowserCall::Refresh("pay_1"),
        BrowserCall::Check("pay_1"),
        BrowserCall::Cancel("pay_1"),
        BrowserCall::Events,
    ] {
        let path = call.path(secret.session_id());
        let rest = path.strip_prefix(SESSIONS_PATH).expect("below the sessions");
        let mut segments = rest.split('/');
        assert_eq!((segments.next(), segments.next()), (Some(""), Some(id)), "{path}");
        assert!(segments.all(is_plain), "{path}");
    }
}
