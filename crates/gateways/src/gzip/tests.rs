use std::io::Write as _;

use flate2::{Compression, Crc, GzBuilder, write::GzEncoder};
use proptest::prelude::*;

use super::{is_gzip, unpack};

pub(crate) fn packed(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// One member whose head has a name, a comment, more fields and a checksum of itself.
fn with_everything(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzBuilder::new()
        .filename("bill.csv")
        .comment("a comment")
        .extra(b"ab\0\0".to_vec())
        .write(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    let mut whole = encoder.finish().unwrap();
    let head_ends = 10 + 2 + 4 + "bill.csv\0".len() + "a comment\0".len();
    whole[3] |= 1 << 1;
    let mut sum = Crc::new();
    sum.update(&whole[..head_ends]);
    whole.splice(head_ends..head_ends, sum.sum().to_le_bytes()[..2].iter().copied());
    whole
}

/// The output of Python's `gzip.compress(b"bill", mtime=0)`.
const BY_PYTHON: &[u8] =
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03K\xca\xcc\xc9\x01\x00\xe3\x19!z\x04\x00\x00\x00";
const TOO_MUCH: &str = "a gzip file that unpacks to too much";

#[test]
fn what_was_packed_comes_out_whatever_its_head_says() {
    let text = "对账".repeat(500).into_bytes();
    for whole in [packed(&text), with_everything(&text)] {
        assert!(is_gzip(&whole));
        assert_eq!(unpack(&whole, 3000).as_deref(), Ok(&text[..]));
    }
    assert_eq!(unpack(BY_PYTHON, 4).as_deref(), Ok(&b"bill"[..]));
    assert_eq!(unpack(&packed(b""), 0), Ok(Vec::new()));
    let members = [with_everything(b"one, "), packed(b""), packed(b"two")].concat();
    assert_eq!(unpack(&members, 8).as_deref(), Ok(&b"one, two"[..]));
}

#[test]
fn a_bomb_is_refused_before_it_is_in_memory() {
    let bomb = packed(&vec![0; 1_000_000]);
    assert!(bomb.len() < 2_000);
    assert_eq!(unpack(&bomb, 999_999), Err(TOO_MUCH));
    assert_eq!(unpack(&bomb, 1_000_000).map(|content| content.len()), Ok(1_000_000));
    // The limit is of all members together.
    let two = [packed(b"12345"), packed(b"12345")].concat();
    assert_eq!(unpack(&two, 9), Err(TOO_MUCH));
}

#[test]
fn what_is_damaged_is_refused() {
    let sound = with_everything(b"content");
    for end in 0..sound.len() {
        assert!(unpack(&sound[..end], 99).is_err(), "cut at {end}");
    }
    // Method, reserved flag, head with its checksum, length and checksum of the content.
    for (at, byte) in [
        (2, 9),
        (3, 0x3e),
        (17, b'B'),
        (sound.len() - 1, 1),
        (sound.len() - 5, sound[sound.len() - 5] ^ 1),
    ] {
        let mut damaged = sound.clone();
        damaged[at] = byte;
        assert!(unpack(&damaged, 99).is_err(), "byte {at}");
    }
    assert!(unpack(&[&sound[..], b"more"].concat(), 99).is_err());
    assert!(unpack(b"<html>", 99).is_err());
}

proptest! {
    #[test]
    fn one_changed_byte_is_refused_or_changes_nothing(at in any::<usize>(), with in any::<u8>(), is_plain in any::<bool>()) {
        let content = b"content content content";
        let mut whole = if is_plain { packed(content) } else { with_everything(content) };
        let index = at % whole.len();
        whole[index] = with;
        if let Ok(read) = unpack(&whole, 4096) {
            prop_assert_eq!(read, content);
        }
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _nothing = unpack(&[&[0x1f, 0x8b, 8][..], &bytes].concat(), 4096);
    }
}
