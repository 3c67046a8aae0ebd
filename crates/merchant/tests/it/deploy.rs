//! The files of `deploy/`: their settings exist, and their sample is right but for the secrets.

use std::path::{Path, PathBuf};

use merchant::Config;

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(deploy().join(name)).unwrap()
}

#[test]
fn the_sample_configuration_lacks_nothing_but_the_secrets() {
    let problems = Config::load(&[deploy().join("merchant.toml")], []).unwrap_err().problems;
    assert!(!problems.is_empty());
    for problem in problems {
        assert!(problem.contains("_file: /") && problem.contains("cannot be read"), "{problem}");
    }
}

#[test]
fn the_compose_file_sets_settings_that_exist() {
    let text = read("compose.yaml");
    let set = text.lines().filter_map(|line| line.trim().split_once(": "));
    let variables: Vec<_> = set
        .filter(|(name, _)| name.starts_with("OPENCASHIER_") && name.contains("__"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    assert!(variables.len() >= 9, "{variables:?}");
    let problems = Config::parse([], variables).unwrap_err().problems;
    for problem in problems {
        assert!(!problem.contains("there is no such"), "{problem}");
    }
}

#[test]
fn the_unit_hands_over_each_secret_that_the_sample_names() {
    let (unit, sample) = (read("merchant.service"), read("merchant.toml"));
    let credentials = sample.lines().filter_map(|line| {
        let (_, path) = line.split_once(" = \"/run/credentials/opencashier-merchant.service/")?;
        path.strip_suffix('"')
    });
    let credentials: Vec<_> = credentials.collect();
    assert!(credentials.len() >= 6, "{credentials:?}");
    for name in credentials {
        assert!(unit.contains(&format!("\nLoadCredential={name}:")), "{name}");
    }
}

#[test]
fn the_unit_and_the_container_wait_for_as_long_as_a_stop_takes() {
    let seconds = |text: &str, setting: &str| -> u32 {
        let after = text.lines().find_map(|line| line.trim().strip_prefix(setting)).unwrap();
        after.trim_end_matches('s').parse().unwrap()
    };
    // docs/operations.md: `server.drain_s`, and 20 s more.
    let stop = seconds(&read("merchant.toml"), "drain_s = ") + 20;
    assert!(seconds(&read("merchant.service"), "TimeoutStopSec=") > stop);
    assert!(seconds(&read("compose.yaml"), "stop_grace_period: ") > stop);
}

#[test]
fn the_proxy_buffers_no_event_stream_and_forwards_the_shoppers_address() {
    let (nginx, shared) = (read("nginx.conf"), read("nginx-proxy.conf"));
    let start = nginx.find("/events)$ {").unwrap();
    let end = start + nginx[start..].find('}').unwrap();
    assert!(nginx[start..end].contains("proxy_buffering off;"));
    assert!(shared.contains("proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"));
    assert!(nginx.contains("MP_verify_"), "the file that WeChat looks for");
}
