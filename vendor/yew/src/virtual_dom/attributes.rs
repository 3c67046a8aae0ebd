//! The attributes of an element.

use super::AttrValue;

/// The value of an attribute; upstream has properties here, too.
#[allow(missing_docs)]
#[derive(PartialEq, Clone, Debug)]
pub enum AttributeOrProperty {
    Static(&'static str),
    Attribute(AttrValue),
}

impl AttributeOrProperty {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Static(text) => text,
            Self::Attribute(text) => text,
        }
    }
}

/// A collection of attributes for an element
#[derive(Debug)]
pub enum Attributes {
    /// Static list of attributes.
    ///
    /// Allows optimizing comparison to a simple pointer equality check and reducing allocations,
    /// if the attributes do not change on a node.
    Static(&'static [(&'static str, AttributeOrProperty)]),

    /// Static list of attribute keys with possibility to exclude attributes and dynamic attribute
    /// values.
    Dynamic {
        /// Attribute keys. Includes both always set and optional attribute keys.
        keys: &'static [&'static str],

        /// Attribute values. Matches [keys](Attributes::Dynamic::keys). Optional attributes are
        /// designated by setting [None].
        values: Box<[Option<AttributeOrProperty>]>,
    },
}

impl Attributes {
    /// The attribute at a place of the list, none beyond its end. Its text is none where the
    /// attribute is left out.
    pub(crate) fn at(&self, index: usize) -> Option<(&'static str, Option<&str>)> {
        match self {
            Self::Static(list) => list.get(index).map(|(key, value)| (*key, Some(value.text()))),
            Self::Dynamic { keys, values } => {
                let value = values.get(index)?.as_ref();
                Some((keys.get(index)?, value.map(AttributeOrProperty::text)))
            }
        }
    }

    /// The text of an attribute.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        let mut index = 0;
        while let Some((known, text)) = self.at(index) {
            if known == key {
                return text;
            }
            index += 1;
        }
        None
    }
}

impl Default for Attributes {
    fn default() -> Self {
        Self::Static(&[])
    }
}
