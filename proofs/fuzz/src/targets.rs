//! The targets.

mod address;
mod alipay;
mod answers;
mod archives;
mod bills;
mod client_secret;
mod contract_json;
mod machine;
mod money;
mod rules;
mod sse;
mod timestamp;
mod wechat_pay;

/// A function that feeds untrusted bytes to the code, and checks the result.
pub struct Target {
    /// Its name on the command line and of its folder in `corpus/`.
    pub name: &'static str,
    /// Takes any bytes, and panics if a promise is broken.
    pub run: fn(&[u8]),
    /// Words that occur in its inputs, for the mutators.
    pub words: &'static [&'static str],
    /// Number of mutated inputs in `cargo test`.
    pub tries: u32,
}

/// Every target, the fast ones first.
pub const TARGETS: &[Target] = &[
    Target { name: "money", run: money::run, words: money::WORDS, tries: 20_000 },
    Target { name: "timestamp", run: timestamp::run, words: timestamp::WORDS, tries: 20_000 },
    Target {
        name: "client_secret",
        run: client_secret::run,
        words: client_secret::WORDS,
        tries: 20_000,
    },
    Target { name: "address", run: address::run, words: address::WORDS, tries: 20_000 },
    Target { name: "sse", run: sse::run, words: sse::WORDS, tries: 10_000 },
    Target {
        name: "contract_json",
        run: contract_json::run,
        words: contract_json::WORDS,
        tries: 5_000,
    },
    Target { name: "machine", run: machine::run, words: &[], tries: 3_000 },
    Target { name: "rules", run: rules::run, words: &[], tries: 10_000 },
    Target { name: "wechat_pay", run: wechat_pay::run, words: wechat_pay::WORDS, tries: 1_500 },
    Target { name: "alipay", run: alipay::run, words: alipay::WORDS, tries: 1_500 },
    Target { name: "bills", run: bills::run, words: bills::WORDS, tries: 5_000 },
    Target { name: "archives", run: archives::run, words: archives::WORDS, tries: 5_000 },
    Target { name: "answers", run: answers::run, words: answers::WORDS, tries: 500 },
];
