//! Runs one target under libFuzzer: the one that `FUZZ_TARGET` names.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static RUN: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names a target");
    let target = fuzz::TARGETS.iter().find(|target| target.name == name);
    target.expect("FUZZ_TARGET names a target that there is").run
});

fuzz_target!(|data: &[u8]| RUN(data));
