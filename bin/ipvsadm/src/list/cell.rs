//! Counters in columns: docs/spec/cli.md §6.2.

/// A counter in nine columns, the first of which parts it from the one before.
#[must_use]
pub(super) fn counter(value: u64, exact: bool) -> String {
    if exact {
        let width = 9.max(value.to_string().len() + 1);
        return format!("{value:>width$}");
    }
    let (divisor, unit) = match value {
        0..100_000_000 => return format!("{value:>9}"),
        100_000_000..1_000_000_000 => (1_000, 'K'),
        1_000_000_000..100_000_000_000 => (1_000_000, 'M'),
        100_000_000_000..100_000_000_000_000 => (1_000_000_000, 'G'),
        100_000_000_000_000.. => (1_000_000_000_000, 'T'),
    };
    format!("{:>8}{unit}", value / divisor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_changes_its_unit_where_the_spec_says() {
        for (value, text) in [
            (0, "        0"),
            (99_999_999, " 99999999"),
            (100_000_000, "  100000K"),
            (999_999_999, "  999999K"),
            (1_000_000_000, "    1000M"),
            (99_999_999_999, "   99999M"),
            (100_000_000_000, "     100G"),
            (99_999_999_999_999, "   99999G"),
            (100_000_000_000_000, "     100T"),
            (u64::MAX, "18446744T"),
        ] {
            assert_eq!(counter(value, false), text);
        }
    }

    #[test]
    fn exact_counters_grow() {
        assert_eq!(counter(12_345_678, true), " 12345678");
        assert_eq!(counter(123_456_789, true), " 123456789");
    }
}
