//! The archives of bills, gzip and ZIP: the content is unpacked unchanged, and one changed byte is
//! refused or changes nothing. A decompression bomb would show as memory use, which libFuzzer
//! limits.

use std::sync::OnceLock;

use encoding_rs::GBK;
use gateways::{Bill, alipay, wechat_pay};
use miniz_oxide::deflate::compress_to_vec;

use crate::input::Input;
use crate::targets::wechat_pay::edit;

pub(crate) const WORDS: &[&str] = &[
    "PK\x01\x02",
    "PK\x03\x04",
    "PK\x05\x06",
    "\x1f\u{8b}\x08",
    "\x08\0",
    "\0\0\0\0",
    "\u{7f}\u{7f}",
];

pub(crate) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let is_zip = input.flag();
    let packed = if is_zip { zip(&mut input) } else { gzip(&mut input) };
    let read = |file: &[u8]| -> Option<Bill> {
        let said = if is_zip { alipay::bill_lines(file) } else { wechat_pay::bill_lines(file) };
        said.ok()
    };
    match input.below(3) {
        0 => {
            let magic: &[u8] = if is_zip { b"PK\x03\x04" } else { b"\x1f\x8b\x08" };
            let _nothing = read(&[magic, input.rest()].concat());
        }
        1 => {
            let mut damaged = packed.clone();
            let at = usize::from(input.u16()) % packed.len();
            if let Some(byte) = damaged.get_mut(at) {
                *byte ^= input.byte();
            }
            let said = read(&damaged);
            assert!(damaged != packed || said.is_some(), "a sound file was refused");
            let is_same = said.is_none() || said == read(&packed);
            assert!(is_same, "byte {at} of {} changed what was read", packed.escape_ascii());
        }
        _ => {
            let mut damaged = packed.clone();
            while !input.is_empty() {
                edit(&mut damaged, &mut input);
            }
            let said = read(&damaged);
            if damaged == packed {
                assert_eq!(said.map(|bill| bill.lines.len()), Some(1), "a sound file was refused");
            }
        }
    }
}

fn gzip(input: &mut Input<'_>) -> Vec<u8> {
    let table = WECHAT_PAY.as_bytes();
    let at = usize::from(input.u16()) % (table.len() + 1);
    let (first, second) = table.split_at(at);
    let members = if input.flag() { vec![first, second] } else { vec![table] };
    gzipped(&members, input.byte())
}

fn zip(input: &mut Input<'_>) -> Vec<u8> {
    let (table, _, _) = GBK.encode(ALIPAY);
    let is_deflated = input.flag();
    match input.below(3) {
        0 => zipped(&[&table], is_deflated),
        1 => zipped(&[&table, b"#"], is_deflated),
        _ => zipped(&[b"", b"#\r\n", &table], is_deflated),
    }
}

/// Returns gzip with one or more members, each with the optional header fields of `flags`.
pub(crate) fn gzipped(members: &[&[u8]], flags: u8) -> Vec<u8> {
    let flags = flags & 0b1_1111;
    let mut whole = Vec::new();
    for content in members {
        let mut head = vec![0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 0xff];
        if flags & 4 != 0 {
            head.extend([2, 0, b'x', b'y']);
        }
        if flags & 8 != 0 {
            head.extend(b"bill.csv\0");
        }
        if flags & 16 != 0 {
            head.extend(b"\0");
        }
        if flags & 2 != 0 {
            let sum = crc32(&head).to_le_bytes();
            head.extend(sum.iter().take(2));
        }
        whole.extend(head);
        whole.extend(compress_to_vec(content, flags % 11));
        whole.extend(crc32(content).to_le_bytes());
        whole.extend(number(content.len()).to_le_bytes());
    }
    whole
}

/// Returns a ZIP archive of `files`.
pub(crate) fn zipped(files: &[&[u8]], is_deflated: bool) -> Vec<u8> {
    let packed: Vec<Vec<u8>> = files
        .iter()
        .map(|content| if is_deflated { compress_to_vec(content, 6) } else { content.to_vec() })
        .collect();
    let entries: Vec<(&[u8], u16, u32, u32)> = files
        .iter()
        .zip(&packed)
        .map(|(content, packed)| {
            let method = if is_deflated { 8 } else { 0 };
            (packed.as_slice(), method, crc32(content), number(content.len()))
        })
        .collect();
    archive(&entries)
}

/// Returns an archive of entries: data, method, checksum and length.
fn archive(entries: &[(&[u8], u16, u32, u32)]) -> Vec<u8> {
    let (mut whole, mut directory) = (Vec::new(), Vec::new());
    for ((packed, method, sum, size), name) in entries.iter().zip(b'a'..) {
        let at = number(whole.len());
        let mut common = vec![20, 0, 0, 0];
        common.extend(method.to_le_bytes());
        common.extend([0; 4]);
        for field in [*sum, number(packed.len()), *size] {
            common.extend(field.to_le_bytes());
        }
        common.extend([1, 0, 0, 0]);
        whole.extend(b"PK\x03\x04");
        whole.extend(&common);
        whole.push(name);
        whole.extend(*packed);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(common);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.push(name);
    }
    let at = number(whole.len());
    whole.extend(&directory);
    whole.extend(b"PK\x05\x06\0\0\0\0");
    for _ in 0..2 {
        whole.extend(u16::try_from(entries.len()).unwrap_or(u16::MAX).to_le_bytes());
    }
    whole.extend(number(directory.len()).to_le_bytes());
    whole.extend(at.to_le_bytes());
    whole.extend([0, 0]);
    whole
}

/// Computes the checksum by a table, independently of the library that the clients use.
fn crc32(data: &[u8]) -> u32 {
    static TABLE: OnceLock<Vec<u32>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let one = |byte: u32| {
            (0..8)
                .fold(byte, |sum, _| if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 })
        };
        (0..256).map(one).collect()
    });
    let rest = data.iter().fold(u32::MAX, |sum, byte| {
        let [low, ..] = (sum ^ u32::from(*byte)).to_le_bytes();
        table.get(usize::from(low)).copied().unwrap_or_default() ^ (sum >> 8)
    });
    !rest
}

fn number(length: usize) -> u32 {
    u32::try_from(length).expect("a small file")
}

const WECHAT_PAY: &str = "交易时间,微信订单号,商户订单号,交易状态,订单金额,商户退款单号,申请退款金额,退款状态\r\n\
    `2026-11-27 10:00:00,`42,`ORDER_0001,`SUCCESS,`1.00,`0,`0.00,`\r\n总交易单数\r\n`1\r\n";
const ALIPAY: &str = "#\r\n支付宝交易号,商户订单号,业务类型,完成时间,订单金额（元）,退款批次号/请求号\r\n\
    2026\t,ORDER_0001\t,交易,2026-11-27 10:00:30,1.00,\t\r\n#结束\r\n";
