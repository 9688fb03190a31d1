use crate::rough;

const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];

/// A size in memory or on disk, in the unit that keeps it below 1024: `512 bytes`, `9.89 MiB`,
/// `16.0 GiB`.
pub fn bytes(bytes: u64) -> String {
    if bytes < 1024 {
        return crate::count(bytes, "byte");
    }
    let (mut size, mut unit) = (bytes as f64, 0);
    // From 1023.5 on, the number would round to 1,024.
    while size >= 1023.5 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{} {}", rough(size), UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_goes_by_the_size() {
        for (size, said) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1023, "1,023 bytes"),
            (1024, "1.00 KiB"),
            (10_372_100, "9.89 MiB"),
            ((1 << 20) - 1, "1.00 MiB"),
            (1 << 34, "16.0 GiB"),
            (1 << 50, "1,024 TiB"),
        ] {
            assert_eq!(bytes(size), said);
        }
    }
}
