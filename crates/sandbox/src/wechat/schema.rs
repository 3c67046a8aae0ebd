//! Strict bodies: no unknown member, right types, lengths in bytes (gateways.md A3.1, A4.3, G1.4).

use serde_json::{Map, Value, json};

use super::reply::{Failure, ILLEGAL_PARAMETER};

/// One member of an object.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    /// The documentation's name, which error messages quote.
    pub(crate) label: &'static str,
    pub(crate) required: bool,
    pub(crate) kind: Kind,
}

/// Types of members.
pub(crate) enum Kind {
    /// Length in bytes of UTF-8, from and to.
    Text(usize, usize),
    /// A 64-bit integer of at least this.
    Integer(i64),
    Flag,
    Object(&'static [Field]),
    /// An object of at most this many bytes as JSON.
    Sized(usize, &'static [Field]),
    Objects(&'static [Field]),
    Texts(&'static [&'static str]),
}

/// Returns a required member.
pub(crate) const fn must(name: &'static str, label: &'static str, kind: Kind) -> Field {
    Field { name, label, required: true, kind }
}

/// Returns an optional member.
pub(crate) const fn may(name: &'static str, label: &'static str, kind: Kind) -> Field {
    Field { name, label, required: false, kind }
}

/// Parses a body and checks it whole: unknown members first, then each field in the given order.
pub(crate) fn parse(body: &[u8], fields: &'static [Field]) -> Result<Value, Failure> {
    let value: Value = serde_json::from_slice(body).map_err(|_| {
        Failure::parameter("请求体不是合法的JSON，请检查请求参数", "body", Value::Null)
    })?;
    let Value::Object(object) = &value else {
        return Err(Failure::parameter("请求体应为JSON对象", "body", Value::Null));
    };
    let mut unknown = Vec::new();
    collect_unknown(object, fields, "/body", &mut unknown);
    if !unknown.is_empty() {
        return Err(undefined(unknown));
    }
    check_object(object, fields, "/body")?;
    Ok(value)
}

/// The refusal of members that the documentation does not have.
pub(crate) fn undefined(paths: Vec<String>) -> Failure {
    Failure {
        errno: Some(UNDEFINED),
        ..Failure::parameter("请求中含有未在API文档中定义的参数", "", Value::Null)
    }
    .with_detail(json!({ "location": Value::Null, "value": paths }))
}

/// The refusal of a required member that is not there.
pub(crate) fn missing(path: &str, label: &str, location: &str) -> Failure {
    let message = format!("输入源“{path}”映射到字段“{label}”必填性规则校验失败，此字段为必填项");
    Failure::parameter(message, location, json!(""))
}

/// The refusal of a text that breaks a rule beyond its length.
pub(crate) fn malformed(path: &str, label: &str, rule: &str, value: &str) -> Failure {
    let message = format!("输入源“{path}”映射到值字段“{label}”字符串规则校验失败，{rule}");
    Failure::parameter(message, "body", json!(value))
}

fn collect_unknown(
    object: &Map<String, Value>,
    fields: &'static [Field],
    path: &str,
    unknown: &mut Vec<String>,
) {
    for (name, value) in object {
        let path = format!("{path}/{name}");
        match (fields.iter().find(|field| field.name == name).map(|field| &field.kind), value) {
            (None, value) => leaves(value, path, unknown),
            (Some(Kind::Object(fields) | Kind::Sized(_, fields)), Value::Object(object)) => {
                collect_unknown(object, fields, &path, unknown);
            }
            (Some(Kind::Objects(fields)), Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    if let Value::Object(object) = item {
                        collect_unknown(object, fields, &format!("{path}/{index}"), unknown);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The gateway names the innermost members: `/body/payer/openid`, not `/body/payer`.
fn leaves(value: &Value, path: String, unknown: &mut Vec<String>) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            for (name, value) in object {
                leaves(value, format!("{path}/{name}"), unknown);
            }
        }
        _ => unknown.push(path),
    }
}

fn check_object(
    object: &Map<String, Value>,
    fields: &'static [Field],
    path: &str,
) -> Result<(), Failure> {
    for field in fields {
        let path = format!("{path}/{}", field.name);
        match object.get(field.name) {
            Some(value) => check_value(value, field, &path)?,
            None if field.required => return Err(missing(&path, field.label, "body")),
            None => {}
        }
    }
    Ok(())
}

fn check_value(value: &Value, field: &Field, path: &str) -> Result<(), Failure> {
    let mistyped = |wanted: &str| {
        let message = format!(
            "无法将JSON输入源“{path}”映射到目标字段“{}”中，此字段需要一个合法的{wanted}",
            field.label
        );
        Failure::parameter(message, "body", json!(value.to_string()))
    };
    match &field.kind {
        Kind::Text(least, most) => {
            let text = value.as_str().ok_or_else(|| mistyped("字符串"))?;
            check_length(text.len(), *least, *most, field, path)
        }
        Kind::Integer(least) => {
            let number = value.as_i64().ok_or_else(|| mistyped("64位有符号整数"))?;
            if number >= *least {
                return Ok(());
            }
            let message = format!(
                "输入源“{path}”映射到数值字段“{}”规则校验失败，值低于最小值 {least}",
                field.label
            );
            Err(Failure::parameter(message, "body", json!(number)))
        }
        Kind::Flag => value.as_bool().map(|_| ()).ok_or_else(|| mistyped("布尔值")),
        Kind::Object(fields) => {
            check_object(value.as_object().ok_or_else(|| mistyped("对象"))?, fields, path)
        }
        Kind::Sized(most, fields) => {
            check_object(value.as_object().ok_or_else(|| mistyped("对象"))?, fields, path)?;
            check_length(value.to_string().len(), 0, *most, field, path)
        }
        Kind::Objects(fields) => {
            let items = value.as_array().ok_or_else(|| mistyped("数组"))?;
            items.iter().enumerate().try_for_each(|(index, item)| {
                check_object(
                    item.as_object().ok_or_else(|| mistyped("对象数组"))?,
                    fields,
                    &format!("{path}/{index}"),
                )
            })
        }
        Kind::Texts(allowed) => {
            let items = value.as_array().ok_or_else(|| mistyped("数组"))?;
            let known = |item: &Value| item.as_str().is_some_and(|text| allowed.contains(&text));
            if items.iter().all(known) { Ok(()) } else { Err(mistyped("枚举值")) }
        }
    }
}

fn check_length(
    bytes: usize,
    least: usize,
    most: usize,
    field: &Field,
    path: &str,
) -> Result<(), Failure> {
    let rule = if bytes < least {
        format!("小于最小值 {least}")
    } else if bytes > most {
        format!("大于最大值 {most}")
    } else {
        return Ok(());
    };
    let message = format!(
        "输入源“{path}”映射到值字段“{}”字符串规则校验失败，字节数 {bytes}，{rule}",
        field.label
    );
    Err(Failure { errno: Some(OUT_OF_RANGE), ..Failure::parameter(message, "body", json!(bytes)) })
}

/// Suffixes of `Request-ID` (gateways.md A4.5).
const UNDEFINED: u32 = 270_924_358;
const OUT_OF_RANGE: u32 = ILLEGAL_PARAMETER + 3;
