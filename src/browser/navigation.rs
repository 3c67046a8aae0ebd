//! Navigation to a gateway's page, at an address that the machine has checked.

use contract::NameValue;
use js_sys::{Function, Reflect};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Navigates the whole window to `url`, as a link does. None if the browser has no links.
///
/// A link, because it can say which referrer it sends: WeChat Pay's H5 page refuses a shopper
/// who brings none (gateways.md A11.2), and the page around may send none by its own policy.
pub(crate) fn assign(url: &str) -> Option<()> {
    let link = web_sys::window()?.document()?.create_element("a").ok()?;
    link.set_attribute("href", url).ok()?;
    link.set_attribute("target", "_top").ok()?;
    link.set_attribute("referrerpolicy", "strict-origin-when-cross-origin").ok()?;
    link.dyn_into::<HtmlElement>().ok()?.click();
    Some(())
}

/// Posts `fields` to `url` as a form. None if the page stops it.
pub(crate) fn submit_form(url: &str, fields: &[NameValue]) -> Option<()> {
    let document = web_sys::window()?.document()?;
    let form = document.create_element("form").ok()?;
    form.set_attribute("method", "post").ok()?;
    form.set_attribute("action", url).ok()?;
    form.set_attribute("accept-charset", "utf-8").ok()?;
    // Read before there are fields: one that is named `submit` would hide it.
    let submit: Function = Reflect::get(&form, &"submit".into()).ok()?.dyn_into().ok()?;
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
