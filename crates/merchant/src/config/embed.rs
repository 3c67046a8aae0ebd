//! Section `[embed]`.

use super::Embed;
use super::table::Settings;
use crate::address;

const SECTION: &str = "embed";

/// Reads the section; `None` if it is absent or invalid. The file itself is read at start.
pub(super) fn read(settings: &mut Settings) -> Option<Embed> {
    if !settings.has_section(SECTION) {
        return None;
    }
    let selector = settings.required(SECTION, "selector", "the path of the build's selector.json");
    let assets = settings.required(
        SECTION,
        "assets",
        "the address under which pages load the build, such as https://cdn.shop.example/opencashier/",
    );
    let assets = assets.and_then(|assets| check_assets(settings, &assets));
    Some(Embed { selector: selector?.into(), assets: assets? })
}

/// Checks that the text is an absolute address or a path on the page's own origin, and adds a
/// slash at the end.
fn check_assets(settings: &mut Settings, text: &str) -> Option<String> {
    let is_path = text.starts_with('/')
        && !text.starts_with("//")
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_good = (is_path || address::origin(text).is_some()) && !text.contains(['?', '#']);
    if !is_good {
        settings.problem(
            "embed.assets: must be an absolute address or a path without `?` and `#`, such as https://cdn.shop.example/opencashier/",
        );
    }
    is_good.then(|| format!("{}/", text.trim_end_matches('/')))
}
