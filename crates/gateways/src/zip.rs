//! Files out of a ZIP archive as Alipay packs its bills: stored or deflated, nothing newer.

use crate::deflate::{crc32, inflate, u16_at, u32_at};

const END: u32 = 0x0605_4b50;
const ENTRY: u32 = 0x0201_4b50;
const LOCAL: u32 = 0x0403_4b50;
/// A day's bill has two files; more is something else.
const MAX_FILES: u16 = 64;

/// The content of every file, in the archive's order; at most `max_bytes` in all, as the entries of
/// a bomb may all name the same data.
pub(crate) fn files(archive: &[u8], max_bytes: usize) -> Result<Vec<Vec<u8>>, &'static str> {
    let end = end_record(archive).ok_or("something that is not a ZIP file")?;
    let count = u16_at(end, 10).ok_or(CUT_OFF)?;
    if count > MAX_FILES {
        return Err("a ZIP file with too many files");
    }
    let mut at = offset(u32_at(end, 16).ok_or(CUT_OFF)?)?;
    let mut files = Vec::new();
    let mut room = max_bytes;
    for _ in 0..count {
        let entry = archive.get(at..).filter(|entry| u32_at(entry, 0) == Some(ENTRY));
        let entry = entry.ok_or(CUT_OFF)?;
        let names = [28, 30, 32].iter().map(|part| u16_at(entry, *part).map(usize::from));
        let names: Option<usize> = names.sum();
        let content = file(archive, entry, room)?;
        room = room.saturating_sub(content.len());
        files.push(content);
        at = at.saturating_add(46).saturating_add(names.ok_or(CUT_OFF)?);
    }
    Ok(files)
}

const CUT_OFF: &str = "a ZIP file that is cut off";

/// The record at the end, behind which only a comment may stand.
fn end_record(archive: &[u8]) -> Option<&[u8]> {
    let latest = archive.len().checked_sub(22)?;
    let earliest = latest.saturating_sub(usize::from(u16::MAX));
    let starts = (earliest..=latest).rev();
    starts.filter_map(|at| archive.get(at..)).find(|end| u32_at(end, 0) == Some(END))
}

fn file(archive: &[u8], entry: &[u8], max_bytes: usize) -> Result<Vec<u8>, &'static str> {
    if u16_at(entry, 8).is_none_or(|flags| flags & 1 != 0) {
        return Err("a ZIP file with a password");
    }
    let number = |part| u32_at(entry, part).ok_or(CUT_OFF);
    let (sum, packed, size) = (number(16)?, offset(number(20)?)?, offset(number(24)?)?);
    let local = archive.get(offset(number(42)?)?..).ok_or(CUT_OFF)?;
    let names = u16_at(local, 26).zip(u16_at(local, 28)).ok_or(CUT_OFF)?;
    let data_at = 30 + usize::from(names.0) + usize::from(names.1);
    let data = local
        .get(data_at..)
        .and_then(|data| data.get(..packed))
        .filter(|_data| u32_at(local, 0) == Some(LOCAL))
        .ok_or(CUT_OFF)?;
    if size > max_bytes {
        return Err("a ZIP file of too much");
    }
    let content = match u16_at(entry, 10) {
        Some(0) => data.to_vec(),
        Some(8) => inflate(data, size)?.0,
        _ => return Err("a ZIP file of an unknown kind"),
    };
    if content.len() != size || crc32(&content) != sum {
        return Err("a ZIP file that is damaged");
    }
    Ok(content)
}

/// A place or a size; the greatest number stands for more than 4 GiB.
fn offset(number: u32) -> Result<usize, &'static str> {
    usize::try_from(number)
        .ok()
        .filter(|_place| number != u32::MAX)
        .ok_or("a ZIP file of more than 4 GiB")
}

#[cfg(test)]
pub(crate) mod tests;
