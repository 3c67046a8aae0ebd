//! JSON of the backend and objects of the page, from and to Rust types by serde.
//!
//! Only own members are read: a page's polluted `Object.prototype` must not become a member that
//! the backend or the options left out.

use js_sys::{Array, JSON, Number, Object, Reflect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsCast, JsValue};

/// The types of the contract are not nested deeper; what is deeper is never read.
const MAX_DEPTH: u32 = 8;

/// Parses JSON text.
///
/// # Errors
/// Names the member that is missing or wrong.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let value = JSON::parse(text).map_err(|_| "the answer is not JSON".to_owned())?;
    remove_prototypes(&value, MAX_DEPTH);
    read(value)
}

/// Reads an object of the page by its own members.
///
/// # Errors
/// Names the member that is missing or wrong.
pub(crate) fn from_object<T: DeserializeOwned>(object: &JsValue) -> Result<T, String> {
    read(own_members(object).ok_or("it is no object")?.into())
}

/// Returns an object of the page without its prototype; none if a getter throws.
pub(crate) fn own_members(object: &JsValue) -> Option<Object> {
    // Not by `instanceof Object`: what has no prototype is an object, too.
    if !object.is_object() {
        return None;
    }
    let own: Object = Object::create(JsValue::NULL.unchecked_ref());
    Object::try_assign(&own, object.unchecked_ref()).ok()
}

/// Returns a member of an object as text; a number as its digits.
pub(crate) fn text(object: &Object, name: &str) -> Option<String> {
    let member = Reflect::get(object, &name.into()).ok()?;
    let number =
        || member.dyn_ref::<Number>().and_then(|number| number.to_string_with_radix(10).ok());
    member.as_string().or_else(|| number().map(String::from))
}

/// Converts a value to a plain object, as `JSON.parse` would make it.
pub(crate) fn to_object<T: Serialize + ?Sized>(value: &T) -> Option<JsValue> {
    value.serialize(&Serializer::json_compatible()).ok()
}

/// Writes a value as JSON text.
pub(crate) fn to_text<T: Serialize + ?Sized>(value: &T) -> Option<String> {
    JSON::stringify(&to_object(value)?).ok().map(String::from)
}

fn read<T: DeserializeOwned>(value: JsValue) -> Result<T, String> {
    serde_wasm_bindgen::from_value(value).map_err(|error| {
        let reason = error.to_string();
        // It is a JavaScript exception, which begins with its class.
        reason.strip_prefix("Error: ").unwrap_or(&reason).to_owned()
    })
}

fn remove_prototypes(value: &JsValue, depth: u32) {
    if depth == 0 || !value.is_object() {
        return;
    }
    let object: &Object = value.unchecked_ref();
    if !Array::is_array(object) {
        Object::set_prototype_of(object, JsValue::NULL.unchecked_ref());
    }
    for member in Object::values(object).iter().filter(JsValue::is_object) {
        remove_prototypes(&member, depth - 1);
    }
}
