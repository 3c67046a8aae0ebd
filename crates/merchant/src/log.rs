//! The program's log, to stderr: its filter and its format, from the environment.

use std::env::VarError;

use merchant::AlarmCounter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

/// The running log; [`Log::stop`] sends what is left of the traces.
#[derive(Debug, Default)]
pub(crate) struct Log {
    #[cfg(feature = "otlp")]
    traces: Option<merchant::Traces>,
}

/// Starts the log as `OPENCASHIER_LOG` and `OPENCASHIER_LOG_FORMAT` say, the count of its alarms,
/// and the export of traces.
///
/// # Errors
/// Names the variable whose value is not understood. The log would be silent with it, alarms too.
pub(crate) fn start() -> Result<Log, String> {
    let filter = filter(&variable(FILTER)?)?;
    let format = variable(FORMAT)?;
    let printed = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let printed = match format.as_str() {
        "" | "text" => printed.boxed(),
        "json" => printed.json().boxed(),
        _ => {
            return Err(format!(
                "{FORMAT}: `{}` is unknown; set text or json",
                format.escape_debug()
            ));
        }
    };
    // Alarms are counted whatever is printed, and before: who reads the line finds it counted.
    let log = tracing_subscriber::registry()
        .with(AlarmCounter.with_filter(LevelFilter::WARN))
        .with(printed.with_filter(filter));
    #[cfg(feature = "otlp")]
    {
        let traces = merchant::Traces::start()?;
        log.with(traces.as_ref().map(merchant::Traces::layer)).init();
        Ok(Log { traces })
    }
    #[cfg(not(feature = "otlp"))]
    {
        log.init();
        Ok(Log::default())
    }
}

impl Log {
    /// Sends what is left of the traces. Blocks, while the runtime still runs.
    pub(crate) fn stop(self) {
        #[cfg(feature = "otlp")]
        if let Some(traces) = self.traces {
            traces.stop();
        }
    }
}

/// Returns the filter of a list of directives, over the level `info`.
fn filter(directives: &str) -> Result<EnvFilter, String> {
    // tracing-subscriber takes a word that is no level for the name of a module, and then logs
    // nothing else.
    let is_level_or_rule = |directive: &str| {
        directive.contains(['=', '[', ']', '{', '}']) || directive.parse::<LevelFilter>().is_ok()
    };
    let words: Vec<_> =
        directives.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    let refuse = |value: &str| {
        format!(
            "{FILTER}: `{}` is not understood; set error, warn, info, debug, trace or off, and after it modules with a level of their own, such as info,hyper=debug",
            value.escape_debug()
        )
    };
    if let Some(word) = words.iter().find(|word| !is_level_or_rule(word)) {
        return Err(refuse(word));
    }
    // A level in the directives replaces this one. The pool warns of each connection that ends, and the
    // outage has a line of ours.
    EnvFilter::try_new(format!("info,deadpool=error,{}", words.join(",")))
        .map_err(|_| refuse(directives))
}

/// Returns a variable of the environment; empty if it is not set.
fn variable(name: &str) -> Result<String, String> {
    match std::env::var(name) {
        Ok(value) => Ok(value),
        Err(VarError::NotPresent) => Ok(String::new()),
        Err(VarError::NotUnicode(_)) => Err(format!("{name}: is not UTF-8")),
    }
}

const FILTER: &str = "OPENCASHIER_LOG";
const FORMAT: &str = "OPENCASHIER_LOG_FORMAT";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_over_info_unless_it_has_a_level() {
        for (directives, expected) in [
            ("", "deadpool=error,info"),
            ("warn", "deadpool=error,warn"),
            ("OFF", "deadpool=error,off"),
            ("hyper=debug", "deadpool=error,hyper=debug,info"),
            ("debug, deadpool=warn", "deadpool=warn,debug"),
        ] {
            assert_eq!(filter(directives).unwrap().to_string(), expected, "{directives}");
        }
    }

    #[test]
    fn a_word_that_is_no_level_is_refused() {
        for directives in ["verbose", "info,merchnat", "merchant=chatty", "warn info"] {
            let problem = filter(directives).unwrap_err();
            assert!(problem.starts_with("OPENCASHIER_LOG: "), "{directives}: {problem}");
        }
    }
}
