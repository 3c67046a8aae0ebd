//! The two wrappings of bill files: gzip (RFC 1952) and ZIP with deflated entries.
//!
//! flate2 compresses. The ZIP container is written here, because names in it are GBK without the flag
//! for UTF-8, which the `zip` crate cannot write.

use std::io::Write as _;

use flate2::write::{DeflateEncoder, GzEncoder};
use flate2::{Compression, Crc};

/// One member, without name and time.
pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    let written = encoder.write_all(content).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}

/// Entries by their names in bytes, which are GBK at Alipay: the archive does not state the
/// encoding.
pub(crate) fn zip(entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let (mut whole, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in entries {
        let offset = length(&whole);
        let packed = deflate(content);
        let mut common = Vec::new();
        // Version 2.0, no flags, deflated, 1 January 2016, midnight.
        for field in [20_u16, 0, 8, 0, 0x4821] {
            common.extend(field.to_le_bytes());
        }
        for field in [crc32(content), length(&packed), length(content)] {
            common.extend(field.to_le_bytes());
        }
        common.extend(short(name).to_le_bytes());
        common.extend(0_u16.to_le_bytes());

        whole.extend(b"PK\x03\x04");
        whole.extend(&common);
        whole.extend(name);
        whole.extend(packed);

        directory.extend(b"PK\x01\x02");
        directory.extend(20_u16.to_le_bytes());
        directory.extend(common);
        // No comment, first disk, no attributes.
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name);
    }
    let begin = length(&whole);
    whole.extend(&directory);
    whole.extend(b"PK\x05\x06\0\0\0\0");
    for _ in 0..2 {
        whole.extend(u16::try_from(entries.len()).unwrap_or(u16::MAX).to_le_bytes());
    }
    whole.extend(length(&directory).to_le_bytes());
    whole.extend(begin.to_le_bytes());
    whole.extend([0, 0]);
    whole
}

fn deflate(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(content).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}

fn crc32(content: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(content);
    crc.sum()
}

/// Bills are far below the formats' four gigabytes.
fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

fn short(bytes: &[u8]) -> u16 {
    u16::try_from(bytes.len()).unwrap_or(u16::MAX)
}
