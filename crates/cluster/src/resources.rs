use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

/// What a task needs. What is not given is left to the engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// Cores.
    pub cpus: Option<NonZeroUsize>,
    /// Main memory.
    pub memory: Option<Memory>,
    /// Whether it needs an NVIDIA GPU.
    pub gpu: bool,
}

/// An amount of memory in MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// At least 1.
    pub mebibytes: u64,
}

/// A text that is no amount of memory.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an amount of memory; write, for instance, 4G or 512M")]
pub struct BadMemory(String);

impl fmt::Display for Memory {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        write!(out, "{}M", self.mebibytes)
    }
}

impl FromStr for Memory {
    type Err = BadMemory;

    /// A number with M or G, powers of two as for Slurm; `Mi`, `GiB` and the like are the same.
    fn from_str(text: &str) -> Result<Self, BadMemory> {
        let bad = || BadMemory(text.to_owned());
        let trimmed = text.trim();
        let unit = trimmed
            .find(|character: char| !character.is_ascii_digit())
            .ok_or_else(bad)?;
        let number: u64 = trimmed[..unit].parse().map_err(|_| bad())?;
        let factor = match trimmed[unit..].trim().to_ascii_lowercase().as_str() {
            "m" | "mi" | "mb" | "mib" => 1,
            "g" | "gi" | "gb" | "gib" => 1 << 10,
            "t" | "ti" | "tb" | "tib" => 1 << 20,
            _ => return Err(bad()),
        };
        match number.checked_mul(factor) {
            None | Some(0) => Err(bad()),
            Some(mebibytes) => Ok(Self { mebibytes }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_in_the_usual_units() {
        let read = |text: &str| text.parse::<Memory>().map(|memory| memory.mebibytes);
        assert_eq!(read("4G"), Ok(4096));
        assert_eq!(read("4GiB"), Ok(4096));
        assert_eq!(read("512M"), Ok(512));
        for bad in [
            "",
            "4",
            "G",
            "0M",
            "4.5G",
            "4K",
            "-1G",
            "99999999999999999999G",
            "18446744073709551615T",
        ] {
            assert_eq!(read(bad), Err(BadMemory(bad.to_owned())));
        }
    }
}
