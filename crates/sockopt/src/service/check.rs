//! How a service's dests are checked, and the PROXY protocol towards them: docs/spec/ipc.md §5.1, §5.3.

use zerocopy::little_endian::U16;

use crate::Malformed;

layout! {
    RawDestCheck = "dest_check_configs", 8 {
        types: u8,
        dest_down_notice_num: u8,
        dest_up_notice_num: u8,
        dest_down_wait: u8,
        dest_inhibit_min: U16,
        dest_inhibit_max: U16,
    }
}

bitflags::bitflags! {
    /// `DEST_HC_*`: how dests are checked.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct CheckTypes: u8 {
        /// By the traffic itself.
        const PASSIVE = 1;
        /// TCP.
        const TCP = 2;
        /// UDP.
        const UDP = 4;
        /// SCTP.
        const SCTP = 8;
        /// Ping.
        const PING = 16;
        const _ = !0;
    }
}

/// Health checks of a service's dests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DestCheck {
    /// Methods.
    pub types: CheckTypes,
    /// Downs before a dest is inhibited.
    pub down_notices: u8,
    /// Ups sent after that.
    pub up_notices: u8,
    /// Seconds within which downs count.
    pub down_wait: u8,
    /// Shortest inhibition in seconds.
    pub inhibit_min: u16,
    /// Longest inhibition in seconds.
    pub inhibit_max: u16,
}

impl DestCheck {
    pub(super) fn from_raw(raw: &RawDestCheck) -> Self {
        Self {
            types: CheckTypes::from_bits_retain(raw.types),
            down_notices: raw.dest_down_notice_num,
            up_notices: raw.dest_up_notice_num,
            down_wait: raw.dest_down_wait,
            inhibit_min: raw.dest_inhibit_min.get(),
            inhibit_max: raw.dest_inhibit_max.get(),
        }
    }

    pub(super) fn to_raw(self) -> RawDestCheck {
        RawDestCheck {
            types: self.types.bits(),
            dest_down_notice_num: self.down_notices,
            dest_up_notice_num: self.up_notices,
            dest_down_wait: self.down_wait,
            dest_inhibit_min: self.inhibit_min.into(),
            dest_inhibit_max: self.inhibit_max.into(),
        }
    }
}

wire_enum! {
    /// PROXY protocol towards dests.
    ProxyVersion: "a PROXY protocol version (0, 1 or 2)" {
        /// None.
        Off = 0,
        /// The text form.
        V1 = 1,
        /// The binary form.
        V2 = 2,
    }
}

/// PROXY protocol of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProxyProtocol {
    /// Version.
    pub version: ProxyVersion,
    /// Headers of clients are taken over.
    pub insecure: bool,
}

impl Default for ProxyProtocol {
    fn default() -> Self {
        Self { version: ProxyVersion::Off, insecure: false }
    }
}

impl ProxyProtocol {
    const INSECURE: u8 = 0x10;

    pub(super) fn from_raw(raw: u8) -> Result<Self, Malformed> {
        let version = ProxyVersion::from_number("proxy_protocol", u32::from(raw & 0xf))?;
        Ok(Self { version, insecure: raw & Self::INSECURE != 0 })
    }

    pub(super) fn to_raw(self) -> u8 {
        let version = match self.version {
            ProxyVersion::Off => 0,
            ProxyVersion::V1 => 1,
            ProxyVersion::V2 => 2,
        };
        version | if self.insecure { Self::INSECURE } else { 0 }
    }
}
