//! Deny and allow lists: docs/spec/ipc.md §5.6. Both have the same entries.

use std::net::IpAddr;

use zerocopy::big_endian::U16 as B16;

use crate::body::{self, Body, Record};
use crate::field::{self, RawAddr, raw_addr};
use crate::{Family, Malformed, Protocol, Text};

layout! {
    RawAccess = "dp_vs_blklst_conf", 68 {
        vaddr: RawAddr,
        vport: B16,
        proto: u8,
        af: u8,
        subject: RawAddr,
        ipset: [u8; 32],
    }
}

/// An entry: a client of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Access {
    /// The service's address.
    pub vaddr: IpAddr,
    /// Its port.
    pub vport: u16,
    /// Its protocol.
    pub proto: Protocol,
    /// The client, of the same family; all zero where a set is meant.
    pub subject: IpAddr,
    /// A set of clients, or empty.
    pub ipset: Text<32>,
}

impl Record for Access {
    type Raw = RawAccess;

    fn from_raw(raw: &RawAccess) -> Result<Self, Malformed> {
        Ok(Self {
            vaddr: field::addr("af", raw.af.into(), &raw.vaddr)?,
            vport: raw.vport.get(),
            proto: Protocol(raw.proto),
            subject: field::addr("af", raw.af.into(), &raw.subject)?,
            ipset: Text::from_raw("ipset", &raw.ipset)?,
        })
    }

    fn to_raw(&self) -> RawAccess {
        let [af, ..] = Family::of(Some(self.vaddr)).number().to_le_bytes();
        RawAccess {
            vaddr: raw_addr(Some(self.vaddr)),
            vport: self.vport.into(),
            proto: self.proto.0,
            af,
            subject: raw_addr(Some(self.subject)),
            ipset: self.ipset.to_raw(),
        }
    }
}

/// All entries of all services (ids 76 and 80): addresses first, then sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessList(pub Vec<Access>);

impl Body for AccessList {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        Ok(Self(body::counted_rows("naddr", bytes)?))
    }

    fn encode(&self, out: &mut Vec<u8>) {
        body::encode_counted_rows(&self.0, out);
    }
}
