//! What the daemon answers: docs/spec/ipc.md §3. One table gives number, name and text.

use std::fmt;

macro_rules! codes {
    ($($name:ident = $number:literal, $text:literal;)+) => {
        /// The `errcode` of a reply.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = concat!("`", stringify!($number), "`: ", $text, ".")] $name,)+
            /// A code that no release knows. Only a client meets it.
            Other(i32),
        }

        impl Code {
            /// All that have a text.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The code of this number.
            #[must_use]
            pub const fn from_i32(number: i32) -> Self {
                match number { $($number => Self::$name,)+ other => Self::Other(other) }
            }

            /// The number in the message.
            #[must_use]
            pub const fn as_i32(self) -> i32 {
                match self { $(Self::$name => $number,)+ Self::Other(other) => other }
            }

            /// The text in the message, at most 63 bytes; the one for strangers is spelled as upstream spells it.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)+ Self::Other(_) => "<unknow>" }
            }
        }
    };
}

codes! {
    InProgress = 2, "in progress";
    KniContinue = 1, "kni to continue";
    Ok = 0, "OK";
    Invalid = -1, "invalid parameter";
    NoMemory = -2, "no memory";
    Exist = -3, "already exist";
    NotExist = -4, "not exist";
    InvalidPacket = -5, "invalid packet";
    Drop = -6, "packet dropped";
    NoProtocol = -7, "no protocol";
    NoRoute = -8, "no route";
    Defrag = -9, "defragment error";
    Frag = -10, "fragment error";
    DpdkApi = -11, "failed dpdk api";
    Idle = -12, "nothing to do";
    Busy = -13, "resource busy";
    NotSupported = -14, "not support";
    NoResource = -15, "no resource";
    Overload = -16, "overloaded";
    NoService = -17, "no service";
    Disabled = -18, "disabled";
    NoRoom = -19, "no room";
    NonEalCore = -20, "non-EAL thread lcore";
    Callback = -21, "callback failed";
    Io = -22, "I/O error";
    MsgFail = -23, "msg callback failed";
    MsgDrop = -24, "msg dropped";
    PacketStolen = -25, "stolen packet";
    Syscall = -26, "system call failed";
    NoDevice = -27, "no such device";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.text(), self.as_i32())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_table_is_the_specifications() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/spec/ipc-layouts.json");
        let spec: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let errors = spec["errors"].as_array().unwrap();
        assert_eq!(errors.len(), Code::ALL.len());
        for error in errors {
            let number = i32::try_from(error["code"].as_i64().unwrap()).unwrap();
            let code = Code::from_i32(number);
            assert_eq!((code.as_i32(), Value::from(code.text())), (number, error["string"].clone()));
            assert!(code.text().len() < 64);
        }
        assert_eq!(Code::from_i32(-28).text(), "<unknow>");
    }
}
