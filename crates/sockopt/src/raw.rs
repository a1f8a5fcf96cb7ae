//! Structs as they lie in a message. All fields are little-endian and unaligned by type, padding is a field (`pad…`), so
//! neither alignment nor a forgotten swap can go wrong; the test at the end compares every name, offset and size with
//! docs/spec/ipc-layouts.json.

/// A struct of the specification.
pub trait Layout {
    /// Its name there.
    const NAME: &'static str;
    /// Name, offset and size of its fields. A trailing `_` avoids a keyword; those that begin with `pad` have no name there.
    const FIELDS: &'static [(&'static str, usize, usize)];
}

/// Declares such a struct with the size that the specification gives it.
macro_rules! layout {
    ($name:ident = $spec:literal, $size:literal { $($field:ident: $type:ty,)+ }) => {
        #[doc = concat!("`", $spec, "` as it lies in the message.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[derive(zerocopy::FromBytes, zerocopy::IntoBytes, zerocopy::Immutable, zerocopy::KnownLayout, zerocopy::Unaligned)]
        #[repr(C)]
        #[expect(missing_docs, reason = "the fields are the specification's")]
        pub struct $name { $(pub $field: $type,)+ }

        const _: () = assert!(size_of::<$name>() == $size);

        impl $crate::raw::Layout for $name {
            const NAME: &'static str = $spec;
            const FIELDS: &'static [(&'static str, usize, usize)] =
                &[$((stringify!($field), std::mem::offset_of!($name, $field), size_of::<$type>()),)+];
        }
    };
}

/// Declares an enum that stands in a field of the messages; other numbers are refused by name.
macro_rules! wire_enum {
    ($(#[$meta:meta])* $name:ident: $expected:literal { $($(#[$vmeta:meta])* $variant:ident = $number:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vmeta])* $variant = $number,)+ }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The number in the message.
            #[must_use]
            pub const fn number(self) -> u32 {
                match self { $(Self::$variant => $number,)+ }
            }

            /// Reads `field`.
            ///
            /// # Errors
            /// The number is none of these.
            pub fn from_number(field: &'static str, number: u32) -> Result<Self, $crate::Malformed> {
                match number {
                    $($number => Ok(Self::$variant),)+
                    _ => Err($crate::Malformed::Value { field, value: number.into(), expected: $expected }),
                }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::Layout;

    fn check<T: Layout>(spec: &Value) {
        let layout = &spec["structs"][T::NAME];
        let padding: Vec<_> = layout["padding"].as_array().into_iter().flatten().collect();
        let fields =
            layout["fields"].as_array().unwrap_or_else(|| panic!("{}: not in the specification", T::NAME));
        let mut seen = BTreeSet::new();
        for &(name, offset, size) in T::FIELDS {
            seen.insert(offset);
            let known = fields
                .iter()
                .chain(padding.iter().copied())
                .find(|f| f["offset"] == offset && f["size"] == size);
            let known =
                known.unwrap_or_else(|| panic!("{}.{name}: nothing of {size} bytes at {offset}", T::NAME));
            // A word of bit-fields has no name of its own.
            if name != "bits" && !name.starts_with("pad") {
                assert_eq!(known["name"], name.trim_end_matches('_'), "{} at {offset}", T::NAME);
            }
        }
        for field in fields.iter().filter(|f| f["size"] != 0) {
            let offset = usize::try_from(field["offset"].as_u64().unwrap()).unwrap();
            assert!(seen.contains(&offset), "{}: {field} is missing", T::NAME);
        }
    }

    #[test]
    fn structs_lie_as_the_specification_says() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/spec/ipc-layouts.json");
        let spec: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        macro_rules! all {
            ($($path:path),+ $(,)?) => { $(check::<$path>(&spec);)+ };
        }
        all!(
            crate::frame::RequestHeader,
            crate::frame::ReplyHeader,
            crate::service::RawRange,
            crate::service::RawMatch,
            crate::service::RawStats,
            crate::service::RawDestCheck,
            crate::service::RawService,
            crate::service::RawServicesFront,
            crate::dest::RawDest,
            crate::dest::RawDestTable,
            crate::dest::RawDestFront,
            crate::laddr::RawLaddrConf,
            crate::laddr::RawLaddrFront,
            crate::laddr::RawLaddrDetail,
            crate::access::RawAccess,
            crate::addr::RawPoolRow,
            crate::addr::RawMaddr,
            crate::laddr::RawLaddr,
            crate::conn::RawSockPair,
            crate::conn::RawConnQuery,
            crate::conn::RawConnPage,
            crate::conn::RawConn,
            crate::addr::RawIfAddr,
            crate::addr::RawIfAddrParam,
            crate::addr::RawPoolStats,
            crate::addr::RawIfAddrRow,
            crate::addr::RawIfAddrRows,
            crate::route::RawPrefix,
            crate::route::RawRoute,
            crate::route6::RawRoute6,
            crate::neigh::RawNeighbour,
            crate::link::RawPortName,
            crate::link::RawPortList,
            crate::link::RawPortBasic,
            crate::link::RawPortStats,
            crate::link::RawPortDev,
            crate::link::RawPortText,
            crate::link::RawPortGroups,
            crate::link::RawPortExt,
            crate::link::RawPortSet,
            crate::link::RawXstats,
            crate::link::RawXstat,
            crate::link::RawHwAddr,
            crate::link::RawBondMember,
            crate::link::RawBondStatus,
            crate::link::RawBondSet,
            crate::lcore::RawLcoreMask,
            crate::lcore::RawLcoreBasic,
            crate::lcore::RawLcoreStats,
            crate::info::RawInfo,
        );
    }
}
