//! Leaving for a gateway's page, at an address that the machine has checked.

use contract::NameValue;
use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::host::window;

/// Goes to `url` and says whether the browser took it.
pub(crate) fn assign(url: &str) -> bool {
    window().location().assign(url).is_ok()
}

/// Posts `fields` to `url` as a form. None where the page stops it.
pub(crate) fn submit_form(url: &str, fields: &[NameValue]) -> Option<()> {
    let document = window().document()?;
    let form = document.create_element("form").ok()?;
    form.set_attribute("method", "post").ok()?;
    form.set_attribute("action", url).ok()?;
    form.set_attribute("accept-charset", "utf-8").ok()?;
    // Taken before there are fields: one that is named `submit` would hide it.
    let submit = Reflect::get(&form, &JsValue::from_str("submit")).ok()?;
    let submit = submit.dyn_into::<Function>().ok()?;
    for field in fields {
        let input = document.create_element("input").ok()?;
        input.set_attribute("type", "hidden").ok()?;
        input.set_attribute("name", &field.name).ok()?;
        input.set_attribute("value", &field.value).ok()?;
        form.append_child(&input).ok()?;
    }
    document.body()?.append_child(&form).ok()?;
    let submitted = submit.call0(&form);
    form.remove();
    submitted.ok().map(|_| ())
}
