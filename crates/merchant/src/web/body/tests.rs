use contract::{CreateSession, StartPayment};
use http::HeaderValue;

use super::*;

async fn refusal<T: DeserializeOwned + Serialize + std::fmt::Debug>(text: &str) -> String {
    let headers = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    let headers = headers.into_iter().collect();
    json::<T>(&headers, Body::from(text.to_owned())).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_refusal_names_the_member_and_what_it_must_be() {
    let good = r#""amount":{"value":1,"currency":"CNY"}"#;
    for (members, expected) in [
        (
            r#""amount":{"value":"1","currency":"CNY"}"#,
            "`amount.value` must be an integer (line 1 column ",
        ),
        (r#""amount":{"value":1.5,"currency":"CNY"}"#, "`amount.value` must be an integer ("),
        (
            r#""amount":{"value":1,"currency":"yuan"}"#,
            "`amount.currency`: a currency is three upper-case letters (",
        ),
        (r#""amount":{"value":1}"#, "`amount.currency` is missing"),
        (r#""amount":5"#, "`amount` must be an object ("),
        (
            &format!(r#"{good},"expires_in_s":-1"#),
            "`expires_in_s` must be an integer from 0 to 4,294,967,295 (",
        ),
        (&format!(r#"{good},"payment_methods":"alipay""#), "`payment_methods` must be an array ("),
        (&format!(r#"{good},"metadata":[]"#), "`metadata` must be an object ("),
        (&format!(r#"{good},"return_url":1"#), "`return_url` must be a string ("),
        (
            &format!(r#"{good},"expires_in":60"#),
            "`expires_in` is not a member of this request; known are one of `order_id`",
        ),
    ] {
        let text = format!(r#"{{"order_id":"o","description":"d",{members}}}"#);
        let detail = refusal::<CreateSession>(&text).await;
        assert!(detail.starts_with(expected), "{members}: {detail}");
        assert!(!detail.contains("i64") && !detail.contains("struct"), "{detail}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_the_object_is_refused_without_a_type() {
    for (text, expected) in [
        ("", "the body: EOF while parsing a value (line 1 column 0)"),
        ("[]", "the body must be an object"),
        ("null", "the body must be an object"),
        (r#"{"payment_method":"alipay"}"#, "`environment` is missing"),
        (
            r#"{"payment_method":"alipay","environment":"desktop"} {}"#,
            "the body: trailing characters",
        ),
    ] {
        let detail = refusal::<StartPayment>(text).await;
        assert!(detail.starts_with(expected), "{text}: {detail}");
    }
}

#[tokio::test]
async fn an_array_is_no_object() {
    let amount = r#"{"order_id":"o","amount":[1,"CNY"],"description":"d"}"#;
    assert_eq!(refusal::<CreateSession>(amount).await, "`amount` must be an object");
    let embed = r#"{"order_id":"o","amount":{"value":1,"currency":"CNY"},"description":"d",
        "embed":{"locale":"en","appearance":["night",{}]}}"#;
    assert_eq!(refusal::<CreateSession>(embed).await, "`embed.appearance` must be an object");
    let whole = r#"["o",{"value":1,"currency":"CNY"},"d",null,null,null,{},null]"#;
    assert_eq!(refusal::<CreateSession>(whole).await, "the body must be an object");
    let start = r#"["alipay","desktop",null,null]"#;
    assert_eq!(refusal::<StartPayment>(start).await, "the body must be an object");
}

#[tokio::test]
async fn a_long_name_in_the_body_is_cut() {
    let text = format!(r#"{{"{}":1}}"#, "x".repeat(50_000));
    let detail = refusal::<CreateSession>(&text).await;
    assert!(detail.len() <= MAX_REASON_CHARACTERS, "{}", detail.len());
}
