use super::{base_url, encode};

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
