//! gzip files, as WeChat Pay packs its bills.

use std::io::Read as _;

use flate2::bufread::MultiGzDecoder;

/// True if `data` begins with gzip's magic number, with which no text begins.
pub(crate) fn is_gzip(data: &[u8]) -> bool {
    data.starts_with(&[0x1f, 0x8b])
}

/// Unpacks all members of `data`.
///
/// # Errors
/// The fault of the data; also if it unpacks to more than `max_bytes`. At most one byte more is
/// ever in memory.
pub(crate) fn unpack(data: &[u8], max_bytes: usize) -> Result<Vec<u8>, &'static str> {
    let mut content = Vec::new();
    MultiGzDecoder::new(data)
        .take(u64::try_from(max_bytes).unwrap_or(u64::MAX).saturating_add(1))
        .read_to_end(&mut content)
        .map_err(|_io| "a gzip file that is cut off or damaged")?;
    if content.len() > max_bytes {
        return Err("a gzip file that unpacks to too much");
    }
    Ok(content)
}

#[cfg(test)]
pub(crate) mod tests;
