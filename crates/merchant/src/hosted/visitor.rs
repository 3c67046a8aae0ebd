//! Where the page is looked at, by the browser's own word. It only chooses what is shown.

use contract::Environment;

/// The first that is found in the user agent wins (gateways.md A11.4, B11, part C).
const MARKS: &[(&str, Environment)] = &[
    ("wxwork", Environment::Wecom),
    ("DingTalk", Environment::Dingtalk),
    ("AliApp(TB", Environment::Taobao),
    ("AliApp(TM", Environment::Tmall),
    ("aweme", Environment::Douyin),
    ("xhsdiscover", Environment::Xiaohongshu),
    ("jdapp", Environment::Jd),
    ("Weibo", Environment::Weibo),
    (" QQ/", Environment::Qq),
    ("Android", Environment::MobileBrowser),
    ("iPhone", Environment::MobileBrowser),
    ("iPad", Environment::MobileBrowser),
    ("iPod", Environment::MobileBrowser),
    ("HarmonyOS", Environment::MobileBrowser),
    ("OpenHarmony", Environment::MobileBrowser),
    ("Mobile", Environment::MobileBrowser),
];

/// The environment that a user agent speaks of.
pub(crate) fn environment(user_agent: &str) -> Environment {
    let has = |mark: &str| user_agent.contains(mark);
    let is_mini_program = has("miniProgram") || has("MiniProgram");
    if has("MicroMessenger") && !has("wxwork") {
        if is_mini_program {
            return Environment::WechatMiniProgram;
        }
        let is_desktop = has("WindowsWechat") || has("MacWechat");
        return if is_desktop { Environment::WechatDesktop } else { Environment::Wechat };
    }
    // Other apps of Alibaba's name Alipay's client too: theirs come first.
    let is_alipay = has("AlipayClient") && !has("AliApp(TB") && !has("AliApp(TM");
    if is_alipay {
        let inside = Environment::Alipay;
        return if is_mini_program { Environment::AlipayMiniProgram } else { inside };
    }
    MARKS
        .iter()
        .find(|(mark, _)| has(mark))
        .map_or(Environment::Desktop, |(_, environment)| *environment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_agents() {
        use Environment as E;
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
                "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile",
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
}
