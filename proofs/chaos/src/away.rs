//! The gateways' pages that a browser is sent to: cashiers, H5, and the pages that identify the
//! payer.

use bytes::Bytes;
use http::Method;

use crate::page::RETURN_URL;
use crate::route::Browser;
use crate::world::{Count, World};

/// The kind of an address that a page navigates to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// A wallet's page that identifies the payer (gateways.md A11.1, B11).
    Oauth,
    /// WeChat Pay's page for phones (gateways.md A11.2).
    H5,
    /// Alipay's cashier (gateways.md B5.2).
    Cashier,
    /// Alipay's app, with a code.
    App,
}

/// A page of a gateway with a button that pays.
#[derive(Clone, Debug)]
pub(crate) struct PaymentPage {
    /// The address that the buttons post to, before the verb.
    base: String,
    /// The amount on the page.
    pub(crate) amount_fen: i64,
}

impl Address {
    pub(crate) fn of(url: &str) -> Self {
        let path = url.split(['?', '#']).next().unwrap_or_default();
        if url.starts_with("alipays:") {
            Self::App
        } else if path.ends_with("/connect/oauth2/authorize")
            || path.ends_with("/oauth2/publicAppAuthorize.htm")
        {
            Self::Oauth
        } else if path.ends_with("/checkmweb") {
            Self::H5
        } else {
            Self::Cashier
        }
    }

    /// Returns its name in the report.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Oauth => "who pays",
            Self::H5 => "h5 page",
            Self::Cashier => "cashier",
            Self::App => "app link",
        }
    }
}

/// Follows the widget's redirect to a page with buttons; `None` if the gateway refuses.
pub(crate) async fn open(world: &World, url: &str, browser: Browser) -> Option<PaymentPage> {
    let address = Address::of(url);
    world.count(Count::Call, address.name());
    let headers = [("user-agent", browser.agent()), ("referer", REFERER)];
    let mut url = url.split('#').next().unwrap_or_default().to_owned();
    if address == Address::Cashier {
        let answer = get(world, &url, &headers).await?;
        url = absolute(world, answer.header("location")?);
    }
    let shown = get(world, &url, &headers).await?;
    let text = String::from_utf8_lossy(&shown.body).into_owned();
    Some(PaymentPage { base: absolute(world, form(&text)?), amount_fen: amount(&text)? })
}

/// Presses "pay"; returns the address that the gateway redirects to, if it took the money.
pub(crate) async fn pay(world: &World, payment_page: &PaymentPage) -> Option<String> {
    world.count(Count::Call, "pay at a gateway's page");
    let url = format!("{}/pay", payment_page.base);
    let answer = world.net.call(Method::POST, &url, &[], Bytes::new()).await.ok()?;
    answer.header("location").map(|location| absolute(world, location))
}

/// Cancels on the gateway's page.
pub(crate) async fn walk_away(world: &World, payment_page: &PaymentPage) {
    let url = format!("{}/cancel", payment_page.base);
    // Nothing changes at the gateway, so the answer does not matter.
    let _ = world.net.call(Method::POST, &url, &[], Bytes::new()).await;
}

/// Lets the wallet identify the payer; returns the backend's address that it redirects to.
pub(crate) async fn authorize(world: &World, url: &str, browser: Browser) -> Option<String> {
    world.count(Count::Call, Address::Oauth.name());
    let url = url.split('#').next().unwrap_or_default();
    let answer = get(world, url, &[("user-agent", browser.agent())]).await?;
    answer.header("location").map(str::to_owned)
}

/// Follows a gateway's redirect to the backend, as the browser does. The page is loaded by the
/// caller.
pub(crate) async fn follow_return(world: &World, url: &str) {
    world.count(Count::Call, "return");
    let _ = world.net.get(url).await;
}

/// Returns the code of a framed cashier, which only displays it; `None` if it shows none.
pub(crate) async fn framed_code(world: &World, url: &str) -> Option<String> {
    let headers = [("user-agent", Browser::Desktop.agent())];
    let answer = get(world, url, &headers).await?;
    get(world, &absolute(world, answer.header("location")?), &headers).await?;
    let number = between(url, "out_trade_no%22%3A%22", "%22")?;
    let waiting = world.net.get(&format!("{}/sandbox/codes", world.sandbox)).await.ok()?.json();
    let waiting = waiting.as_array()?;
    let found = waiting.iter().find(|code| {
        code.get("out_trade_no").and_then(serde_json::Value::as_str) == Some(number)
    })?;
    found.get("code")?.as_str().map(str::to_owned)
}

async fn get(world: &World, url: &str, headers: &[(&str, &str)]) -> Option<crate::net::Answer> {
    world.net.call(Method::GET, url, headers, Bytes::new()).await.ok()
}

fn absolute(world: &World, location: &str) -> String {
    if location.starts_with('/') {
        format!("{}{location}", world.sandbox)
    } else {
        location.to_owned()
    }
}

/// Returns the address that the page's buttons post to, without the verb.
fn form(page: &str) -> Option<&str> {
    let mut actions = page.split("action=\"").skip(1);
    actions.find_map(|rest| rest.split_once('"')?.0.strip_suffix("/pay"))
}

/// Returns the first amount in yuan on a page, in fen.
fn amount(page: &str) -> Option<i64> {
    let (_, rest) = page.split_once('¥')?;
    let end = rest.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(rest.len());
    let digits: String = rest.get(..end)?.chars().filter(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}

/// The address of the shop's own page, whose host WeChat Pay's page checks.
const REFERER: &str = RETURN_URL;
