use miniz_oxide::deflate::compress_to_vec;
use proptest::prelude::*;

use super::files;
use crate::deflate::crc32;

/// An archive of files, each stored or deflated.
pub(crate) fn archive(contents: &[(&[u8], bool)]) -> Vec<u8> {
    let mut archive = Vec::new();
    let mut directory = Vec::new();
    for (content, is_deflated) in contents {
        let packed = if *is_deflated { compress_to_vec(content, 6) } else { content.to_vec() };
        let at = u32::try_from(archive.len()).unwrap();
        let length = |data: &[u8]| u32::try_from(data.len()).unwrap().to_le_bytes();
        let mut shared = vec![20, 0, 0, 0, if *is_deflated { 8 } else { 0 }, 0, 0, 0, 0, 0];
        shared.extend(crc32(content).to_le_bytes());
        shared.extend(length(&packed));
        shared.extend(length(content));
        shared.extend([5, 0, 3, 0]);
        archive.extend(b"PK\x03\x04");
        archive.extend(&shared);
        archive.extend(b"a.csvEXT");
        archive.extend(&packed);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&shared);
        directory.extend([2, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        directory.extend(at.to_le_bytes());
        directory.extend(b"a.csvEXT##");
    }
    let directory_at = u32::try_from(archive.len()).unwrap();
    let count = u16::try_from(contents.len()).unwrap().to_le_bytes();
    archive.extend(&directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend(count);
    archive.extend(count);
    archive.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    archive.extend(directory_at.to_le_bytes());
    archive.extend([3, 0]);
    archive.extend(b"end");
    archive
}

#[test]
fn stored_and_deflated_files_come_out() {
    let long = "对账".repeat(500);
    let packed = archive(&[(b"one", false), (long.as_bytes(), true), (b"", true)]);
    assert_eq!(
        files(&packed, 4096).unwrap(),
        [b"one".to_vec(), long.clone().into_bytes(), Vec::new()]
    );
    assert_eq!(files(&archive(&[]), 10).unwrap(), Vec::<Vec<u8>>::new());
    assert_eq!(files(&packed, 2999), Err("a ZIP file of too much"));
}

#[test]
fn entries_that_share_their_data_are_limited_together() {
    let one = archive(&[(&[0; 1_000], true)]);
    let entry_at = one.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    let end_at = one.windows(4).position(|four| four == b"PK\x05\x06").unwrap();
    let entry = &one[entry_at..end_at];
    let mut end = one[end_at..].to_vec();
    end[10] = 64;
    let bomb = [&one[..entry_at], &entry.repeat(64), &end].concat();
    assert_eq!(files(&bomb, 64_000).unwrap().len(), 64);
    assert_eq!(files(&bomb, 63_999), Err("a ZIP file of too much"));
}

#[test]
fn what_is_damaged_is_refused() {
    let sound = archive(&[(b"content", false)]);
    assert!(files(b"<html>expired</html>", 99).is_err());
    assert!(files(&sound[..sound.len() - 4], 99).is_err());
    assert!(files(&sound[4..], 99).is_err());
    let text = |from: &[u8], to: &[u8]| {
        let at = sound.windows(from.len()).position(|found| found == from).unwrap();
        let mut damaged = sound.clone();
        damaged[at..at + from.len()].copy_from_slice(to);
        files(&damaged, 99).unwrap_err()
    };
    assert_eq!(text(b"content", b"CONTENT"), "a ZIP file that is damaged");
    assert_eq!(text(b"PK\x03\x04", b"PK\x03\x05"), "a ZIP file that is cut off");
    assert_eq!(text(b"PK\x01\x02", b"PK\x01\x03"), "a ZIP file that is cut off");
    assert_eq!(
        text(b"PK\x01\x02\x14\x00\x14\x00\x00", b"PK\x01\x02\x14\x00\x14\x00\x01"),
        "a ZIP file with a password"
    );
}

proptest! {
    #[test]
    fn no_archive_panics(at in any::<usize>(), with in any::<u8>(), bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _nothing = files(&bytes, 4096);
        let mut damaged = archive(&[(b"content content content", true), (b"x", false)]);
        let place = at % damaged.len();
        damaged[place] = with;
        let _files = files(&damaged, 4096);
    }
}
