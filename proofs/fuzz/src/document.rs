//! JSON documents with changed members, and a second reader for them.

use serde_json::Value;

use crate::input::Input;

/// Returns `example` with some members replaced, removed or added.
pub(crate) fn changed(example: &str, input: &mut Input<'_>) -> Vec<u8> {
    let mut document: Value = serde_json::from_str(example).expect("an example");
    while !input.is_empty() {
        let in_amount = input.flag();
        let at = if in_amount { document.get_mut("amount") } else { Some(&mut document) };
        let Some(members) = at.and_then(Value::as_object_mut) else { break };
        let name = members.keys().nth(input.below(members.len())).cloned().unwrap_or_default();
        let value = match input.below(8) {
            0 => Value::Null,
            1 => Value::from(input.i64()),
            2 => Value::from(u64::MAX),
            3 => Value::from(f64::from(input.u16())),
            4 => {
                Value::from(input.pick(&["SUCCESS", "REFUND", "NOTPAY", "CLOSED", "ABNORMAL", ""]))
            }
            5 => Value::Object(serde_json::Map::new()),
            6 => {
                members.remove(&name);
                continue;
            }
            _ => Value::from(input.text(40)),
        };
        members.insert(name, value);
    }
    document.to_string().into_bytes()
}

/// Returns an optional member; `None` if it is absent, an error if it has another type.
pub(crate) fn text<'a>(document: &'a Value, name: &str) -> Result<Option<&'a str>, ()> {
    match document.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(()),
    }
}

/// Does the same as [`text`] with an amount in fen, which must not be negative.
pub(crate) fn fen(amount: &Value, name: &str) -> Result<Option<i64>, ()> {
    match amount.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(number) => number.as_i64().filter(|fen| *fen >= 0).map(Some).ok_or(()),
    }
}
