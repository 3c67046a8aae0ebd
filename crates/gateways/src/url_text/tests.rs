use super::{base_url, encode, is_web_address};

#[test]
fn plain_http_is_for_this_machine_only() {
    for url in [
        "https://api.mch.weixin.qq.com",
        "http://127.0.0.1:8080/",
        "http://localhost:1",
        "http://[::1]:80/x",
    ] {
        assert!(base_url("base_url", url).is_ok(), "{url}");
    }
    for url in [
        "http://api.mch.weixin.qq.com",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://localhost@evil.example",
        "https://u:p@host",
        "https://host/?a=b",
        "https://host/#f",
        "ftp://host",
        "/gateway.do",
        "host",
        "",
    ] {
        assert!(base_url("base_url", url).is_err(), "{url}");
    }
}

#[test]
fn encodes_for_a_path_and_a_query() {
    assert_eq!(encode("a b|*+/=~-_.商"), "a%20b%7C%2A%2B%2F%3D~-_.%E5%95%86");
}

#[test]
fn an_address_that_parsers_read_differently_is_none() {
    assert!(is_web_address("https://shop.example/notify", 255, false));
    assert!(is_web_address("https://Shop.Example:8443/notify?a=b", 255, true));
    for text in [
        " https://shop.example/",
        "https:shop.example",
        "https:\\\\shop.example",
        "https:///shop.example/",
        "https://shop.example\\@evil.example/",
        "https://shop.exa\tmple/",
        "https://商店.example/",
        "https://shop.example/#f",
        "https://",
        "javascript://shop.example/%0Aalert(1)",
    ] {
        assert!(!is_web_address(text, 255, true), "{text}");
        assert!(base_url("base_url", text).is_err(), "{text}");
    }
}
