//! The visitor's environment by the user agent. It only selects what is shown.

use contract::Environment as E;

/// Apps by their names in user agents, in lower case: the first match wins, as in
/// `www/environment.js` (gateways.md A11.4, B11, part C).
const APPS: &[(&[&str], E)] = &[
    (&["wxwork"], E::Wecom),
    (&["micromessenger"], E::Wechat),
    (&["alipayclient", "aliapp(ap/"], E::Alipay),
    (&["aliapp(tb", "aliapp(lt"], E::Taobao),
    (&["aliapp(tm"], E::Tmall),
    (&["dingtalk"], E::Dingtalk),
    (&["jdapp", "jdltapp", "jdpingou"], E::Jd),
    (&["weibo"], E::Weibo),
    (&["aweme", "douyin"], E::Douyin),
    (&["xhs", "xiaohongshu"], E::Xiaohongshu),
    (OTHER_APPS, E::InApp),
    (&["browser/", "quark/", "duckduckgo/", "edga/"], E::MobileBrowser),
    // Web views: Android marks them, and HarmonyOS names no browser.
    (&["; wv)", "arkweb"], E::InApp),
];
const OTHER_APPS: &[&str] = &[
    "aliapp",
    "tbs/",
    "biliapp",
    "kwai",
    "ksnebula",
    "baiduboxapp",
    "newsarticle",
    "musical_ly",
    "trill",
    "bytedancewebview",
    "fban",
    "fbav",
    "instagram",
    "twitter",
    "snapchat",
];
const COMPUTERS: &[&str] = &[
    "windows nt",
    "macintosh",
    "x11",
    "cros",
    "pc; openharmony",
    "pc;openharmony",
    "2in1; openharmony",
    "2in1;openharmony",
];
const APPLE: &[&str] = &["iphone", "ipad", "ipod", "macintosh"];
const PHONES: &[&str] = &["android", "harmony", "mobile"];

/// Returns the environment of a user agent, in any case. Unlike the widget it cannot see a touch
/// screen, by which an iPad differs from a Mac, nor a page's globals.
pub(crate) fn environment(user_agent: &str) -> E {
    let text = user_agent.to_ascii_lowercase();
    let has = |marks: &[&str]| marks.iter().any(|mark| text.contains(mark));
    let is_mini_program = has(&["miniprogram"]);
    let is_computer = has(COMPUTERS) && !has(&["android", "mobile"]);
    // Before WeChat, whose engine QQ's mini programs name.
    if is_version_of(&text, "qq/") || has(&["v1_and_sq", "v1_iph_sq"]) {
        return E::Qq;
    }
    if is_mini_program && has(&["micromessenger"]) {
        return E::WechatMiniProgram;
    }
    if is_mini_program && has(&["alipayclient"]) {
        return E::AlipayMiniProgram;
    }
    if has(&["windowswechat", "macwechat"]) || (is_computer && has(&["micromessenger"])) {
        return E::WechatDesktop;
    }
    if is_computer {
        return E::Desktop;
    }
    let app = APPS.iter().find(|(marks, environment)| {
        has(marks) || (*environment == E::InApp && is_word(&text, "line/"))
    });
    if let Some((_, environment)) = app {
        return *environment;
    }
    // Apple's web views leave out Safari, which browsers name after the device.
    let device = APPLE.iter().filter_map(|mark| text.rfind(mark)).max();
    let is_safari =
        device.and_then(|at| text.get(at..)).is_some_and(|rest| rest.contains("safari/"));
    match device {
        Some(_) if is_safari => E::MobileBrowser,
        Some(_) => E::InApp,
        None if has(PHONES) => E::MobileBrowser,
        None => E::Desktop,
    }
}

/// True if `mark` begins a word.
fn is_word(text: &str, mark: &str) -> bool {
    words(text, mark).next().is_some()
}

/// True if `mark` begins a word and a version follows it.
fn is_version_of(text: &str, mark: &str) -> bool {
    words(text, mark).any(|rest| rest.starts_with(|next: char| next.is_ascii_digit()))
}

/// Returns the text after each `mark` that begins a word.
fn words<'a>(text: &'a str, mark: &str) -> impl Iterator<Item = &'a str> {
    text.match_indices(mark).filter_map(|(at, found)| {
        let before = text.get(..at)?.bytes().next_back();
        let is_inside = before.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if is_inside { None } else { text.get(at + found.len()..) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_agents() {
        for (user_agent, expected) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
                E::Desktop,
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
                E::Desktop,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
                E::MobileBrowser,
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; 23127PN0CC) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36",
                E::MobileBrowser,
            ),
            (
                "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile HuaweiBrowser/5.0",
                E::MobileBrowser,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.49(0x18003127) NetType/WIFI Language/zh_CN",
                E::Wechat,
            ),
            (
                "Mozilla/5.0 (Linux; Android 13; V2243A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160117 MMWEBSDK/20240404 MicroMessenger/8.0.49.2600(0x28003156) WeChat/arm64 miniProgram/wx0123456789abcdef",
                E::WechatMiniProgram,
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/107.0.0.0 Safari/537.36 NetType/WIFI MicroMessenger/7.0.20.1781(0x6700143B) WindowsWechat(0x63090a13) XWEB/9185 Flue",
                E::WechatDesktop,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 wxwork/4.1.22 MicroMessenger/7.0.1 Language/zh",
                E::Wecom,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Ariver/1.1.0 AliApp(AP/10.6.0.6000) Nebula WK AlipayClient/10.6.0.6000 Language/zh-Hans",
                E::Alipay,
            ),
            (
                "Mozilla/5.0 (Linux; U; Android 13; zh-CN) AppleWebKit/537.36 UCBS/3.22 Mobile Safari/537.36 AliApp(AP/10.6.0) AlipayClient/10.6.0 MiniProgram",
                E::AlipayMiniProgram,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 AliApp(TB/10.36.10) WindVane/8.7.2",
                E::Taobao,
            ),
            (
                "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/97 MQQBrowser/6.2 TBS/046247 Mobile Safari/537.36 V1_AND_SQ_9.0.55 QQ/9.0.55.16820",
                E::Qq,
            ),
            ("", E::Desktop),
        ] {
            assert_eq!(environment(user_agent), expected, "{user_agent}");
        }
    }

    /// Both tables must give the same environment, or the page that the widget leads to offers
    /// something else. Rows that need a touch screen or a global are the widget's.
    #[test]
    fn every_user_agent_of_the_widgets_table_has_the_same_environment() {
        let table = include_str!("../../../../tests/environment/agents.json");
        let table: serde_json::Value = serde_json::from_str(table).unwrap();
        let (mut seen, mut unseen) = (0, 0);
        for row in table["agents"].as_array().unwrap() {
            let agent = row["agent"].as_str().unwrap();
            let is_touched_mac = agent.contains("Macintosh") && row["touch"].as_u64() > Some(1);
            if is_touched_mac || row.get("wx").is_some() {
                unseen += 1;
                continue;
            }
            let expected = E::parse(row["environment"].as_str().unwrap());
            assert_eq!(environment(agent), expected, "{}: {agent}", row["label"]);
            assert_eq!(environment(&agent.to_uppercase()), expected, "{agent} in capitals");
            seen += 1;
        }
        assert!(seen >= 180 && unseen <= 5, "{seen} seen, {unseen} not");
    }

    #[test]
    fn user_agents_of_any_length_and_characters_are_accepted() {
        let long =
            "Mobile Android X11 Macintosh AliApp( MicroMessenge \u{5fae}\u{4fe1} ".repeat(20_000);
        assert_eq!(environment(&long), E::InApp);
        assert_eq!(environment("\u{5fae}QQ/9"), E::Qq);
        assert_eq!(environment("Linux; MQQ/9 Mobile"), E::MobileBrowser);
        assert_eq!(environment("iPhone OnLine/3 Safari/604"), E::MobileBrowser);
    }
}
