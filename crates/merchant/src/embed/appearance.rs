//! The style sheet of the embed, and the appearance that a shop may set in it.

use contract::EmbedRequest;

use super::selector_file::Styles;
use crate::error::Error;
use crate::html::Escaped;

/// Returns the style sheet as HTML: inline if the page's policy has a nonce for it, else linked.
pub(super) fn style_sheet(
    styles: &Styles,
    assets: &str,
    request: &EmbedRequest,
) -> Result<String, Error> {
    let variables = variables(request)?;
    if let Some(nonce) = &request.csp_nonce {
        check_nonce(nonce)?;
        let Styles { css, .. } = styles;
        return Ok(format!("<style nonce=\"{}\">{css}{variables}</style>", Escaped(nonce)));
    }
    if !variables.is_empty() {
        return Err(Error::parameter(
            "embed.csp_nonce",
            "is needed with `embed.appearance.variables`: they go into an inline style sheet. Without a Content Security Policy any nonce will do",
        ));
    }
    let mut link = format!("<link rel=\"stylesheet\" href=\"{assets}{}\"", Escaped(&styles.file));
    if let Some(integrity) = &styles.integrity {
        link.push_str(&format!(" integrity=\"{}\" crossorigin=\"anonymous\"", Escaped(integrity)));
    }
    link.push('>');
    Ok(link)
}

/// Returns the variables as a rule for the container; empty without variables.
fn variables(request: &EmbedRequest) -> Result<String, Error> {
    let variables = request.appearance.iter().flat_map(|appearance| &appearance.variables);
    let mut declarations = String::new();
    for (name, value) in variables {
        if !VARIABLES.contains(&name.as_str()) {
            let reason = format!("knows these names only: {}", VARIABLES.join(", "));
            return Err(Error::parameter("embed.appearance.variables", reason));
        }
        if !is_plain(value) {
            let reason = format!(
                "has a value for {name} that is not a plain CSS value: 1 to {MAX_VALUE_LENGTH} letters, digits, blanks and #%.,+-*/_()', without url()"
            );
            return Err(Error::parameter("embed.appearance.variables", reason));
        }
        declarations.push_str(&format!("{}:{value};", custom_property(name)));
    }
    Ok(if declarations.is_empty() { declarations } else { format!(".oc{{{declarations}}}") })
}

/// Converts `colorPrimary` to `--oc-color-primary`.
fn custom_property(name: &str) -> String {
    let mut property = String::from("--oc-");
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            property.push('-');
        }
        property.push(letter.to_ascii_lowercase());
    }
    property
}

/// True if the value can neither end its declaration nor load anything.
fn is_plain(value: &str) -> bool {
    let is_allowed =
        |letter: char| letter.is_alphanumeric() || letter == ' ' || "#%.,+-*/_()'".contains(letter);
    let mut depth = 0_i32;
    let is_balanced = value.chars().all(|letter| {
        depth += match letter {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth >= 0
    });
    let compact: String =
        value.chars().filter(|letter| *letter != ' ').collect::<String>().to_ascii_lowercase();
    !value.trim().is_empty()
        && value.chars().count() <= MAX_VALUE_LENGTH
        && value.chars().all(is_allowed)
        && is_balanced
        && depth == 0
        && value.matches('\'').count().is_multiple_of(2)
        && !value.contains("/*")
        && !["url(", "image(", "set(", "src("].iter().any(|name| compact.contains(name))
}

/// Checks a nonce of Content Security Policy Level 3, section 2.3.1: `base64-value`.
fn check_nonce(nonce: &str) -> Result<(), Error> {
    let digits = nonce.trim_end_matches('=');
    let is_good = !digits.is_empty()
        && nonce.len() <= MAX_NONCE_LENGTH
        && nonce.len() - digits.len() <= 2
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte));
    if is_good {
        Ok(())
    } else {
        let reason = format!("must be 1 to {MAX_NONCE_LENGTH} characters of base64");
        Err(Error::parameter("embed.csp_nonce", reason))
    }
}

/// The names of the widget's option `appearance.variables`, as in `www/names.js`.
const VARIABLES: &[&str] = &[
    "colorPrimary",
    "colorPrimaryText",
    "colorBackground",
    "colorText",
    "colorTextSecondary",
    "colorBorder",
    "colorDanger",
    "colorSuccess",
    "borderRadius",
    "fontFamily",
    "fontSizeBase",
];
const MAX_VALUE_LENGTH: usize = 200;
const MAX_NONCE_LENGTH: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    /// The widget must accept every variable that the backend accepts, and the other way round.
    #[test]
    fn the_variables_are_those_of_the_widget() {
        let script = include_str!("../../../../www/names.js");
        let list = script.split("VARIABLES = ").nth(1).and_then(|rest| rest.split(']').next());
        let names: Vec<&str> = list.unwrap().split('"').skip(1).step_by(2).collect();
        assert_eq!(names, VARIABLES);
    }
}
