//! Arbitrary bytes: an error or a value, never a panic; and what reads as a value is written so that it reads as the same.

use proptest::collection::vec;
use proptest::prelude::*;
use sockopt::Id;
use sockopt::call::{Half, SUPPORTED, recode};
use sockopt::frame::{reply_header, request_header};

/// Mostly zeros, as real messages are, so that enums and families are right often enough to get further.
fn sparse(most: usize) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![6 => Just(0_u8), 1 => Just(1), 1 => Just(2), 1 => Just(10), 1 => any::<u8>()];
    vec(byte, 0..most)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn bodies(which in 0..SUPPORTED.len(), bytes in prop_oneof![sparse(800), vec(any::<u8>(), 0..800)]) {
        for half in [Half::Request, Half::Reply] {
            if let Some(Ok(written)) = recode(SUPPORTED[which], half, &bytes) {
                let again = recode(SUPPORTED[which], half, &written);
                prop_assert_eq!(again, Some(Ok(written)));
            }
        }
    }

    #[test]
    fn lengths(which in 0..Id::ALL.len(), bytes in sparse(400)) {
        let _ = Id::ALL[which].check(&bytes);
    }

    #[test]
    fn headers(bytes in vec(any::<u8>(), 0..100)) {
        prop_assert_eq!(request_header(&bytes).is_ok(), bytes.len() >= 24);
        if let Ok(header) = reply_header(&bytes) {
            let _ = header.error();
        }
    }
}

/// A count that promises more rows than there are bytes is refused before anything is allocated for them.
#[test]
fn a_lying_count_is_an_error() {
    let mut page = vec![0xff; 4];
    page.extend([1, 0, 0, 0, 0]);
    assert!(recode(Id::ConnAll, Half::Reply, &page).unwrap().is_err());
    assert!(recode(Id::RouteShow, Half::Reply, &[0xff; 4]).unwrap().is_err(), "negative");
    assert!(recode(Id::RouteShow, Half::Reply, &[0xff, 0xff, 0xff, 0x7f]).unwrap().is_err());
    let mut dests = vec![0; 144];
    dests[28..32].fill(0xff);
    assert!(recode(Id::Dests, Half::Reply, &dests).unwrap().is_err());
}
