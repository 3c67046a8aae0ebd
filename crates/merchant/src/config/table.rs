//! Settings by section and key, merged from files and environment, with their problems.
//!
//! Our own instead of the `config` or `figment` crate: those stop at the first problem, and an
//! operator should not have to start the program once for each.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use toml::{Table, Value};

use super::schema::{
    Kind, in_file, is_also_single, is_repeated, keys, kind, numbered, section_names,
};

/// The merged settings, and their problems.
#[derive(Default)]
pub(super) struct Settings {
    values: BTreeMap<(String, String), Setting>,
    sections: Vec<String>,
    /// The names of the configuration files.
    files: Vec<String>,
    /// The settings whose own files could not be read; they are among the problems, not missing.
    unreadable: BTreeSet<(String, String)>,
    /// True if a configuration file is not TOML, so that what it sets is not known.
    pub(super) is_incomplete: bool,
    problems: Vec<String>,
}

/// A value and its source.
struct Setting {
    value: Value,
    /// The configuration file, or the variable of the environment.
    source: String,
    /// The file of its own from which the value was read.
    file: Option<String>,
}

impl Setting {
    /// Returns where an operator finds the value.
    fn place(&self) -> String {
        match &self.file {
            Some(file) => format!("in the file {file}, which {} names", self.source),
            None => self.source.clone(),
        }
    }
}

const ENVIRONMENT_PREFIX: &str = "OPENCASHIER_";

impl Settings {
    /// Merges a file over the settings.
    pub(super) fn merge_toml(&mut self, file: &Path, text: &str) {
        let source = file.display().to_string();
        self.files.push(source.clone());
        let table: Table = match text.parse() {
            Ok(table) => table,
            Err(error) => {
                // Only the message and the line: the excerpt could show a secret.
                let line = error.span().map_or(1, |span| {
                    text.get(..span.start).map_or(1, |before| before.matches('\n').count() + 1)
                });
                let message = error.message();
                let quotes = text.lines().nth(line - 1).unwrap_or_default().matches('"').count();
                let hint = if quotes % 2 == 1 { "; is a quote missing?" } else { "" };
                self.is_incomplete = true;
                return self.problem(format!("{source}, line {line}: not TOML: {message}{hint}"));
            }
        };
        for (section, value) in table {
            match (value, is_repeated(&section)) {
                (Value::Table(entries), is_repeated)
                    if !is_repeated || is_also_single(&section) =>
                {
                    self.set_all(&source, &section, entries);
                }
                (Value::Array(tables), true) if tables.iter().all(Value::is_table) => {
                    for (table, number) in tables.into_iter().zip(1..) {
                        let entries = table.try_into().unwrap_or_default();
                        self.set_all(&source, &format!("{section}_{number}"), entries);
                    }
                }
                (_, true) => {
                    self.problem(format!(
                        "{section}: must be in sections [[{section}]] ({source})"
                    ));
                }
                (_, false) => {
                    self.problem(format!(
                        "{section}: must be in a section such as [server] ({source})"
                    ));
                }
            }
        }
    }

    fn set_all(&mut self, source: &str, section: &str, entries: Table) {
        if numbered(section).is_some() {
            self.note_section(section);
        }
        for (key, value) in entries {
            self.set(source, section, &key, value);
        }
    }

    /// Merges `OPENCASHIER_SECTION__KEY` over the settings. Lists are separated by commas.
    pub(super) fn merge_environment(
        &mut self,
        environment: impl IntoIterator<Item = (String, String)>,
    ) {
        for (name, text) in environment {
            let Some(rest) = name.strip_prefix(ENVIRONMENT_PREFIX) else { continue };
            // Other variables of the project, such as those of its tests, are ignored.
            let Some((section, key)) = rest.split_once("__") else { continue };
            let (section, key) = (section.to_ascii_lowercase(), key.to_ascii_lowercase());
            let value = environment_value(kind(&key), text);
            self.set(&name, &section, &key, value);
        }
    }

    /// Returns the names of the sections of `[[section]]`, numbered from 1, as used in problems and
    /// in the environment: `wechat_pay_former_1`.
    pub(super) fn repeated(&self, section: &str) -> Vec<String> {
        let mut numbers: Vec<u32> = self
            .sections
            .iter()
            .filter_map(|known| numbered(known).filter(|(name, _)| *name == section))
            .map(|(_, number)| number)
            .collect();
        numbers.sort_unstable();
        numbers.into_iter().map(|number| format!("{section}_{number}")).collect()
    }

    /// True if anything was set in the section.
    pub(super) fn has_section(&self, section: &str) -> bool {
        self.sections.iter().any(|known| known == section)
    }

    /// True if the key was set.
    pub(super) fn has(&self, section: &str, key: &str) -> bool {
        let setting = (section.to_owned(), key.to_owned());
        self.values.contains_key(&setting) || self.unreadable.contains(&setting)
    }

    /// Returns a required text.
    pub(super) fn required(&mut self, section: &str, key: &str, what: &str) -> Option<String> {
        let text = self.text(section, key);
        if !self.has(section, key) {
            self.missing(section, key, what);
        }
        text
    }

    /// Returns an optional text.
    pub(super) fn text(&mut self, section: &str, key: &str) -> Option<String> {
        match self.value(section, key)? {
            Value::String(text) => Some(text.clone()),
            _ => {
                self.problem(format!("{section}.{key}: must be text in quotes"));
                None
            }
        }
    }

    /// Returns an optional list of texts.
    pub(super) fn texts(&mut self, section: &str, key: &str) -> Option<Vec<String>> {
        let value = self.value(section, key)?;
        let texts = value.as_array().and_then(|values| {
            values.iter().map(|value| value.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        });
        if texts.is_none() {
            self.problem(format!(
                "{section}.{key}: must be a list of texts, such as [\"a\", \"b\"]"
            ));
        }
        texts
    }

    /// Returns an optional text or list of texts: several during a change, the one in use first.
    pub(super) fn one_or_more(&mut self, section: &str, key: &str) -> Option<Vec<String>> {
        match self.value(section, key)? {
            Value::String(text) => Some(vec![text.clone()]),
            Value::Array(values) if !values.is_empty() => {
                let texts: Option<Vec<String>> =
                    values.iter().map(|value| value.as_str().map(str::to_owned)).collect();
                if texts.is_none() {
                    self.problem(format!("{section}.{key}: must be text, or a list of texts"));
                }
                texts
            }
            _ => {
                self.problem(format!("{section}.{key}: must be text, or a list of texts"));
                None
            }
        }
    }

    /// Returns a required text or list of texts.
    pub(super) fn required_one_or_more(
        &mut self,
        section: &str,
        key: &str,
        what: &str,
    ) -> Option<Vec<String>> {
        let texts = self.one_or_more(section, key);
        if !self.has(section, key) {
            self.missing(section, key, what);
        }
        texts
    }

    /// Returns an optional whole number.
    pub(super) fn integer(&mut self, section: &str, key: &str) -> Option<i64> {
        let value = self.value(section, key)?;
        let integer = value.as_integer();
        if integer.is_none() {
            self.problem(format!("{section}.{key}: must be a whole number"));
        }
        integer
    }

    /// Returns an optional boolean.
    pub(super) fn boolean(&mut self, section: &str, key: &str) -> Option<bool> {
        let value = self.value(section, key)?;
        let boolean = value.as_bool();
        if boolean.is_none() {
            self.problem(format!("{section}.{key}: must be true or false"));
        }
        boolean
    }

    /// Adds a problem: a sentence that begins with the setting's name.
    pub(super) fn problem(&mut self, sentence: impl Into<String>) {
        self.problems.push(sentence.into());
    }

    /// Returns the problems, each with the file or the variable that set its setting.
    pub(super) fn into_problems(self) -> Vec<String> {
        let with_source = |problem: String| {
            let name = problem.split(':').next().and_then(|name| name.split_once('.'));
            let setting = name
                .and_then(|(section, key)| self.values.get(&(section.to_owned(), key.to_owned())));
            match setting {
                Some(setting) => format!("{problem} ({})", setting.place()),
                None => problem,
            }
        };
        self.problems.iter().cloned().map(with_source).collect()
    }

    fn missing(&mut self, section: &str, key: &str, what: &str) {
        let variable =
            format!("{ENVIRONMENT_PREFIX}{}__{}", section.to_uppercase(), key.to_uppercase());
        let sources = [self.files.join(", "), variable].join(" or ");
        self.problem(format!("{section}.{key}: missing; set it to {what} ({sources})"));
    }

    fn value(&self, section: &str, key: &str) -> Option<&Value> {
        let setting = self.values.get(&(section.to_owned(), key.to_owned()))?;
        Some(&setting.value)
    }

    fn set(&mut self, source: &str, section: &str, key: &str, value: Value) {
        let Some(known) = keys(section) else {
            let problem = if is_repeated(section) {
                format!(
                    "{section}.{key}: there may be several; name the first {section}_1 ({source})"
                )
            } else {
                let known = section_names().join(", ");
                format!("[{section}]: there is no such section; known are {known} ({source})")
            };
            // A section may have many settings.
            if !self.problems.contains(&problem) {
                self.problem(problem);
            }
            return;
        };
        let setting = in_file(key).unwrap_or(key);
        if !known.contains(&setting) {
            return self.problem(format!(
                "{section}.{key}: there is no such setting; known are {} ({source})",
                known.join(", ")
            ));
        }
        self.note_section(section);
        let file = (setting != key).then(|| file_names(&value));
        let setting_key = (section.to_owned(), setting.to_owned());
        let value = if file.is_some() {
            match self.read_files(source, section, key, &value) {
                Some(value) => value,
                None => {
                    self.values.remove(&setting_key);
                    self.unreadable.insert(setting_key);
                    return;
                }
            }
        } else {
            value
        };
        self.unreadable.remove(&setting_key);
        let is_in_file = file.is_some();
        let replaced =
            self.values.insert(setting_key, Setting { value, source: source.to_owned(), file });
        if replaced.is_some_and(|other| {
            other.file.is_some() != is_in_file && is_one_layer(&other.source, source)
        }) {
            self.problem(format!(
                "{section}.{setting}: is set, and {setting}_file too; leave one of them out"
            ));
        }
    }

    /// Reads the file, or each file of a list, whose text a setting is; `None` after a problem.
    fn read_files(
        &mut self,
        source: &str,
        section: &str,
        key: &str,
        value: &Value,
    ) -> Option<Value> {
        let problem = match value {
            Value::String(path) => match std::fs::read_to_string(path) {
                Ok(text) if text.trim().is_empty() => {
                    format!("the file {path} is empty; write the value into it")
                }
                // Editors and `echo` end the last line.
                Ok(text) => {
                    return Some(Value::String(text.trim_end_matches(['\r', '\n']).to_owned()));
                }
                Err(_) if is_secret_itself(path) => format!(
                    "must be the path of a file, and looks like the secret itself; write it to {}",
                    key.trim_end_matches("_file")
                ),
                Err(error) => {
                    format!("{path} cannot be read: {error}; check the path and its permissions")
                }
            },
            Value::Array(paths) => {
                let texts: Vec<_> =
                    paths.iter().map(|path| self.read_files(source, section, key, path)).collect();
                return texts.into_iter().collect::<Option<_>>().map(Value::Array);
            }
            _ => "must be the path of a file".to_owned(),
        };
        self.problem(format!("{section}.{key}: {problem} ({source})"));
        None
    }

    fn note_section(&mut self, section: &str) {
        if !self.has_section(section) {
            self.sections.push(section.to_owned());
        }
    }
}

/// Returns the names of the files that a setting names.
fn file_names(value: &Value) -> String {
    match value {
        Value::Array(files) => files.iter().map(file_names).collect::<Vec<_>>().join(", "),
        Value::String(file) => file.clone(),
        _ => String::new(),
    }
}

/// True if a text is a secret or a key that was put where a path belongs. It must not be printed.
fn is_secret_itself(text: &str) -> bool {
    let is_key = ["sk_", "whsec_", "-----BEGIN"].iter().any(|start| text.starts_with(start));
    is_key || !text.contains(['/', '.'])
}

/// True if neither of two sources overrides the other: one file, or two variables.
fn is_one_layer(one: &str, other: &str) -> bool {
    one == other || [one, other].iter().all(|source| source.starts_with(ENVIRONMENT_PREFIX))
}

/// Reads a text of the environment as a value; a text that is not of the type stays text, and its
/// reader refuses it.
fn environment_value(kind: Kind, text: String) -> Value {
    let list = |text: &str| {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        Value::Array(parts.map(|part| Value::String(part.to_owned())).collect())
    };
    match kind {
        Kind::List => list(&text),
        Kind::OneOrMore if text.contains(',') => list(&text),
        Kind::Text | Kind::OneOrMore => Value::String(text),
        Kind::Integer => text.parse().map_or(Value::String(text), Value::Integer),
        Kind::Boolean => text.parse().map_or(Value::String(text), Value::Boolean),
    }
}
