//! Runs the benches of `bench/`: the widget beside its peers, memory growth, time to start,
//! the backend under load, and its worker at slow gateways.

use std::process::Command;

use crate::paths::Paths;
use crate::setup::{self, BenchTools};
use crate::step::{self, Failure};
use crate::{build, servers};

/// Builds what the bench measures and runs it with its arguments.
///
/// # Errors
/// There is no such bench, or it failed.
pub(crate) fn run(paths: &Paths, arguments: &[String]) -> Result<(), Failure> {
    let usage = || Failure::new(format!("name a bench\n\n{USAGE}"));
    let (name, rest) = arguments.split_first().ok_or_else(usage)?;
    let bench = BENCHES.iter().find(|bench| bench.name == name).ok_or_else(usage)?;
    let build_tools = setup::for_build(paths)?;
    let BenchTools { test_modules, bench_modules, browser } = setup::for_bench(paths)?;
    if bench.needs_widget {
        build::run(paths)?;
    }
    if bench.needs_servers {
        servers::build_release(paths)?;
    }
    let mut out = paths.cache.join("bench");
    if bench.name == "smoke" {
        // Its figures mean nothing and must not overwrite others.
        out.push("smoke");
    }
    let mut node = Command::new("node");
    node.current_dir(&paths.root)
        .arg(paths.root.join("bench").join(bench.script))
        .args(rest)
        .env("OPENCASHIER_BIN_DIR", servers::release_bin_dir(paths))
        .env("OPENCASHIER_BUILD_MODULES", build_tools.node_modules)
        .env("OPENCASHIER_NODE_MODULES", test_modules)
        .env("OPENCASHIER_BENCH_MODULES", bench_modules)
        .env("OPENCASHIER_CHROMIUM", browser.chromium)
        .env("OPENCASHIER_BENCH_OUT", out)
        .env("OPENCASHIER_E2E_OUT", paths.cache.join("e2e"));
    step::run(&mut node, "install Node.js 20 or newer")
}

struct Bench {
    name: &'static str,
    script: &'static str,
    needs_widget: bool,
    needs_servers: bool,
}

// The merchant reads its selector from the built widget at the start.
const BENCHES: [Bench; 6] = [
    Bench { name: "peers", script: "peers.mjs", needs_widget: true, needs_servers: false },
    Bench { name: "growth", script: "growth.mjs", needs_widget: true, needs_servers: false },
    Bench { name: "start", script: "start.mjs", needs_widget: true, needs_servers: true },
    Bench { name: "backend", script: "backend.mjs", needs_widget: true, needs_servers: true },
    Bench { name: "worker", script: "worker.mjs", needs_widget: true, needs_servers: true },
    Bench { name: "smoke", script: "smoke.mjs", needs_widget: true, needs_servers: true },
];

const USAGE: &str = "\
cargo xtask bench <bench> [options] [--write docs/performance.md]

  peers    [--rounds N] [--limit MINUTES] [--conditions none,slow-4g,3g] [--peers A,B …] [--chain-rounds N]
  growth   [--mounts N] [--paid-mounts N] [--widgets 1,10,100] [--minutes N]
  start    [--rounds N] [--traces N] [--minutes N]
  backend  [--shoppers N] [--seconds N] [--connections N] [--notifications N] [--rate N] [--profile]
           [--database sqlite|postgres] [--instances 1,2,3]
  worker   [--shoppers N] [--latencies 50,300,3000] [--seconds N] [--hang SECONDS] [--events N]
  smoke    a short run of each, to test that they work";
