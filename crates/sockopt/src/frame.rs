//! The headers of a request (24 bytes) and of a reply (88 bytes): docs/spec/ipc.md §2.2, §2.3. Pure bytes, no socket.

use zerocopy::little_endian::{I32, U32, U64};
use zerocopy::{FromBytes, IntoBytes};

use crate::body::to_vec;
use crate::{Body, Code, Id, Kind, Malformed};

/// The only version there is; it has never changed, though layouts did (§8).
pub const VERSION: u32 = 0x0001_0000;
/// Bytes of a request's header.
pub const REQUEST_HEADER: usize = size_of::<RequestHeader>();
/// Bytes of a reply's header.
pub const REPLY_HEADER: usize = size_of::<ReplyHeader>();
/// The longest body of a request that a server reads (§2.6).
pub const MAX_REQUEST_BODY: u64 = 16 << 20;
/// The longest body of a reply: readers take its length for 32 bits (§2.3).
pub const MAX_REPLY_BODY: u64 = u32::MAX as u64;

layout! {
    RequestHeader = "dpvs_sock_msg", 24 {
        version: U32,
        id: U32,
        type_: U32,
        pad: U32,
        len: U64,
    }
}

layout! {
    ReplyHeader = "dpvs_sock_msg_reply", 88 {
        version: U32,
        id: U32,
        type_: U32,
        errcode: I32,
        errstr: [u8; 64],
        len: U64,
    }
}

impl RequestHeader {
    /// The header of a request with a body of `len` bytes.
    #[must_use]
    pub fn new(id: Id, len: usize) -> Self {
        Self {
            version: VERSION.into(),
            id: id.number().into(),
            type_: id.kind().number().into(),
            pad: 0.into(),
            len: (len as u64).into(),
        }
    }

    /// The kind, if it is one.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        Kind::from_number("type", self.type_.get()).ok()
    }
}

impl ReplyHeader {
    /// The header of the reply to `request`. Only [`Code::Ok`] has a body: of anything else a reader takes none (§2.4).
    #[must_use]
    pub fn answer(request: &RequestHeader, code: Code, len: usize) -> Self {
        let mut errstr = [0; 64];
        errstr[..code.text().len()].copy_from_slice(code.text().as_bytes());
        Self {
            version: VERSION.into(),
            id: request.id,
            type_: request.type_,
            errcode: code.as_i32().into(),
            errstr,
            len: if code == Code::Ok { len as u64 } else { 0 }.into(),
        }
    }

    /// Code, and its text as the daemon sent it.
    #[must_use]
    pub fn error(&self) -> (Code, String) {
        let end = self.errstr.iter().position(|&b| b == 0).unwrap_or(self.errstr.len());
        (Code::from_i32(self.errcode.get()), String::from_utf8_lossy(&self.errstr[..end]).into_owned())
    }
}

/// A whole request: header and body.
#[must_use]
pub fn request(id: Id, body: &impl Body) -> Vec<u8> {
    let body = to_vec(body);
    let mut message = RequestHeader::new(id, body.len()).as_bytes().to_vec();
    message.extend_from_slice(&body);
    message
}

/// Reads a request's header.
///
/// # Errors
/// Too short.
pub fn request_header(bytes: &[u8]) -> Result<RequestHeader, Malformed> {
    let short = Malformed::Short { what: "request header", need: REQUEST_HEADER, have: bytes.len() };
    RequestHeader::read_from_prefix(bytes).map(|(header, _)| header).map_err(|_| short)
}

/// Reads a reply's header.
///
/// # Errors
/// Too short, or a version that is not ours. The id and the type are not looked at: upstream spoils them in one case (§2.3).
pub fn reply_header(bytes: &[u8]) -> Result<ReplyHeader, Malformed> {
    let short = Malformed::Short { what: "reply header", need: REPLY_HEADER, have: bytes.len() };
    let (header, _) = ReplyHeader::read_from_prefix(bytes).map_err(|_| short)?;
    if header.errcode.get() == 0 && header.version.get() != VERSION {
        let value = header.version.get().into();
        return Err(Malformed::Value { field: "version", value, expected: "65536 (0x10000)" });
    }
    Ok(header)
}
