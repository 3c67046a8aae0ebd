//! The small parts by themselves.

use super::*;

#[test]
fn only_gateway_hosts_are_allowed() {
    let api = "https://shop.example";
    for good in [
        "https://openapi.alipay.com/gateway.do?x=1",
        "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx20",
        "https://openapi.alipay.com:443/",
        "https://openauth.alipay.com/oauth2/publicAppAuthorize.htm?app_id=1&scope=auth_base",
        "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx1&scope=snsapi_base#wechat_redirect",
        "https://openapi.alipay.com:443",
        "https://openapi.alipay.com:443?x=1",
        "https://openapi.alipay.com#x:8443",
    ] {
        assert!(is_allowed_address(good, api, &[]), "{good}");
    }
    for bad in [
        "http://openapi.alipay.com/",
        "alipays://platformapi/startapp?saId=10000007",
        "weixin://wxpay/bizpayurl?pr=1",
        "javascript:alert(1)",
        "data:text/html,x",
        "//openapi.alipay.com/",
        "https://openapi.alipay.com.evil.example/",
        "https://openapi.alipay.com@evil.example/",
        "https://evil.example/openapi.alipay.com",
        "https://evil.example\\@openapi.alipay.com/",
        "https://openapi.alipay.com\t/",
        "https://OPENAPI.alipay.com/",
        "https://openаpi.alipay.com/",
        "https:/openapi.alipay.com/",
        " https://openapi.alipay.com/",
        "https://openapi.alipay.com:/",
        "https://openapi.alipay.com:x/",
        "https://openapi.alipay.com:8443/",
        "https://openapi.alipay.com:80",
        "https://openapi.alipay.com:4430/",
        "https://openapi.alipay.com:44/",
        "https://openapi.alipay.com:0443/",
        "https://",
        "",
        "http://127.0.0.1:9443/",
        "http://localhost/",
    ] {
        assert!(!is_allowed_address(bad, api, &[]), "{bad}");
    }
    assert!(is_allowed_address("http://127.0.0.1:9443/gateway.do", "http://127.0.0.1:8001", &[]));
    assert!(is_allowed_address("http://[::1]:9443/gateway.do", "http://localhost:8001", &[]));
    assert!(!is_allowed_address("http://10.0.0.1/", "http://127.0.0.1:8001", &[]));
    assert!(!is_allowed_address("http://127.0.0.1.evil.example/", "http://127.0.0.1:8001", &[]));
}

#[test]
fn b12_a_host_that_the_page_allows_is_followed_by_https_only() {
    let hosts = ["cashier.example".to_owned()];
    let is_allowed = |address| is_allowed_address(address, "https://shop.example", &hosts);
    assert!(is_allowed("https://cashier.example/pay?x=1"));
    assert!(is_allowed("https://openapi.alipay.com/gateway.do"));
    for bad in [
        "http://cashier.example/",
        "https://cashier.example:8443/",
        "https://a.cashier.example/",
        "https://cashier.example.evil.example/",
        "https://evil.example/",
    ] {
        assert!(!is_allowed(bad), "{bad}");
    }
}

#[test]
fn only_the_page_of_a_code_opens_the_app() {
    assert!(is_app_address("alipays://platformapi/startapp?saId=10000007&qrcode=https%3A%2F%2Fx"));
    for bad in [
        "",
        "alipays://platformapi/startapp",
        "alipays://platformapi/startapp.evil?saId=1",
        "alipay://platformapi/startapp?saId=1",
        "ALIPAYS://platformapi/startapp?saId=1",
        " alipays://platformapi/startapp?saId=1",
        "alipays://platformapi/startapp?qrcode=a b",
        "alipays://platformapi/startapp?qrcode=\\\\evil",
        "https://openapi.alipay.com/",
    ] {
        assert!(!is_app_address(bad), "{bad}");
    }
}

#[test]
fn the_server_clock_is_used_and_not_the_devices() {
    let mut clock = ServerClock::default();
    let end = Timestamp::from_unix_ms(10_000);
    assert_eq!(clock.until_ms(Millis(0), end), None);
    clock.on_server_time(Millis(500), Timestamp::from_unix_ms(4_000));
    assert_eq!(clock.until_ms(Millis(500), end), Some(6_000));
    // A slow answer is less exact than the fast one before it.
    clock.on_server_time(Millis(2_000), Timestamp::from_unix_ms(5_000));
    assert_eq!(clock.until_ms(Millis(2_000), end), Some(4_500));
    // The monotonic clock stopped while the device slept.
    clock.on_server_time(Millis(2_100), Timestamp::from_unix_ms(9_000));
    assert_eq!(clock.until_ms(Millis(2_100), end), Some(1_000));
    assert_eq!(clock.until_ms(Millis(9_100), end), Some(0));
}
