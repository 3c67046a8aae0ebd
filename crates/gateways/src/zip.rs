//! Files of a ZIP archive, as Alipay packs its bills.

use std::io::{Cursor, Read as _};

use ::zip::ZipArchive;
use ::zip::result::ZipError;

/// A day's bill has two files; an archive with more is not a bill (our own limit).
const MAX_FILES: usize = 64;
/// Each entry of an archive's list begins with it.
const ENTRY: &[u8] = b"PK\x01\x02";

/// Unpacks every file, in the archive's order.
///
/// # Errors
/// The fault of the archive; also if its files have more than `max_bytes` together, because the
/// entries of a zip bomb may share the same data.
pub(crate) fn files(archive: &[u8], max_bytes: usize) -> Result<Vec<Vec<u8>>, &'static str> {
    // The library makes a list of all entries, which can take many times the size of the archive.
    if archive.windows(ENTRY.len()).filter(|bytes| *bytes == ENTRY).nth(MAX_FILES).is_some() {
        return Err("a ZIP file with too many files");
    }
    let mut archive = ZipArchive::new(Cursor::new(archive))
        .map_err(|_invalid| "something that is not a ZIP file")?;
    let mut room = max_bytes;
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let file = archive.by_index(index).map_err(|error| match error {
            ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
                "a ZIP file with a password"
            }
            _ => "a ZIP file that is damaged or of an unknown kind",
        })?;
        let mut content = Vec::new();
        file.take(u64::try_from(room).unwrap_or(u64::MAX).saturating_add(1))
            .read_to_end(&mut content)
            .map_err(|_io| "a ZIP file that is damaged")?;
        room = room.checked_sub(content.len()).ok_or("a ZIP file that unpacks to too much")?;
        files.push(content);
    }
    Ok(files)
}

#[cfg(test)]
pub(crate) mod tests;
