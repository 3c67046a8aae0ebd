//! Explores the model within the bounds of the arguments, and prints the report.
//!
//! `model --tabs 2 --faults 1 --crashes 1 --reloads 0 --clicks 3 --ends 0 --hides 0
//! --refusals 0 --opens 0 --consoles 0 --more-tabs 1 --strays 1 --shares 1 --locks 1 --threads 2 --browser desktop --other-browser wechat`

use std::process::ExitCode;

use model::{Bounds, Browser, explore};

fn main() -> ExitCode {
    let (bounds, threads) = match read_arguments() {
        Ok(read) => read,
        Err(wrong) => {
            say(&wrong);
            return ExitCode::from(2);
        }
    };
    let Bounds { tabs, strays, browser, other_browser, left, .. } = bounds;
    say(&format!("tabs {tabs} ({browser:?}, {other_browser:?}), strays {strays}, {left:?}"));
    let report = explore(bounds, threads);
    say(&report.to_string());
    if report.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn read_arguments() -> Result<(Bounds, usize), String> {
    let mut bounds = Bounds::default();
    let mut threads = 1;
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let text = arguments.next();
        if let "--browser" | "--other-browser" = name.as_str() {
            let known = [Browser::Desktop, Browser::Phone, Browser::Wechat];
            let named = |browser: &Browser| text.as_deref() == Some(browser.environment().as_str());
            let browser = known.into_iter().find(named);
            let browser = browser.ok_or("a browser is desktop, mobile_browser or wechat")?;
            if name == "--browser" {
                bounds.browser = browser;
            } else {
                bounds.other_browser = browser;
            }
            continue;
        }
        let value = text.and_then(|text| text.parse::<u8>().ok());
        let value = value.ok_or_else(|| format!("{name} needs a number from 0 to 255"))?;
        match name.as_str() {
            "--tabs" => bounds.tabs = value,
            "--faults" => bounds.left.faults = value,
            "--crashes" => bounds.left.crashes = value,
            "--reloads" => bounds.left.reloads = value,
            "--clicks" => bounds.left.clicks = value,
            "--ends" => bounds.left.ends = value,
            "--hides" => bounds.left.hides = value,
            "--opens" => bounds.left.opens = value,
            "--consoles" => bounds.left.consoles = value,
            "--more-tabs" => bounds.more_tabs = value,
            "--refusals" => bounds.left.refusals = value,
            "--locks" => bounds.locks = value > 0,
            "--shares" => bounds.shares_intent = value > 0,
            "--strays" => bounds.strays = usize::from(value),
            "--threads" => threads = usize::from(value).max(1),
            _ => return Err(format!("{name} is not known; see the head of main.rs")),
        }
    }
    Ok((bounds, threads))
}

#[expect(clippy::print_stdout, reason = "a command's answer")]
fn say(text: &str) {
    println!("{text}");
}
