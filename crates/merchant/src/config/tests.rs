use std::path::Path;

use super::*;

const GOOD: &str = r#"
[server]
listen = "127.0.0.1:0"
public_url = "https://shop.example/checkout/"
path_prefix = "/checkout"
allowed_origins = ["https://shop.example"]
secret_key = "sk_0123456789abcdef01234567"
signing_key = "0123456789abcdef0123456789abcdef"
merchant_name = "茶 Shop"
"#;

fn problems(texts: &[&str], environment: &[(&str, &str)]) -> Vec<String> {
    parse(texts, environment).unwrap_err().problems
}

fn parse(texts: &[&str], environment: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    let texts = texts.iter().map(|text| (Path::new("merchant.toml"), (*text).to_owned()));
    let environment =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::parse(texts, environment)
}

#[test]
fn the_server_section_reads() {
    // A gateway is missing, and nothing else.
    let problems = problems(&[GOOD], &[]);
    assert_eq!(problems, ["[wechat_pay], [alipay]: configure at least one of them"]);
}

fn server(more: &str) -> Server {
    let mut settings = Settings::default();
    settings.merge_toml(Path::new("merchant.toml"), GOOD);
    settings.merge_toml(Path::new("more.toml"), more);
    server::read(&mut settings).unwrap()
}

#[test]
fn a_server_that_no_page_can_call_is_warned_of() {
    assert_eq!(server("").origins_warning(), None);
    let warning = server("[server]\nallowed_origins = []").origins_warning().unwrap();
    assert!(warning.starts_with("server.allowed_origins is empty"), "{warning}");
}

#[test]
fn a_path_that_the_proxy_must_remove_is_noted() {
    for (public_url, path_prefix, expected) in [
        ("https://shop.example/checkout/", "", Some("/checkout/v1/… on as /v1/…")),
        ("https://shop.example/a/b", "/", Some("path_prefix = \"/a/b\"")),
        ("https://shop.example/checkout", "/checkout", None),
        ("https://shop.example", "", None),
    ] {
        let more =
            format!("[server]\npublic_url = \"{public_url}\"\npath_prefix = \"{path_prefix}\"");
        let note = server(&more).prefix_note();
        let is_expected = match (&note, expected) {
            (Some(note), Some(expected)) => note.contains(expected),
            (note, expected) => note.is_none() && expected.is_none(),
        };
        assert!(is_expected, "{public_url} {path_prefix}: {note:?}");
    }
}

#[test]
fn every_problem_is_listed_with_its_setting() {
    let text = r#"
        [server]
        listen = "nowhere"
        public_url = "http://shop.example"
        allowed_origins = ["https://shop.example/", "*"]
        secret_key = "secret"
        signing_key = "short"
        session_default_expiry_s = 5
        colour = "red"
        [wechat_pay]
        mchid = 1900000001
        [alipay]
        desktop_flow = "fax"
        [smtp]
        host = "x"
    "#;
    let problems = problems(&[text], &[]);
    for setting in [
        "server.listen",
        "server.public_url",
        "server.allowed_origins: `https://shop.example/`",
        "server.allowed_origins: `*`",
        "server.secret_key",
        "server.signing_key",
        "server.session_default_expiry_s",
        "server.merchant_name: missing",
        "server.colour",
        "wechat_pay.mchid: must be text",
        "wechat_pay.appid: missing",
        "alipay.desktop_flow",
        "alipay.app_id: missing",
        "[smtp]",
    ] {
        assert!(
            problems.iter().any(|problem| problem.starts_with(setting)),
            "{setting}: {problems:#?}"
        );
    }
}

#[test]
fn no_message_shows_a_secret() {
    let text = "[server]\nsecret_key = \"sk_topsecret\"\nsigning_key = \"topsecret\nx";
    let errors = parse(&[text], &[]).unwrap_err();
    assert!(!errors.to_string().contains("topsecret"), "{errors}");
    let text = "[server]\nsecret_key = \"sk_topsecret\"\nsigning_key = \"topsecret\"";
    let errors = parse(&[text], &[]).unwrap_err();
    assert!(!errors.to_string().contains("topsecret"), "{errors}");
}

#[test]
fn later_files_and_the_environment_win() {
    let problems = problems(
        &[GOOD, "[server]\nmerchant_name = \"\""],
        &[
            ("OPENCASHIER_SERVER__LISTEN", "nowhere"),
            ("OPENCASHIER_SERVER__ALLOWED_ORIGINS", "https://a.example, https://b.example"),
            ("OPENCASHIER_SERVER__SESSION_DEFAULT_EXPIRY_S", "7"),
            ("OPENCASHIER_LOG", "debug"),
            ("OPENCASHIER_SERVER__TYPO", "x"),
            ("PATH", "/bin"),
        ],
    );
    for setting in
        ["server.listen", "server.session_default_expiry_s", "server.merchant_name", "server.typo"]
    {
        assert!(
            problems.iter().any(|problem| problem.starts_with(setting)),
            "{setting}: {problems:#?}"
        );
    }
    assert!(!problems.iter().any(|problem| problem.starts_with("server.allowed_origins")));
}

#[test]
fn d33_addresses_for_gateways_have_no_query() {
    let text = GOOD.replace("checkout/", "checkout?a=1");
    let problems = problems(&[&text, "[server]\nnotify_url_base = \"http://10.0.0.1\""], &[]);
    for setting in
        ["server.public_url: must have no `?`", "server.notify_url_base: must begin with https"]
    {
        assert!(
            problems.iter().any(|problem| problem.starts_with(setting)),
            "{setting}: {problems:#?}"
        );
    }
}

#[test]
fn webhooks_need_a_secret_and_an_https_address() {
    let section =
        |url: &str, secret: &str| format!("[webhooks]\nurl = \"{url}\"\nsecret = \"{secret}\"");
    let good = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    let short = "whsec_MDEyMzQ1Njc4OQ==";
    for (url, secret, setting) in [
        ("http://shop.example/hooks", good, Some("webhooks.url: must begin with https")),
        ("/hooks", good, Some("webhooks.url: must be an absolute address")),
        ("https://shop.example/hooks", short, Some("webhooks.secret")),
        ("https://shop.example/hooks", "whsec_%", Some("webhooks.secret")),
        ("https://shop.example/hooks", &good[6..], Some("webhooks.secret")),
        ("https://shop.example/hooks?shop=1", good, None),
        ("http://127.0.0.1:9/hooks", good, None),
    ] {
        let problems = problems(&[GOOD, &section(url, secret)], &[]);
        let found = problems.iter().find(|problem| problem.starts_with("webhooks"));
        assert_eq!(found.is_some(), setting.is_some(), "{url} {secret}: {problems:?}");
        if let (Some(found), Some(setting)) = (found, setting) {
            assert!(found.starts_with(setting) && !found.contains(secret), "{found}");
        }
    }
    let problems = problems(&[GOOD], &[("OPENCASHIER_WEBHOOKS__URL", "https://shop.example/")]);
    assert!(problems.iter().any(|problem| problem.starts_with("webhooks.secret: missing")));
}

#[test]
fn each_of_several_webhooks_has_a_name_and_types() {
    let endpoint = |more: &str| {
        format!(
            "[[webhooks]]\nurl = \"https://shop.example/\"\nsecret = \"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\"\n{more}\n"
        )
    };
    let found = |sections: &[String]| {
        let found = problems(&[GOOD, &sections.join("")], &[]);
        found.into_iter().filter(|found| found.starts_with("webhooks")).collect::<Vec<_>>()
    };
    let [shop, books] = ["shop", "books"].map(|name| endpoint(&format!("name = \"{name}\"")));
    assert_eq!(found(&[endpoint("")]), [""; 0], "one needs no name");
    assert_eq!(found(&[shop.clone(), books.clone()]), [""; 0]);
    let types = endpoint("name = \"refunds\"\ntypes = [\"refund.updated\"]");
    assert_eq!(found(&[shop.clone(), types]), [""; 0]);
    for (sections, problem) in [
        ([shop.clone(), endpoint("")], "webhooks_2.name: missing"),
        ([shop.clone(), shop.clone()], "webhooks_2.name: `shop` is the name of another"),
        ([shop.clone(), endpoint("name = \"A b\"")], "webhooks_2.name: must be 1 to 32"),
        (
            [shop, endpoint("name = \"b\"\ntypes = [\"payment.won\"]")],
            "webhooks_2.types: must name one or more of checkout.session.completed",
        ),
    ] {
        let found = found(&sections);
        assert!(found.len() == 1 && found[0].starts_with(problem), "{problem}: {found:#?}");
    }
}

#[test]
fn the_operators_settings_are_checked() {
    let nothing_else = ["[wechat_pay], [alipay]: configure at least one of them"];
    let good = "[server]\nmetrics = \"127.0.0.1:9464\"\npersonal_data_days = 0";
    assert_eq!(problems(&[GOOD, good], &[]), nothing_else);
    let variable = ("OPENCASHIER_SERVER__PERSONAL_DATA_DAYS", "400");
    assert_eq!(problems(&[GOOD], &[variable]), nothing_else);
    let bad = "[server]\nmetrics = \"everywhere\"\npersonal_data_days = 401";
    let found = problems(&[GOOD, bad], &[]);
    for setting in ["server.metrics: must be an IP", "server.personal_data_days: must be 0 to 400"]
    {
        assert!(found.iter().any(|found| found.starts_with(setting)), "{setting}: {found:#?}");
    }
}

const WECHAT_PAY: &str = "[wechat_pay]\nmchid = 1\n";

#[test]
fn g4_products_are_checked_against_the_contracts() {
    let found = |text: &str| problems(&[GOOD, text], &[]);
    for (text, setting) in [
        ("[wechat_pay]\nproducts = [\"native\", \"fax\"]", "wechat_pay.products: `fax` is unknown"),
        ("[wechat_pay]\nproducts = []", "wechat_pay.products: must name what"),
        ("[wechat_pay]\nproducts = [\"h5\"]", "wechat_pay.h5_domain: missing"),
        (
            "[wechat_pay]\nproducts = [\"h5\"]\nh5_domain = \"https://shop.example\"",
            "wechat_pay.h5_domain: must be the host",
        ),
        (
            "[wechat_pay]\nproducts = [\"h5\"]\nh5_domain = \"shop.example/pay\"",
            "wechat_pay.h5_domain: must be the host",
        ),
        ("[alipay]\nmobile_flow = \"fax\"", "alipay.mobile_flow: `fax` is unknown"),
        ("[alipay]\njsapi = \"yes\"", "alipay.jsapi: must be true or false"),
        ("[alipay]\nflows = [\"jsapi\"]", "alipay.flows: may name"),
        ("[alipay]\nflows = [\"qr_code\"]", "alipay.flows: must name \"redirect\""),
        (
            "[alipay]\nflows = [\"qr_code\"]\ndesktop_flow = \"precreate\"\nmobile_flow = \"wap\"",
            "alipay.flows: must name \"redirect\", which alipay.mobile_flow starts",
        ),
    ] {
        let found = found(text);
        assert!(found.iter().any(|found| found.starts_with(setting)), "{text}: {found:#?}");
    }
    let fine = found(&format!(
        "{WECHAT_PAY}products = [\"native\", \"h5\", \"jsapi\"]\nh5_domain = \"shop.example\"\n\
         [alipay]\ndesktop_flow = \"page_frame\"\nmobile_flow = \"wap\"\njsapi = true"
    ));
    for setting in ["products", "h5_domain", "desktop_flow", "mobile_flow", "jsapi"] {
        assert!(!fine.iter().any(|found| found.contains(setting)), "{setting}: {fine:#?}");
    }
}

#[test]
fn d33_a_notify_url_in_a_private_network_is_refused() {
    let found = problems(&[GOOD, "[server]\nnotify_url_base = \"https://192.168.1.2\""], &[]);
    assert!(found.iter().any(|found| found.starts_with("server.notify_url_base: no gateway")));
}

#[test]
fn g4_each_gateway_has_one_complete_set_of_keys_or_certificates() {
    let found = |text: &str| problems(&[GOOD, text], &[]);
    let has = |found: &[String], start: &str| found.iter().any(|found| found.starts_with(start));
    let by_key = found("[wechat_pay]\nproducts = [\"jsapi\"]");
    assert!(has(&by_key, "wechat_pay.public_key_id: missing"), "{by_key:#?}");
    assert!(has(&by_key, "wechat_pay.app_secret: missing"), "{by_key:#?}");
    let by_certificates = found("[wechat_pay]\nplatform_certificates = true");
    assert!(!has(&by_certificates, "wechat_pay.public_key"), "{by_certificates:#?}");
    assert!(!has(&by_certificates, "wechat_pay.app_secret"), "{by_certificates:#?}");
    let half = found("[wechat_pay]\nplatform_certificates = true\npublic_key_id = \"x\"");
    assert!(has(&half, "wechat_pay.public_key: missing"), "{half:#?}");
    let both = found("[alipay]\nalipay_public_key = \"x\"\napp_cert = \"x\"");
    for start in [
        "alipay.alipay_cert: missing",
        "alipay.alipay_root_cert: missing",
        "alipay.alipay_public_key: excludes",
    ] {
        assert!(has(&both, start), "{start}: {both:#?}");
    }
}

#[test]
fn limits_and_proxies_read_from_files_and_environment() {
    let with = |more: &str, environment: &[(&str, &str)]| problems(&[GOOD, more], environment);
    // A gateway is missing, and nothing else.
    let nothing_else = ["[wechat_pay], [alipay]: configure at least one of them"];
    let good =
        "[server]\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n[limits]\ncalls_per_minute = 0";
    assert_eq!(with(good, &[]), nothing_else);
    let environment = [
        ("OPENCASHIER_SERVER__TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8"),
        ("OPENCASHIER_LIMITS__WRONG_SECRETS_PER_MINUTE", "7"),
    ];
    assert_eq!(with("", &environment), nothing_else);
    let bad = "[server]\ntrusted_proxies = [\"10.0.0.0/99\"]\n[limits]\ncalls_per_minute = -1";
    let found = with(bad, &[]);
    assert!(found.iter().any(|found| found.starts_with("server.trusted_proxies:")), "{found:?}");
    assert!(found.iter().any(|found| found.starts_with("limits.calls_per_minute:")), "{found:?}");
}

#[test]
fn the_embed_section_reads() {
    let problems = problems(&[GOOD, "[embed]\nassets = \"ftp://x/\""], &[]);
    for setting in
        ["embed.selector: missing", "embed.assets: must be an absolute address or a path"]
    {
        assert!(problems.iter().any(|problem| problem.starts_with(setting)), "{problems:#?}");
    }
    for (assets, expected) in [
        ("https://cdn.example/oc", Some("https://cdn.example/oc/")),
        ("/opencashier//", Some("/opencashier/")),
        ("//cdn.example/", None),
        ("dist/", None),
        ("https://cdn.example/?a", None),
    ] {
        let mut settings = Settings::default();
        let text = format!("[embed]\nselector = \"s.json\"\nassets = \"{assets}\"");
        settings.merge_toml(Path::new("merchant.toml"), &text);
        let read = embed::read(&mut settings).map(|embed| embed.assets);
        assert_eq!(read.as_deref(), expected, "{assets}");
    }
}

#[test]
fn m3_former_identities_are_checked_as_the_present_one_is() {
    let text = r#"
        [[wechat_pay_former]]
        mchid = "1900000001"
        products = ["native"]
        [[wechat_pay_former]]
        [[alipay_former]]
        app_id = "2021000000000001"
        app_cert = "x"
        alipay_public_key = "x"
    "#;
    let said = problems(&[GOOD, text], &[("OPENCASHIER_WECHAT_PAY_FORMER_1__APPID", "wx1")]);
    for setting in [
        "wechat_pay_former_1.products: there is no such setting",
        "wechat_pay_former_1.api_v3_key: missing",
        "wechat_pay_former_2.mchid: missing",
        "alipay_former_1.seller_id: missing",
        "alipay_former_1.alipay_public_key: excludes the certificates",
        "[wechat_pay], [alipay]: configure at least one of them",
    ] {
        assert!(said.iter().any(|said| said.starts_with(setting)), "{setting}: {said:#?}");
    }
    for set in ["wechat_pay_former_1.mchid", "wechat_pay_former_1.appid", "alipay_former_1.app_id"]
    {
        assert!(!said.iter().any(|said| said.starts_with(set)), "{set}: {said:#?}");
    }
}

#[test]
fn m3_former_identities_stand_in_numbered_sections() {
    for (text, environment, expected) in [
        ("[wechat_pay_former]\nmchid = \"1\"", None, "wechat_pay_former: must be in sections"),
        ("wechat_pay_former = [1]", None, "wechat_pay_former: must be in sections"),
        (
            "",
            Some(("OPENCASHIER_ALIPAY_FORMER__APP_ID", "1")),
            "alipay_former.app_id: there may be several; name the first alipay_former_1",
        ),
        ("", Some(("OPENCASHIER_ALIPAY_FORMER_0__APP_ID", "1")), "[alipay_former_0]: there is no"),
        ("", Some(("OPENCASHIER_SERVER_1__LISTEN", "1")), "[server_1]: there is no such section"),
    ] {
        let environment: Vec<_> = environment.into_iter().collect();
        let said = problems(&[text, GOOD], &environment);
        assert!(said.iter().any(|said| said.starts_with(expected)), "{expected}: {said:#?}");
    }
}

#[test]
fn a_problem_names_the_file_or_the_variable_that_set_it() {
    let texts =
        [("own.toml", GOOD), ("more.toml", "[server]\nmerchant_name = 7\n[smtp]\nhost = \"x\"\n")];
    let texts = texts.iter().map(|(file, text)| (Path::new(file), (*text).to_owned()));
    let environment = [
        ("OPENCASHIER_SERVER__LISTEN", "nowhere"),
        ("OPENCASHIER_SERVER__COLOUR", "red"),
        ("OPENCASHIER_ALIPAY__APP_ID", "1"),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let said = Config::parse(texts, environment).unwrap_err().problems;
    for (setting, source) in [
        ("server.merchant_name: must be text in quotes", "(more.toml)"),
        ("server.listen", "(OPENCASHIER_SERVER__LISTEN)"),
        ("server.colour: there is no such setting", "(OPENCASHIER_SERVER__COLOUR)"),
        ("[smtp]: there is no such section", "(more.toml)"),
        ("alipay.seller_id: missing", "(own.toml, more.toml or OPENCASHIER_ALIPAY__SELLER_ID)"),
    ] {
        let is_said = |said: &String| said.starts_with(setting) && said.ends_with(source);
        assert!(said.iter().any(is_said), "{setting} {source}: {said:#?}");
    }
}

#[test]
fn secrets_are_read_from_files_of_their_own() {
    let folder = std::env::temp_dir().join(crate::keys::new_id("opencashier-").unwrap());
    std::fs::create_dir(&folder).unwrap();
    let path = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let [first, second] =
        [path("first", "sk_0123456789abcdef01234567\n"), path("second", "sk_x\r\n")];
    let without = GOOD.replace("secret_key = \"sk_0123456789abcdef01234567\"\n", "");
    let nothing_else = ["[wechat_pay], [alipay]: configure at least one of them"];
    let one = format!("[server]\nsecret_key_file = \"{first}\"");
    assert_eq!(problems(&[&without, &one], &[]), nothing_else);
    let two = format!("[server]\nsecret_key_file = [\"{first}\", \"{first}\"]");
    assert_eq!(problems(&[&without, &two], &[]), nothing_else);
    let variable = "OPENCASHIER_SERVER__SECRET_KEY_FILE";
    assert_eq!(problems(&[&without], &[(variable, &first)]), nothing_else);
    // The later one wins, whichever of the two ways it is.
    let found = problems(&[GOOD], &[(variable, &second)]);
    assert!(found[0].starts_with("server.secret_key: must be"), "{found:?}");
    let place = format!("(in the file {second}, which {variable} names)");
    assert!(found[0].ends_with(&place), "{found:?}");
    let empty = path("empty", "\n");
    for (more, environment, expected) in [
        (
            "[server]\nsecret_key_file = \"/nowhere/key\"".to_owned(),
            vec![],
            "server.secret_key_file: /nowhere/key cannot be read",
        ),
        (
            "[server]\nsecret_key_file = \"sk_live_0123456789\"".to_owned(),
            vec![],
            "server.secret_key_file: must be the path of a file, and looks like the secret itself",
        ),
        (
            format!("[server]\nsecret_key_file = \"{empty}\""),
            vec![],
            &format!("server.secret_key_file: the file {empty} is empty; write the value into it"),
        ),
        (
            "[server]\nsecret_key_file = 7".to_owned(),
            vec![],
            "server.secret_key_file: must be the path",
        ),
        (
            format!("[server]\nsecret_key = \"x\"\nsecret_key_file = \"{first}\""),
            vec![],
            "server.secret_key: is set, and secret_key_file too",
        ),
        (
            String::new(),
            vec![("OPENCASHIER_SERVER__SECRET_KEY", "x"), (variable, first.as_str())],
            "server.secret_key: is set, and secret_key_file too",
        ),
        (
            "[server]\nlisten_file = \"x\"".to_owned(),
            vec![],
            "server.listen_file: there is no such setting",
        ),
    ] {
        let found = problems(&[GOOD, &more], &environment);
        assert!(found.iter().any(|found| found.starts_with(expected)), "{expected}: {found:#?}");
        assert_eq!(found.len(), 2, "one problem has one message: {found:#?}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn b12_addresses_of_apps_are_named_as_they_are() {
    let good = "[server]\nallowed_origins = [\"https://shop.example\", \"capacitor://localhost\"]\nallowed_return_urls = [\"shopapp://paid\"]";
    let nothing_else = ["[wechat_pay], [alipay]: configure at least one of them"];
    assert_eq!(problems(&[GOOD, good], &[]), nothing_else);
    let variable = ("OPENCASHIER_SERVER__ALLOWED_RETURN_URLS", "shopapp://paid, other:back");
    assert_eq!(problems(&[GOOD], &[variable]), nothing_else);
    let bad = "[server]\nallowed_origins = [\"file://x\", \"null\"]\nallowed_return_urls = [\"https://shop.example/\", \"javascript:x\"]";
    let found = problems(&[GOOD, bad], &[]);
    for setting in [
        "server.allowed_origins: `file://x`",
        "server.allowed_origins: `null`",
        "server.allowed_return_urls: `https://shop.example/`",
        "server.allowed_return_urls: `javascript:x`",
    ] {
        assert!(found.iter().any(|found| found.starts_with(setting)), "{setting}: {found:#?}");
    }
}

#[test]
fn a_file_that_is_not_toml_is_the_only_problem() {
    let found = problems(&["[server]\nlisten = \"nowhere\"", "[server\nlisten ="], &[]);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("merchant.toml, line 1: not TOML"), "{found:#?}");
}

#[test]
fn a_line_with_an_odd_quote_has_a_hint() {
    for (text, is_hinted) in [
        ("[server]\nmerchant_name = \"Tea\nlisten = \"x\"\n", true),
        ("[server]\nmerchant_name = Tea\"\n", true),
        ("[server]\nlisten = 127.0.0.1:8787\n", false),
    ] {
        let found = problems(&[text], &[]);
        assert!(found[0].starts_with("merchant.toml, line 2: not TOML"), "{found:#?}");
        assert_eq!(found[0].ends_with("; is a quote missing?"), is_hinted, "{found:#?}");
    }
}

#[test]
fn an_unknown_section_is_listed_once_with_the_known_ones() {
    let found = problems(&[GOOD, "[sever]\nlisten = \"x\"\ndatabase = \"y\""], &[]);
    let listed: Vec<_> = found.iter().filter(|found| found.starts_with("[sever]")).collect();
    assert_eq!(
        listed,
        [
            "[sever]: there is no such section; known are server, wechat_pay, alipay, webhooks, embed, limits, wechat_pay_former, alipay_former (merchant.toml)"
        ]
    );
}

#[test]
fn a_gateways_settings_of_a_wrong_type_are_listed_beside_the_missing_ones() {
    let text = "[wechat_pay]\nbase_url = 1\nbackup_base_url = 2\napp_secret = 3\n[alipay]\ngateway_url = 4\nop_app_id = 5\nprecreate_product_code = 6";
    let found = problems(&[GOOD, text], &[]);
    for setting in [
        "wechat_pay.mchid: missing",
        "wechat_pay.base_url: must be text",
        "wechat_pay.backup_base_url: must be text",
        "wechat_pay.app_secret: must be text",
        "alipay.app_id: missing",
        "alipay.gateway_url: must be text",
        "alipay.op_app_id: must be text",
        "alipay.precreate_product_code: must be text",
    ] {
        assert!(found.iter().any(|found| found.starts_with(setting)), "{setting}: {found:#?}");
    }
}

#[test]
fn every_value_of_a_gateway_that_cannot_work_is_listed() {
    let text = "[wechat_pay]\nmchid = \"x\"\nappid = \"wx 1\"\nmerchant_serial = \"1\"\nmerchant_private_key = \"k\"\napi_v3_key = \"short\"\npublic_key_id = \"ID\"\npublic_key = \"k\"\n[alipay]\napp_id = \"1\"\nseller_id = \"2\"\napp_private_key = \"k\"\nalipay_public_key = \"k\"";
    let found = problems(&[GOOD, text], &[]);
    for setting in [
        "wechat_pay.mchid: must be",
        "wechat_pay.appid: must be",
        "wechat_pay.merchant_serial: must be",
        "wechat_pay.merchant_private_key:",
        "wechat_pay.api_v3_key: must be",
        "wechat_pay.public_key_id:",
        "wechat_pay.public_key:",
        "alipay.app_id: must be",
        "alipay.seller_id: must be",
        "alipay.app_private_key:",
        "alipay.alipay_public_key:",
    ] {
        assert!(found.iter().any(|found| found.starts_with(setting)), "{setting}: {found:#?}");
    }
}

#[test]
fn an_invalid_gateway_is_not_called_missing() {
    let found = problems(&[GOOD, "[alipay]\napp_id = \"1\""], &[]);
    assert!(!found.iter().any(|found| found.contains("at least one of them")), "{found:#?}");
}
