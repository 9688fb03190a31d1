use std::time::SystemTime;

use jiff::Timestamp;
use record::{Host, Versions};
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

/// The machine that this process runs on. Values that the system does not report are empty or 0.
pub fn host() -> Host {
    let wanted = RefreshKind::nothing()
        .with_cpu(CpuRefreshKind::nothing())
        .with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(wanted).ok();
    let cpus = system.as_ref().map_or(&[][..], |system| system.cpus());
    Host {
        os: System::long_os_version().unwrap_or_else(|_| std::env::consts::OS.to_owned()),
        cpu: cpus.first().map_or("", |cpu| cpu.brand().trim()).to_owned(),
        cores: cpus.len(),
        memory_bytes: system.map_or(0, |system| system.total_memory()),
    }
}

/// This moment, RFC 3339 in UTC; the last that can be written if the clock is set beyond the year 9999.
pub(crate) fn now() -> String {
    let now = Timestamp::try_from(SystemTime::now());
    now.unwrap_or(Timestamp::MAX).to_string()
}

/// The versions and the commit that this program was built from.
pub fn versions() -> Versions {
    Versions {
        hearth: env!("CARGO_PKG_VERSION").to_owned(),
        burn: env!("HEARTH_BURN").to_owned(),
        rustc: env!("HEARTH_RUSTC").to_owned(),
        commit: option_env!("HEARTH_COMMIT").map(str::to_owned),
        dirty: option_env!("HEARTH_DIRTY").map(|dirty| dirty == "true"),
    }
}

#[cfg(unix)]
pub(crate) fn peak_memory_bytes() -> Option<u64> {
    use nix::sys::resource::{UsageWho, getrusage};
    let peak = u64::try_from(getrusage(UsageWho::RUSAGE_SELF).ok()?.max_rss()).ok()?;
    // Kibibytes on Linux and the BSDs, bytes on macOS.
    Some(peak * if cfg!(target_os = "macos") { 1 } else { 1024 })
}

#[cfg(not(unix))]
pub(crate) fn peak_memory_bytes() -> Option<u64> {
    None
}
