//! The results, as text and as JUnit XML.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report as JUnit, TestCase, TestCaseStatus, TestSuite};

use crate::failure::{Checked, Failure};

/// The result of one rule.
#[derive(Debug)]
pub(crate) struct RuleResult {
    pub(crate) name: &'static str,
    /// The rule in one sentence.
    pub(crate) sentence: &'static str,
    pub(crate) took: Duration,
    pub(crate) outcome: Checked,
}

/// The results of a run, in the order of the rules.
#[derive(Debug, Default)]
pub(crate) struct Report(pub(crate) Vec<RuleResult>);

impl Report {
    /// True if no rule is broken.
    pub(crate) fn is_passed(&self) -> bool {
        !self.0.iter().any(|result| matches!(result.outcome, Err(Failure::Broken(_))))
    }

    /// Writes the results for a build server.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn write_junit(&self, path: &Path) -> io::Result<()> {
        let mut suite = TestSuite::new("merchant API");
        for RuleResult { name, sentence, took, outcome } in &self.0 {
            let status = match outcome {
                Ok(()) => TestCaseStatus::success(),
                Err(Failure::NotChecked(why)) => {
                    let mut status = TestCaseStatus::skipped();
                    status.set_message(why.as_str());
                    status
                }
                Err(Failure::Broken(how)) => {
                    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                    status.set_message(format!("{sentence} {how}"));
                    status
                }
            };
            let mut case = TestCase::new(*name, status);
            case.set_time(*took);
            suite.add_test_case(case);
        }
        let mut report = JUnit::new("opencashier-conformance");
        report.add_test_suite(suite);
        report.serialize(File::create(path)?).map_err(io::Error::other)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut passed, mut failed, mut left_out) = (0_u32, 0_u32, 0_u32);
        for RuleResult { name, sentence, outcome, .. } in &self.0 {
            match outcome {
                Ok(()) => {
                    passed += 1;
                    writeln!(f, "ok        {name}: {sentence}")?;
                }
                Err(Failure::NotChecked(why)) => {
                    left_out += 1;
                    writeln!(f, "left out  {name}: {why}")?;
                }
                Err(Failure::Broken(how)) => {
                    failed += 1;
                    writeln!(f, "BROKEN    {name}: {sentence}\n          {how}")?;
                }
            }
        }
        write!(f, "\n{passed} passed, {failed} broken, {left_out} left out")
    }
}
