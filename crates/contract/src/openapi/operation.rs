//! One call, and how it stands in the document.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::codes::{self, Code};
use super::{examples, headers};

/// A call of the API.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// The name of the call in generated clients.
    pub id: &'static str,
    /// The HTTP method in lower case.
    pub method: &'static str,
    /// The path under `api-base`, with its parameters in braces.
    pub path: &'static str,
    /// Who may call.
    pub caller: Caller,
    /// One line about the call.
    pub summary: &'static str,
    /// More about it; may be empty.
    pub description: &'static str,
    /// The names of its parameters in `components.parameters`, those of the path too.
    pub parameters: &'static [&'static str],
    /// The schema of the request's body, if it has one.
    pub request: Option<&'static str>,
    /// The answer of a call that worked.
    pub success: Success,
    /// The codes of the problems that it may answer with, besides those of every call.
    pub codes: &'static [&'static str],
}

/// The party that makes a call, and with it the secret that the call needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The widget, with a client secret.
    Browser,
    /// The merchant's servers, with the secret key.
    Merchant,
    /// Either.
    BrowserOrMerchant,
    /// A load balancer, without a secret.
    Anyone,
}

/// The answer of a call that worked.
#[derive(Clone, Copy, Debug)]
pub struct Success {
    /// The HTTP status.
    pub status: u16,
    /// The schemas of the body; more than one if it depends on the caller.
    pub schemas: &'static [&'static str],
    /// The content type.
    pub content_type: &'static str,
    /// When it is answered.
    pub description: &'static str,
    /// When the same body is answered with status 503, if it ever is.
    pub unavailable: Option<&'static str>,
}

impl Operation {
    /// Returns every code that the call may answer with, those of all calls of its caller too.
    pub fn all_codes(&self) -> impl Iterator<Item = &'static Code> {
        let common = match self.caller {
            Caller::Browser => codes::OF_BROWSER_CALLS,
            Caller::Merchant => codes::OF_MERCHANT_CALLS,
            Caller::BrowserOrMerchant => codes::OF_SHARED_CALLS,
            Caller::Anyone => &[],
        };
        let own = self.codes;
        codes::CODES
            .iter()
            .filter(move |code| common.contains(&code.code) || own.contains(&code.code))
    }

    /// Returns the example of the request's body.
    #[must_use]
    pub fn request_example(&self) -> Option<Value> {
        self.request.and_then(examples::of_request)
    }

    /// Returns the examples of the answers, by schema.
    #[must_use]
    pub fn success_examples(&self) -> Vec<(&'static str, Value)> {
        let example =
            |schema: &&'static str| Some((*schema, examples::of_answer(self.id, schema)?));
        self.success.schemas.iter().filter_map(example).collect()
    }

    pub(super) fn to_value(self) -> Value {
        let refs = |name: &&str| json!({ "$ref": format!("#/components/parameters/{name}") });
        let (tag, security) = match self.caller {
            Caller::Browser => ("browser", json!([{ "clientSecret": [] }])),
            Caller::Merchant => ("merchant", json!([{ "secretKey": [] }])),
            Caller::BrowserOrMerchant => {
                ("browser", json!([{ "clientSecret": [] }, { "secretKey": [] }]))
            }
            Caller::Anyone => ("operation", json!([])),
        };
        let mut value = json!({
            "operationId": self.id,
            "tags": [tag],
            "summary": self.summary,
            "security": security,
            "responses": self.responses(),
        });
        let Some(members) = value.as_object_mut() else { return value };
        if !self.description.is_empty() {
            members.insert("description".to_owned(), self.description.into());
        }
        if !self.parameters.is_empty() {
            members.insert("parameters".to_owned(), self.parameters.iter().map(refs).collect());
        }
        if let Some(schema) = self.request {
            let body = content("application/json", &[schema], self.request_example());
            members.insert(
                "requestBody".to_owned(),
                json!({ "required": true, "description": "At most 64 KiB.", "content": body }),
            );
        }
        value
    }

    const fn is_for_pages(&self) -> bool {
        matches!(self.caller, Caller::Browser | Caller::BrowserOrMerchant)
    }

    fn responses(&self) -> Value {
        let Success { status, schemas, content_type, description, unavailable } = self.success;
        let examples = self.success_examples();
        let body = match examples.as_slice() {
            [(_, example)] => content(content_type, schemas, Some(example.clone())),
            examples => {
                let mut body = content(content_type, schemas, None);
                let named: Map<String, Value> = examples
                    .iter()
                    .map(|(schema, value)| ((*schema).to_owned(), json!({ "value": value })))
                    .collect();
                if let Some(media) = body.get_mut(content_type).and_then(Value::as_object_mut)
                    && !named.is_empty()
                {
                    media.insert("examples".to_owned(), named.into());
                }
                body
            }
        };
        let mut responses = Map::new();
        responses.insert(
            status.to_string(),
            json!({
                "description": description,
                "headers": headers::of(status, self.is_for_pages()),
                "content": body,
            }),
        );
        if let Some(description) = unavailable {
            let headers = headers::of(status, self.is_for_pages());
            let content = content(content_type, schemas, None);
            responses.insert(
                "503".to_owned(),
                json!({ "description": description, "headers": headers, "content": content }),
            );
        }
        let mut by_status: BTreeMap<u16, Vec<&Code>> = BTreeMap::new();
        for code in self.all_codes() {
            by_status.entry(code.status).or_default().push(code);
        }
        for (status, codes) in by_status {
            responses.insert(status.to_string(), self.problem(status, &codes));
        }
        responses.into()
    }

    fn problem(&self, status: u16, codes: &[&Code]) -> Value {
        let lines: Vec<String> =
            codes.iter().map(|code| format!("- `{}`: {}", code.code, code.meaning)).collect();
        let names: Vec<&str> = codes.iter().map(|code| code.code).collect();
        let example = codes.first().map(|code| code.example());
        json!({
            "description": lines.join("\n"),
            "headers": headers::of(status, self.is_for_pages()),
            "content": { "application/problem+json": {
                "schema": {
                    "allOf": [{ "$ref": "#/components/schemas/Problem" }],
                    "required": ["status", "code"],
                    "properties": { "status": { "const": status }, "code": { "enum": names } },
                },
                "example": example,
            } },
        })
    }
}

/// The content of a body: one schema, or one of several.
fn content(content_type: &str, schemas: &[&str], example: Option<Value>) -> Value {
    let of = |name: &&str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let schema = match schemas {
        [one] => of(one),
        several => json!({ "oneOf": several.iter().map(of).collect::<Vec<_>>() }),
    };
    let mut media = json!({ "schema": schema });
    if let (Some(media), Some(example)) = (media.as_object_mut(), example) {
        media.insert("example".to_owned(), example);
    }
    json!({ content_type: media })
}
