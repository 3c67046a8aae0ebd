//! The code of a Wasm by crate and by function, read by `wasmparser`.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

use crate::step::Failure;

/// Prints raw bytes of code by crate, then the largest functions.
///
/// They are bytes before compression: they show where code is large, not the effect of a change.
///
/// # Errors
/// The file cannot be read or has no names of functions.
pub(super) fn print(wasm: &Path) -> Result<(), Failure> {
    let bytes = fs::read(wasm).map_err(|error| Failure::file("read", wasm, &error))?;
    let code = Code::read(&bytes)
        .map_err(|error| Failure::new(format!("cannot read {}: {error}", wasm.display())))?;
    let total: u64 = code.functions.iter().map(|function| function.size).sum();
    let line = |size: u64, text: &str| {
        let tenths = (size * 1000).checked_div(total).unwrap_or_default();
        let text: String = text.chars().take(120).collect();
        println!("{size:>9} {:>3}.{} %  {text}", tenths / 10, tenths % 10);
    };
    println!();
    line(total, &format!("all code, raw, {} functions", code.functions.len()));
    line(code.data, "data, beside the code");
    let mut crates: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for function in &code.functions {
        let (size, count) = crates.entry(crate_of(&function.name)).or_default();
        *size += function.size;
        *count += 1;
    }
    let mut crates: Vec<_> = crates.into_iter().collect();
    crates.sort_by_key(|(_, (size, _))| std::cmp::Reverse(*size));
    for (name, (size, count)) in crates {
        line(size, &format!("{name} ({count})"));
    }
    println!();
    for function in code.functions.iter().take(LARGEST) {
        line(function.size, &function.name);
    }
    Ok(())
}

/// The functions of a module, largest first, and the size of its data.
#[derive(Debug)]
struct Code {
    functions: Vec<Function>,
    data: u64,
}

#[derive(Debug)]
struct Function {
    name: String,
    size: u64,
}

impl Code {
    fn read(bytes: &[u8]) -> wasmparser::Result<Self> {
        let (mut imported, mut sizes, mut data) = (0_u32, Vec::new(), 0);
        let mut names = HashMap::new();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionEntry(body) => sizes.push(length(&body.range())),
                Payload::DataSection(section) => data = length(&section.range()),
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(section) = section.as_known() {
                        read_names(section, &mut names)?;
                    }
                }
                _ => {}
            }
        }
        let mut functions: Vec<Function> = (imported..)
            .zip(sizes)
            .map(|(index, size)| Function {
                name: names.remove(&index).unwrap_or_else(|| format!("function {index}")),
                size,
            })
            .collect();
        functions.sort_by_key(|function| std::cmp::Reverse(function.size));
        Ok(Self { functions, data })
    }
}

fn length(range: &std::ops::Range<u64>) -> u64 {
    range.end.saturating_sub(range.start)
}

fn read_names(
    section: wasmparser::NameSectionReader<'_>,
    names: &mut HashMap<u32, String>,
) -> wasmparser::Result<()> {
    for subsection in section {
        if let Name::Function(functions) = subsection? {
            for naming in functions {
                let naming = naming?;
                names.insert(naming.index, without_hashes(naming.name));
            }
        }
    }
    Ok(())
}

/// The name without the hash that rustc writes after each crate: `yew[2a45f659cde3dc9f]::…`.
fn without_hashes(name: &str) -> String {
    let is_hash = |text: &str| text.len() > 8 && text.chars().all(|c| c.is_ascii_hexdigit());
    let mut plain = String::new();
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('[') {
        plain.push_str(before);
        match after.split_once(']') {
            Some((hash, end)) if is_hash(hash) => rest = end,
            _ => {
                plain.push('[');
                rest = after;
            }
        }
    }
    plain + rest
}

/// The first crate in a function's name: of `<checkout::Event as core::fmt::Debug>::fmt` it is
/// `checkout`. Generic code of the standard library counts for the crate of its type.
fn crate_of(name: &str) -> &str {
    let mut library = "(no crate)";
    for path in name.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':') {
        let Some((first, _)) = path.split_once("::") else { continue };
        if first.is_empty() {
            continue;
        }
        if !LIBRARY.contains(&first) {
            return first;
        }
        if library == "(no crate)" {
            library = first;
        }
    }
    library
}

const LIBRARY: [&str; 3] = ["core", "alloc", "std"];
const LARGEST: usize = 15;
