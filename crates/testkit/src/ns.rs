//! A network namespace, there as long as the value is.

use crate::error::LabError;
use crate::run::{Output, run, run_with};

#[derive(Debug)]
pub(crate) struct Namespace {
    name: String,
}

impl Namespace {
    /// Makes it, with forwarding off: a new namespace inherits the host's.
    pub(crate) fn create(name: String) -> Result<Self, LabError> {
        ip(&["netns", "add", &name])?.ok()?;
        let made = Self { name };
        made.sh(QUIET)?;
        Ok(made)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The command that runs `argv` inside.
    pub(crate) fn command<S: AsRef<str>>(&self, argv: impl IntoIterator<Item = S>) -> Vec<String> {
        let mut command = ["ip", "netns", "exec", &self.name].map(str::to_owned).to_vec();
        command.extend(argv.into_iter().map(|word| word.as_ref().to_owned()));
        command
    }

    /// A script of the shell's, which must succeed.
    pub(crate) fn sh(&self, script: &str) -> Result<Output, LabError> {
        run(&self.command(["sh", "-ec", script]))?.ok()
    }

    /// Lines for `ip -batch`, which must all succeed.
    pub(crate) fn ip_batch(&self, lines: &[String]) -> Result<(), LabError> {
        let argv = ["ip", "-n", &self.name, "-batch", "-"].map(str::to_owned);
        run_with(&argv, &[], &(lines.join("\n") + "\n"))?.ok()?;
        Ok(())
    }

    /// What `ip` says inside.
    pub(crate) fn ip(&self, words: &[&str]) -> Result<String, LabError> {
        Ok(ip(&[&["-n", &self.name], words].concat())?.ok()?.stdout)
    }
}

const QUIET: &str = "
cd /proc/sys/net
echo 0 > ipv4/ip_forward
for f in ipv4/conf/*/rp_filter; do echo 0 > $f; done
if [ -d ipv6 ]; then
    echo 0 > ipv6/conf/all/forwarding
    for f in ipv6/conf/*/disable_ipv6; do echo 1 > $f; done
fi
";

pub(crate) fn ip(words: &[&str]) -> Result<Output, LabError> {
    let argv: Vec<String> = [&["ip"], words].concat().into_iter().map(str::to_owned).collect();
    run(&argv)
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let deleted = ip(&["netns", "del", &self.name]);
        if let Err(error) = deleted.and_then(Output::ok) {
            eprintln!("namespace {} stays behind: {error}", self.name);
        }
    }
}
