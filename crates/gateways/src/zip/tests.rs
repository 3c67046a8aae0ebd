use std::io::Write as _;

use flate2::{Compression, Crc, write::DeflateEncoder};
use proptest::prelude::*;

use super::files;

/// Returns an archive of files, each stored or deflated, written by hand, so that the reader's
/// library is not tested against itself.
pub(crate) fn archive(contents: &[(&[u8], bool)]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for ((content, is_deflated), name) in contents.iter().zip(b'a'..) {
        let at = u32::try_from(archive.len()).unwrap();
        let packed = if *is_deflated { deflated(content) } else { content.to_vec() };
        let length = |data: &[u8]| u32::try_from(data.len()).unwrap().to_le_bytes();
        let mut sum = Crc::new();
        sum.update(content);
        let mut shared = vec![20, 0, 0, 0, if *is_deflated { 8 } else { 0 }, 0, 0, 0, 0x21, 0];
        shared.extend(sum.sum().to_le_bytes());
        shared.extend(length(&packed));
        shared.extend(length(content));
        // A name of five bytes and another field of four.
        shared.extend([5, 0, 4, 0]);
        let named = [&[name][..], b".csvXT\0\0"].concat();
        archive.extend(b"PK\x03\x04");
        archive.extend(&shared);
        archive.extend(&named);
        archive.extend(&packed);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&shared);
        directory.extend([2, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        directory.extend(at.to_le_bytes());
        directory.extend(&named);
        directory.extend(b"##");
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

fn deflated(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

const TOO_MUCH: &str = "a ZIP file that unpacks to too much";
const TOO_MANY: &str = "a ZIP file with too many files";

#[test]
fn entries_are_counted_before_a_list_of_them_is_made() {
    let mut sound = archive(&[(b"content", false)]);
    // The end record names one entry, so that no library would list the others.
    sound.splice(0..0, b"PK\x01\x02".repeat(65));
    assert_eq!(files(&sound, 99), Err(TOO_MANY));
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
    assert_eq!(files(&packed, 3002), Err(TOO_MUCH));
    assert!(files(&packed, 3003).is_ok());
}

#[test]
fn entries_that_share_their_data_are_limited_together() {
    let one = archive(&[(&[0; 1_000], true)]);
    let position = |four: &[u8]| one.windows(4).position(|found| found == four).unwrap();
    let (entry_at, end_at) = (position(b"PK\x01\x02"), position(b"PK\x05\x06"));
    let bomb = |count: u8| {
        let entries = (0..count).flat_map(|name| {
            let mut entry = one[entry_at..end_at].to_vec();
            // The name is at 46.
            entry[46] = b'0' + name;
            entry
        });
        let entries: Vec<u8> = entries.collect();
        let mut end = one[end_at..].to_vec();
        (end[8], end[10]) = (count, count);
        end[12..16].copy_from_slice(&u32::try_from(entries.len()).unwrap().to_le_bytes());
        [&one[..entry_at], &entries, &end].concat()
    };
    assert_eq!(files(&bomb(64), 64_000).unwrap().len(), 64);
    assert_eq!(files(&bomb(64), 63_999), Err(TOO_MUCH));
    assert_eq!(files(&bomb(65), 99_999), Err(TOO_MANY));
}

#[test]
fn what_is_damaged_is_refused() {
    let sound = archive(&[(b"content", false)]);
    assert!(files(b"<html>expired</html>", 99).is_err());
    assert!(files(&sound[..sound.len() - 10], 99).is_err());
    let text = |from: &[u8], to: &[u8]| {
        let at = sound.windows(from.len()).position(|found| found == from).unwrap();
        let mut damaged = sound.clone();
        damaged[at..at + from.len()].copy_from_slice(to);
        files(&damaged, 99).unwrap_err()
    };
    assert_eq!(text(b"content", b"CONTENT"), "a ZIP file that is damaged");
    assert!(text(b"PK\x03\x04", b"PK\x03\x05").contains("damaged"));
    assert!(!text(b"PK\x01\x02", b"PK\x01\x03").is_empty());
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
        let index = at % damaged.len();
        damaged[index] = with;
        let _files = files(&damaged, 4096);
    }
}
