//! Random words, drawn from the kernel at start: keys that nobody outside may guess.

use std::cell::RefCell;
use std::fs::File;
use std::io::Read;

use anyhow::Context;

/// A source of secrets.
pub(crate) struct Secrets {
    source: RefCell<File>,
    hash_key: [u64; 2],
}

impl Secrets {
    /// Opens the source.
    pub(crate) fn open() -> anyhow::Result<Self> {
        let mut source = File::open("/dev/urandom").context("/dev/urandom: no randomness for keys")?;
        let hash_key = [read(&mut source)?, read(&mut source)?].map(u64::from_ne_bytes);
        Ok(Self { source: RefCell::new(source), hash_key })
    }

    /// The key that flows are hashed under; one for the daemon.
    pub(crate) fn hash_key(&self) -> [u64; 2] {
        self.hash_key
    }

    /// A fresh word.
    pub(crate) fn word(&self) -> anyhow::Result<u64> {
        Ok(u64::from_ne_bytes(read(&mut self.source.borrow_mut())?))
    }

    /// Keys for the owner function, as many as are wanted.
    pub(crate) fn keys(&self) -> impl Iterator<Item = [u8; 40]> + '_ {
        std::iter::repeat_with(|| read(&mut self.source.borrow_mut())).map_while(Result::ok)
    }
}

fn read<const N: usize>(source: &mut File) -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    source.read_exact(&mut bytes).context("/dev/urandom cannot be read")?;
    Ok(bytes)
}
