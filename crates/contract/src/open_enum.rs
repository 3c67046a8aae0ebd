//! Enums that travel as strings and never fail a parse.

/// Declares a fieldless enum whose variants are strings on the wire.
///
/// A string that this version does not know becomes `Unknown`, so that a newer
/// peer never breaks an older one; what `Unknown` means is decided where it is used,
/// and it never counts as success.
macro_rules! open_enum {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $vdoc:literal])+ $variant:ident = $text:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[doc = $vdoc])+ $variant,)+
            /// A value that this version does not know.
            Unknown,
        }

        impl $name {
            /// Every value that this version knows, in the order of declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The text on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $text,)+
                    $name::Unknown => "unknown",
                }
            }

            /// Reads the text on the wire; what is not known becomes `Unknown`.
            #[must_use]
            pub fn parse(text: &str) -> Self {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|known| known.as_str() == text)
                    .unwrap_or($name::Unknown)
            }
        }

        // The text on the wire, so that logs and failed tests show what was sent.
        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(|text| Self::parse(&text))
            }
        }

        #[cfg(feature = "openapi")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let values = [$(($text, concat!($($vdoc),+)),)+];
                crate::open_enum::enum_schema(concat!($($doc),+), &values)
            }
        }
    };
}

pub(crate) use open_enum;

#[cfg(feature = "openapi")]
/// Returns the schema of an enum whose values are texts; each is described.
pub(crate) fn enum_schema(description: &str, values: &[(&str, &str)]) -> schemars::Schema {
    let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
    let lines: Vec<String> =
        values.iter().map(|(name, meaning)| format!("- `{name}`: {}", meaning.trim())).collect();
    schemars::json_schema!({
        "type": "string",
        "enum": names,
        "description": format!("{}\n\n{}", description.trim(), lines.join("\n")),
    })
}
