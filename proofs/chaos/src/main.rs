//! The program: `chaos --seed N --checkouts M [--at-once K] [--speed S]
//! [--gateway-ms G] [--database sqlite|postgres] [--instances I] [--only I] [--folder DIR]`.

use std::io::Write as _;
use std::process::ExitCode;

use chaos::{Options, Store};

const USAGE: &str =
    "usage: chaos --seed N --checkouts M [--at-once K] [--speed S] [--gateway-ms G] [--only I]
             [--database sqlite|postgres] [--instances K] [--folder DIR]
  --at-once  orders that are served at once (192)
  --speed    milliseconds of the run per real millisecond (5)
  --gateway-ms  delay of a gateway's answer, in milliseconds of the run (300)
  --database sqlite, a file (the default), or postgres, a cluster of the run's own
  --instances  of the backend, behind a round robin (1); more than one need postgres
  --only     serve only this order of the run, and trace its shoppers
  --folder   folder of the backend's files";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.split_first() {
        Some((role, rest)) if role == chaos::ROLE => chaos::serve(rest).map(|()| true),
        _ => options(&arguments).and_then(|options| run(&options)),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "{message}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> Result<bool, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let mut out = std::io::stdout();
    let running = chaos::run(options, &mut out);
    runtime.block_on(running).map_err(|broken| broken.to_string())
}

fn options(arguments: &[String]) -> Result<Options, String> {
    let mut options = Options {
        seed: 1,
        checkouts: 200,
        at_once: 192,
        speed: 5,
        gateway_ms: 300,
        store: Store::Sqlite,
        instances: 1,
        only: None,
        folder: None,
    };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let value = arguments.next().ok_or(USAGE)?;
        let number =
            || value.parse::<u32>().map_err(|error| format!("{argument} {value}: {error}"));
        match argument.as_str() {
            "--seed" => options.seed = number()?.into(),
            "--checkouts" => options.checkouts = number()?,
            "--at-once" => options.at_once = number()?.max(1),
            "--speed" => options.speed = number()?.max(1).into(),
            "--gateway-ms" => options.gateway_ms = number()?.into(),
            "--database" => options.store = store(value)?,
            "--instances" => options.instances = number()?.max(1),
            "--only" => options.only = Some(number()?),
            "--folder" => options.folder = Some(value.into()),
            _ => return Err(format!("`{argument}` is not a known option\n{USAGE}")),
        }
    }
    if options.instances > 1 && options.store == Store::Sqlite {
        return Err(format!("more than one instance need --database postgres\n{USAGE}"));
    }
    Ok(options)
}

fn store(name: &str) -> Result<Store, String> {
    match name {
        "sqlite" => Ok(Store::Sqlite),
        "postgres" => Ok(Store::Postgres),
        _ => Err(format!("--database is sqlite or postgres, not {name}\n{USAGE}")),
    }
}
