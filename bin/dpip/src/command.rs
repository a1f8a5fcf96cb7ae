//! The second word of a line: what is to be done with an object (docs/spec/cli.md §2.3).

/// What is to be done with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table below says it")]
pub enum Command {
    Create,
    Destroy,
    Enable,
    Disable,
    Add,
    Del,
    Set,
    Show,
    Replace,
    Flush,
    Test,
    Help,
}

/// The words for it.
pub const COMMANDS: &[(&str, Command)] = &[
    ("create", Command::Create),
    ("destroy", Command::Destroy),
    ("enable", Command::Enable),
    ("disable", Command::Disable),
    ("add", Command::Add),
    ("del", Command::Del),
    ("set", Command::Set),
    ("change", Command::Set),
    ("show", Command::Show),
    ("list", Command::Show),
    ("replace", Command::Replace),
    ("flush", Command::Flush),
    ("test", Command::Test),
    ("help", Command::Help),
];
