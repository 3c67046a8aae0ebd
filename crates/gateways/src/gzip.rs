//! gzip (RFC 1952), as WeChat Pay packs its bills.

use crate::deflate::{crc32, inflate, u16_at, u32_at};

/// A file is written as one member; some writers begin a new one every 64 KiB.
const MAX_MEMBERS: usize = 4096;

/// Whether `data` begins as gzip does, and as no text does.
pub(crate) fn is_gzip(data: &[u8]) -> bool {
    data.starts_with(&MAGIC)
}

/// All that is packed in `data`; at most `max_bytes`.
pub(crate) fn unpack(data: &[u8], max_bytes: usize) -> Result<Vec<u8>, &'static str> {
    let mut content = Vec::new();
    let mut rest = data;
    for _ in 0..MAX_MEMBERS {
        let (member, behind) = inflate(body(rest)?, max_bytes.saturating_sub(content.len()))?;
        let (sum, length) = u32_at(behind, 0).zip(u32_at(behind, 4)).ok_or(CUT_OFF)?;
        if crc32(&member) != sum || u32::try_from(member.len()) != Ok(length) {
            return Err("a gzip file that is damaged");
        }
        content.extend(member);
        rest = behind.get(8..).ok_or(CUT_OFF)?;
        if rest.is_empty() {
            return Ok(content);
        }
    }
    Err("a gzip file of too many members")
}

/// The deflated data behind a member's head.
fn body(member: &[u8]) -> Result<&[u8], &'static str> {
    if !is_gzip(member) {
        return Err("something that is not a gzip file");
    }
    let &[_, _, method, flags, ..] = member else { return Err(CUT_OFF) };
    if method != DEFLATED || flags & RESERVED != 0 {
        return Err("a gzip file of an unknown kind");
    }
    let mut at = 10_usize;
    if flags & HAS_EXTRA != 0 {
        let extra = u16_at(member, at).ok_or(CUT_OFF)?;
        at = at.saturating_add(2).saturating_add(usize::from(extra));
    }
    for text in [HAS_NAME, HAS_COMMENT] {
        if flags & text != 0 {
            let rest = member.get(at..).ok_or(CUT_OFF)?;
            let length = rest.iter().position(|byte| *byte == 0).ok_or(CUT_OFF)?;
            at = at.saturating_add(length).saturating_add(1);
        }
    }
    if flags & HAS_SUM != 0 {
        let head = member.get(..at).ok_or(CUT_OFF)?;
        if crc32(head) & 0xffff != u32::from(u16_at(member, at).ok_or(CUT_OFF)?) {
            return Err("a gzip file that is damaged");
        }
        at = at.saturating_add(2);
    }
    member.get(at..).ok_or(CUT_OFF)
}

const CUT_OFF: &str = "a gzip file that is cut off";
const MAGIC: [u8; 2] = [0x1f, 0x8b];
const DEFLATED: u8 = 8;
const HAS_SUM: u8 = 1 << 1;
const HAS_EXTRA: u8 = 1 << 2;
const HAS_NAME: u8 = 1 << 3;
const HAS_COMMENT: u8 = 1 << 4;
const RESERVED: u8 = 0b1110_0000;

#[cfg(test)]
pub(crate) mod tests;
