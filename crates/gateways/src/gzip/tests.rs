use miniz_oxide::deflate::compress_to_vec;
use proptest::prelude::*;

use super::{HAS_COMMENT, HAS_EXTRA, HAS_NAME, HAS_SUM, is_gzip, unpack};
use crate::deflate::crc32;

/// One member with the parts that `flags` name.
fn member(content: &[u8], flags: u8) -> Vec<u8> {
    let mut whole = vec![0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 3];
    if flags & HAS_EXTRA != 0 {
        whole.extend([3, 0, b'a', 0, b'b']);
    }
    if flags & HAS_NAME != 0 {
        whole.extend(b"bill.csv\0");
    }
    if flags & HAS_COMMENT != 0 {
        whole.extend(b"a comment\0");
    }
    if flags & HAS_SUM != 0 {
        whole.extend(&crc32(&whole).to_le_bytes()[..2]);
    }
    whole.extend(compress_to_vec(content, 6));
    whole.extend(crc32(content).to_le_bytes());
    whole.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
    whole
}

pub(crate) fn packed(content: &[u8]) -> Vec<u8> {
    member(content, 0)
}

/// What Python's `gzip.compress(b"bill", mtime=0)` writes.
const BY_PYTHON: &[u8] =
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03K\xca\xcc\xc9\x01\x00\xe3\x19!z\x04\x00\x00\x00";

#[test]
fn what_was_packed_comes_out_whatever_its_head_says() {
    let text = "对账".repeat(500).into_bytes();
    for flags in 0..32 {
        let whole = member(&text, flags);
        assert!(is_gzip(&whole));
        assert_eq!(unpack(&whole, 3000).as_deref(), Ok(&text[..]), "{flags}");
    }
    assert_eq!(unpack(BY_PYTHON, 4).as_deref(), Ok(&b"bill"[..]));
    assert_eq!(unpack(&packed(b""), 0), Ok(Vec::new()));
    let two = [member(b"one, ", HAS_NAME), packed(b""), packed(b"two")].concat();
    assert_eq!(unpack(&two, 8).as_deref(), Ok(&b"one, two"[..]));
}

#[test]
fn a_bomb_is_refused_before_it_is_in_memory() {
    let bomb = packed(&vec![0; 1_000_000]);
    assert_eq!(unpack(&bomb, 999_999), Err("packed data that unpacks to too much"));
    // The limit is of all members together.
    let two = [packed(b"12345"), packed(b"12345")].concat();
    assert_eq!(unpack(&two, 9), Err("packed data that unpacks to too much"));
    assert_eq!(unpack(&packed(b"").repeat(5_000), 9), Err("a gzip file of too many members"));
}

#[test]
fn what_is_damaged_is_refused() {
    let sound = member(b"content", HAS_SUM | HAS_NAME);
    for end in 0..sound.len() {
        assert!(unpack(&sound[..end], 99).is_err(), "cut at {end}");
    }
    let with = |at: usize, byte: u8| {
        let mut damaged = sound.clone();
        damaged[at] = byte;
        unpack(&damaged, 99)
    };
    assert_eq!(with(2, 9), Err("a gzip file of an unknown kind"));
    assert_eq!(with(3, HAS_NAME | HAS_SUM | 0x20), Err("a gzip file of an unknown kind"));
    assert_eq!(with(10, b'B'), Err("a gzip file that is damaged"), "the head has a sum");
    assert_eq!(with(sound.len() - 1, 1), Err("a gzip file that is damaged"), "its length");
    assert_eq!(with(sound.len() - 5, 1), Err("a gzip file that is damaged"), "its sum");
    assert!(unpack(&[&sound[..], b"more"].concat(), 99).is_err());
    assert!(unpack(b"<html>", 99).is_err());
}

proptest! {
    #[test]
    fn one_changed_byte_is_refused_or_changes_nothing(at in any::<usize>(), with in any::<u8>(), flags in 0_u8..32) {
        let mut whole = member(b"content content content", flags);
        let place = at % whole.len();
        whole[place] = with;
        if let Ok(content) = unpack(&whole, 4096) {
            prop_assert_eq!(content, b"content content content");
        }
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _nothing = unpack(&[&[0x1f, 0x8b, 8][..], &bytes].concat(), 4096);
    }
}
