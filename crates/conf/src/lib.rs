//! Lexer, grammar helpers and diagnostics of configuration files.
#![forbid(unsafe_code)]
