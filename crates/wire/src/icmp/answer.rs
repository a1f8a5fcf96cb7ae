//! ICMP messages of our own making: an echo reply out of its request, and errors that quote a packet.
//! docs/spec/netstack.md §5.5.

use zerocopy::{FromBytes, IntoBytes};

use super::{HEADER_LEN, Icmp, Message, PROTO, View, kind, unreachable};
use crate::U16;
use crate::addr::Addr4;
use crate::checksum::{Checksum, Sum};
use crate::ip::{Ipv4, v4};
use crate::parse::Malformed;

/// Turns an echo request into its reply, in place. `packet` starts at the IPv4 header and ends with the packet.
///
/// TOS and data stay; the TTL is our own and options are blanked. Both checksums follow by difference, so a packet that was
/// damaged before stays so. `None` (and no change): it is no echo request.
pub fn echo(packet: &mut [u8], id: u16) -> Option<()> {
    let view = v4::View::parse(packet).ok()?;
    let is_request = view.header().proto == PROTO
        && !view.is_later_fragment()
        && matches!(View::parse(view.payload()).ok()?.message(), Message::EchoRequest { .. });
    let header_len = is_request.then(|| view.header().header_len())?;

    let (header, message) = packet.split_at_mut_checked(header_len)?;
    let before = Sum::ZERO.plus_bytes(header).fold();
    let (fixed, options) = Ipv4::mut_from_prefix(header).ok()?;
    (fixed.src, fixed.dst) = (fixed.dst, fixed.src);
    (fixed.ttl, fixed.id) = (v4::TTL, U16::new(id));
    options.fill(1); // no operation
    let change = Sum::ZERO.plus_bytes(header).minus(before);
    Ipv4::mut_from_prefix(header).ok()?.0.checksum.apply(change);

    let (icmp, _) = Icmp::mut_from_prefix(message).ok()?;
    let first_word = |icmp: &Icmp| u16::from_ne_bytes([icmp.kind, icmp.code]);
    let before = first_word(icmp);
    icmp.kind = kind::ECHO_REPLY;
    let change = Sum::ZERO.minus(before).plus(first_word(icmp));
    icmp.checksum.apply(change);
    Some(())
}

/// What to report of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// It ran out of hops.
    TimeExceeded,
    /// It is longer than `mtu` and must not be fragmented.
    FragmentationNeeded {
        /// What would have passed.
        mtu: u16,
    },
    /// It cannot be delivered.
    Unreachable {
        /// See [`mod@unreachable`].
        code: u8,
    },
}

impl Error {
    fn header(self) -> Icmp {
        let (kind, code, mtu) = match self {
            Self::TimeExceeded => (kind::TIME_EXCEEDED, 0, 0),
            Self::FragmentationNeeded { mtu } => (kind::UNREACHABLE, unreachable::FRAGMENTATION_NEEDED, mtu),
            Self::Unreachable { code } => (kind::UNREACHABLE, code, 0),
        };
        Icmp { kind, code, checksum: Checksum::default(), rest: [U16::ZERO, U16::new(mtu)] }
    }
}

/// Whether an error about `packet` may be sent (RFC 1122 §3.2.2): not about what went to or came from more than one host or
/// nobody, not about a later fragment, and of ICMP only about echo requests. Whether it came to us alone on the link, the caller
/// knows.
#[must_use]
pub fn is_reportable(packet: &v4::View<'_>) -> bool {
    let Ipv4 { src, dst, proto, .. } = packet.header();
    let one_host = |addr: &Addr4| !matches!(addr.0, [224..=255, ..] | [0, ..] | [127, ..]);
    let asks = || View::parse(packet.payload()).is_ok_and(|icmp| icmp.header().kind == kind::ECHO_REQUEST);
    one_host(src) && one_host(dst) && !packet.is_later_fragment() && (*proto != PROTO || asks())
}

/// Headers that [`error`] writes before the quote.
pub const ERROR_HEADERS: usize = v4::HEADER_LEN + HEADER_LEN;
/// No error is longer (RFC 1812 §4.3.2.3).
pub const MAX_ERROR: usize = 576;

/// Writes an error about `packet` from `from` into `out`, IPv4 header included, and returns its length. As much is quoted as fits
/// into [`MAX_ERROR`], `mtu` and `out`. [`Malformed::Truncated`]: `out` has no room for the headers and a useful quote.
pub fn error(
    out: &mut [u8],
    error: Error,
    packet: &v4::View<'_>,
    from: Addr4,
    id: u16,
    mtu: u16,
) -> Result<usize, Malformed> {
    let room = out.len().min(MAX_ERROR).min(mtu.into()).checked_sub(ERROR_HEADERS);
    let quote = packet.packet();
    let quote = &quote[..room.ok_or(Malformed::Truncated)?.min(quote.len())];
    if quote.len() < packet.packet().len().min(packet.header().header_len() + 8) {
        return Err(Malformed::Truncated);
    }
    let len = ERROR_HEADERS + quote.len();
    let (header, message) = out[..len].split_at_mut(v4::HEADER_LEN);
    v4::Repr {
        tos: packet.header().tos & 0x1e | 0xc0,
        id,
        fragment: 0,
        ttl: v4::TTL,
        proto: PROTO,
        src: from,
        dst: packet.header().src,
        payload_len: u16::try_from(message.len()).map_err(|_| Malformed::Truncated)?,
    }
    .emit(header.first_chunk_mut().ok_or(Malformed::Truncated)?);
    let mut icmp = error.header();
    icmp.checksum = Checksum::new(Sum::ZERO.plus_bytes(icmp.as_bytes()).plus_bytes(quote));
    message[..HEADER_LEN].copy_from_slice(icmp.as_bytes());
    message[HEADER_LEN..].copy_from_slice(quote);
    Ok(len)
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    const US: Addr4 = Addr4([192, 0, 2, 1]);
    const THEM: Addr4 = Addr4([10, 0, 0, 9]);

    /// A packet of THEM to US with `options` and `payload`.
    fn packet(proto: u8, options: &[u8], payload: &[u8]) -> Vec<u8> {
        let mut header = [0; v4::HEADER_LEN];
        let payload_len = u16::try_from(options.len() + payload.len()).expect("short");
        let (tos, id, ttl) = (0xb9, 7, 3);
        v4::Repr { tos, id, fragment: 0, ttl, proto, src: THEM, dst: US, payload_len }.emit(&mut header);
        header[0] += u8::try_from(options.len() / 4).expect("few");
        header[10..12].fill(0);
        let mut packet = [&header, options, payload].concat();
        let checksum = Checksum::new(Sum::ZERO.plus_bytes(&packet[..v4::HEADER_LEN + options.len()]));
        packet[10..12].copy_from_slice(checksum.as_bytes());
        packet
    }

    fn echo_request(data: &[u8]) -> Vec<u8> {
        let mut message = [b"\x08\0\0\0\x12\x34\0\x01", data].concat();
        let checksum = Checksum::new(Sum::ZERO.plus_bytes(&message));
        message[2..4].copy_from_slice(checksum.as_bytes());
        message
    }

    #[test]
    fn the_reply_is_right_in_every_byte() {
        for options in [&[][..], &[0x07, 0x07, 0x04, 0, 0, 0, 0, 0]] {
            let mut packet = packet(PROTO, options, &echo_request(b"abcde"));
            let padding = packet.len();
            packet.extend([0xee; 10]);
            echo(&mut packet, 0xbeef).expect("an echo request");
            assert_eq!(packet[padding..], [0xee; 10]);
            let view = v4::View::parse(&packet).expect("whole");
            assert!(view.checksum_holds());
            let Ipv4 { src, dst, tos, ttl, id, .. } = *view.header();
            assert_eq!((src, dst, tos, ttl, id.get()), (US, THEM, 0xb9, 64, 0xbeef));
            assert!(view.options().iter().all(|&option| option == 1));
            let reply = View::parse(view.payload()).expect("whole");
            assert_eq!(reply.message(), Message::EchoReply { id: 0x1234, seq: 1 });
            assert!(reply.checksum_holds());
            assert_eq!(reply.body(), b"abcde");
        }
    }

    #[test]
    fn what_is_no_request_stays_as_it_is() {
        let reply = packet(PROTO, &[], b"\0\0\0\0\x12\x34\0\x01");
        let other = packet(17, &[], &echo_request(b""));
        let short = packet(PROTO, &[], b"\x08\0\0\0\0\0\0");
        let mut fragment = packet(PROTO, &[], &echo_request(b""));
        fragment[7] = 1;
        for mut packet in [reply, other, short, fragment, Vec::new()] {
            let before = packet.clone();
            assert_eq!(echo(&mut packet, 1), None);
            assert_eq!(packet, before);
        }
    }

    #[test]
    fn errors_quote_as_much_as_fits() {
        let long = packet(17, &[], &[0x5a; 1400]);
        let short = packet(17, &[], b"\x13\x88\x00\x35\0\x08\0\0");
        for (packet, mtu, len) in [(&long, 1500, 576), (&long, 300, 300), (&short, 1500, 56)] {
            let view = v4::View::parse(packet).expect("whole");
            for (what, message) in [
                (Error::TimeExceeded, Message::TimeExceeded { code: 0 }),
                (Error::FragmentationNeeded { mtu: 1400 }, Message::FragmentationNeeded { mtu: 1400 }),
                (Error::Unreachable { code: 3 }, Message::Unreachable { code: 3 }),
            ] {
                let mut out = [0xee; 1500];
                assert_eq!(error(&mut out, what, &view, US, 9, mtu), Ok(len));
                let sent = v4::View::parse(&out).expect("whole");
                assert!(sent.checksum_holds());
                assert_eq!((sent.packet().len(), sent.header().tos), (len, 0xd8));
                assert_eq!((sent.header().src, sent.header().dst), (US, THEM));
                let icmp = View::parse(sent.payload()).expect("whole");
                assert!(icmp.checksum_holds());
                assert_eq!(icmp.message(), message);
                assert_eq!(icmp.body(), &packet[..len - 28]);
                assert!(icmp.quoted().expect("a header").flow().is_some());
            }
        }
    }

    #[test]
    fn an_error_needs_room_for_a_useful_quote() {
        let packet = packet(17, &[], &[0; 100]);
        let view = v4::View::parse(&packet).expect("whole");
        for len in 0..100 {
            let mut out = [0; 100];
            let made = error(&mut out[..len], Error::TimeExceeded, &view, US, 9, 1500);
            assert_eq!(made, if len >= 56 { Ok(len) } else { Err(Malformed::Truncated) });
        }
    }

    #[test]
    fn not_everything_is_reported() {
        let good = packet(17, &[], b"");
        let reportable = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut packet = good.clone();
            change(&mut packet);
            is_reportable(&v4::View::parse(&packet).expect("whole"))
        };
        assert!(reportable(&|_| {}));
        for addr in [[224, 0, 0, 5], [255; 4], [0; 4], [127, 0, 0, 1]] {
            assert!(!reportable(&|packet| packet[12..16].copy_from_slice(&addr)), "from {addr:?}");
            assert!(!reportable(&|packet| packet[16..20].copy_from_slice(&addr)), "to {addr:?}");
        }
        assert!(reportable(&|packet| packet[6] = 0x20), "a first fragment");
        assert!(!reportable(&|packet| packet[7] = 1), "a later fragment");
        let of =
            |message: &[u8]| is_reportable(&v4::View::parse(&packet(PROTO, &[], message)).expect("whole"));
        assert!(of(&echo_request(b"x")));
        assert!(!of(b"\x0b\0\0\0\0\0\0\0") && !of(b"\0\0\0\0\0\0\0\0") && !of(b"\x08"));
    }

    proptest! {
        #[test]
        fn arbitrary_packets_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 28..100), ihl in 0x45u8..0x50) {
            let len = u16::try_from(bytes.len()).expect("short");
            bytes[0] = ihl;
            bytes[2..4].copy_from_slice(&len.to_be_bytes());
            (bytes[6], bytes[7], bytes[9]) = (0, 0, PROTO);
            let mut out = [0; 600];
            if let Ok(view) = v4::View::parse(&bytes) {
                let _ = (is_reportable(&view), error(&mut out, Error::TimeExceeded, &view, US, 1, 1500));
            }
            let _ = echo(&mut bytes, 1);
        }
    }
}
