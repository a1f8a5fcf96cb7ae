//! Health checks of a service: docs/spec/cli.md §4.4, CHECK. Strict, so that nothing reaches the daemon that it would change.

use sockopt::service::{CheckTypes, DestCheck};

/// What `default` means, and how a listing knows it.
pub const DEFAULT: DestCheck = DestCheck {
    types: CheckTypes::PASSIVE,
    down_notices: 1,
    up_notices: 1,
    down_wait: 3,
    inhibit_min: 5,
    inhibit_max: 3600,
};

/// Adds what `text` says to what was said before.
#[must_use]
pub fn add(before: DestCheck, text: &str) -> Option<DestCheck> {
    let external = |kind| DestCheck { types: before.types | kind, ..before };
    match text {
        "disable" => Some(DestCheck::default()),
        "tcp" => Some(external(CheckTypes::TCP)),
        "udp" => Some(external(CheckTypes::UDP)),
        "sctp" => Some(external(CheckTypes::SCTP)),
        "ping" => Some(external(CheckTypes::PING)),
        "default" => Some(DestCheck { types: before.types | CheckTypes::PASSIVE, ..DEFAULT }),
        _ => passive(text).map(|found| DestCheck { types: before.types | CheckTypes::PASSIVE, ..found }),
    }
}

/// `DOWN,WAITs` or `DOWN,UP,WAITs,MIN-MAXs`.
fn passive(text: &str) -> Option<DestCheck> {
    let parts: Vec<&str> = text.split(',').collect();
    match parts.as_slice() {
        [down, wait] => {
            let wait = wait.strip_suffix('s').unwrap_or(wait);
            Some(DestCheck {
                down_notices: at_least_1(down)?,
                down_wait: at_least_1(wait)?,
                ..DestCheck::default()
            })
        }
        [down, up, wait, inhibit] => {
            let (min, max) = inhibit.strip_suffix('s').unwrap_or(inhibit).split_once('-')?;
            let (inhibit_min, inhibit_max) = (at_least_1(min)?, at_least_1(max)?);
            let found = DestCheck {
                types: CheckTypes::PASSIVE,
                down_notices: at_least_1(down)?,
                up_notices: at_least_1(up)?,
                down_wait: at_least_1(wait.strip_suffix('s')?)?,
                inhibit_min,
                inhibit_max,
            };
            (inhibit_min <= inhibit_max).then_some(found)
        }
        _ => None,
    }
}

fn at_least_1<T: TryFrom<u32>>(text: &str) -> Option<T> {
    T::try_from(super::number(text, 1..=u32::MAX)?).ok()
}

/// As the listings print it, behind ` dest-check`.
#[must_use]
pub fn shown(check: DestCheck) -> String {
    let mut text = String::new();
    if check.types.contains(CheckTypes::PASSIVE) {
        let DestCheck {
            down_notices: down,
            up_notices: up,
            down_wait: wait,
            inhibit_min: min,
            inhibit_max: max,
            ..
        } = check;
        text += " internal:";
        text += &if (DestCheck { types: CheckTypes::PASSIVE, ..check }) == DEFAULT {
            "default".to_owned()
        } else if (up, min, max) == (0, 0, 0) {
            format!("{down},{wait}s")
        } else {
            format!("{down},{up},{wait}s,{min}-{max}s")
        };
    }
    let external = [
        (CheckTypes::TCP, "tcp"),
        (CheckTypes::UDP, "udp"),
        (CheckTypes::SCTP, "sctp"),
        (CheckTypes::PING, "ping"),
    ];
    let external: Vec<_> =
        external.iter().filter(|(kind, _)| check.types.contains(*kind)).map(|(_, name)| *name).collect();
    if !external.is_empty() {
        text += " external:";
        text += &external.join(",");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(texts: &[&str]) -> Option<String> {
        let all = texts.iter().try_fold(DestCheck::default(), |before, text| add(before, text));
        all.map(shown)
    }

    #[test]
    fn checks_add_up() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(after(&["default"]), some(" internal:default"));
        assert_eq!(after(&["2,4s", "ping", "tcp"]), some(" internal:2,4s external:tcp,ping"));
        assert_eq!(after(&["3,3,3s,60-3600s"]), some(" internal:3,3,3s,60-3600s"));
        assert_eq!(after(&["3,3,3s,60-3600", "1,1,3s,5-3600s"]), some(" internal:default"));
        assert_eq!(after(&["tcp", "default", "disable"]), some(""));
    }

    #[test]
    fn what_upstream_would_bend_is_refused() {
        for text in [
            "foo",
            "",
            "0,0s",
            "300,1s",
            "1,1,3,5-3600",
            "1,1,3s,9-5s",
            "1,0,3s,5-9s",
            "1,1,3s,5-70000s",
            "1",
        ] {
            assert_eq!(after(&[text]), None, "{text}");
        }
    }
}
