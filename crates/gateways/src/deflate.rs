//! What ZIP and gzip files are made of: deflated data (RFC 1951), a checksum, numbers in bytes.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

/// Unpacks the deflated data at the beginning of `packed`, up to `max_bytes`; answers what comes
/// behind it, too. No more memory is taken than twice what comes out.
pub(crate) fn inflate(packed: &[u8], max_bytes: usize) -> Result<(Vec<u8>, &[u8]), &'static str> {
    let mut inflater = Box::<DecompressorOxide>::default();
    let mut content = vec![0; packed.len().clamp(64, 4096).min(max_bytes)];
    let (mut rest, mut length) = (packed, 0_usize);
    loop {
        let (status, read, written) = decompress(
            &mut inflater,
            rest,
            &mut content,
            length,
            TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
        );
        rest = rest.get(read..).ok_or(BROKEN)?;
        length = length.saturating_add(written);
        match status {
            TINFLStatus::Done => {
                content.truncate(length);
                return Ok((content, rest));
            }
            TINFLStatus::HasMoreOutput if content.len() >= max_bytes => return Err(TOO_LONG),
            TINFLStatus::HasMoreOutput => {
                content.resize(content.len().saturating_mul(2).min(max_bytes), 0);
            }
            _ => return Err(BROKEN),
        }
    }
}

const BROKEN: &str = "packed data that does not unpack";
const TOO_LONG: &str = "packed data that unpacks to too much";

/// The checksum of both formats. Bit by bit: a bill is checked once a day.
pub(crate) fn crc32(data: &[u8]) -> u32 {
    let step = |sum: u32| (sum >> 1) ^ if sum & 1 == 1 { 0xedb8_8320 } else { 0 };
    !data.iter().fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| step(sum)))
}

pub(crate) fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*data.get(at..)?.first_chunk()?))
}

pub(crate) fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*data.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use miniz_oxide::deflate::compress_to_vec;

    use super::*;

    #[test]
    fn crc32_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn a_bomb_stops_at_the_limit_and_what_comes_behind_is_left() {
        let packed = [compress_to_vec(&[0; 1_000_000], 9), b"behind".to_vec()].concat();
        assert!(packed.len() < 2_000, "a bomb");
        assert_eq!(inflate(&packed, 999_999), Err(TOO_LONG));
        let (content, rest) = inflate(&packed, 1_000_000).unwrap();
        assert_eq!((content.len(), rest), (1_000_000, &b"behind"[..]));
        assert_eq!(inflate(&compress_to_vec(b"", 6), 0), Ok((Vec::new(), &b""[..])));
        assert_eq!(inflate(&packed[..100], 1_000_000), Err(BROKEN));
        assert_eq!(inflate(b"", 9), Err(BROKEN));
    }
}
