//! The two wrappings of bill files: gzip (RFC 1952) and ZIP with deflated entries.

use miniz_oxide::deflate::compress_to_vec;

/// One member, without name and time.
pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut whole = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    whole.extend(compress_to_vec(content, LEVEL));
    whole.extend(crc32(content).to_le_bytes());
    whole.extend(length(content).to_le_bytes());
    whole
}

/// Entries by their names' bytes, which are GBK at Alipay: the archive does not say what they are.
pub(crate) fn zip(entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let (mut whole, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in entries {
        let offset = length(&whole);
        let packed = compress_to_vec(content, LEVEL);
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

fn crc32(content: &[u8]) -> u32 {
    let rest = content.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            let half = sum >> 1;
            if sum & 1 == 1 { half ^ 0xedb8_8320 } else { half }
        })
    });
    !rest
}

/// Bills are far below the formats' four gigabytes.
fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

fn short(bytes: &[u8]) -> u16 {
    u16::try_from(bytes.len()).unwrap_or(u16::MAX)
}

const LEVEL: u8 = 6;
