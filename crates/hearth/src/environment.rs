//! The environment variables that this program and its libraries read.

use std::ffi::OsString;

/// Prepares the environment, before anything reads it.
pub fn set() {
    drop_empty();
    select_devices_plainly();
}

/// An empty variable of hearth's is as good as none: `HEARTH_DATA_DIR= hearth run ...`.
fn drop_empty() {
    let is_empty_one = |name: &OsString, value: &OsString| {
        value.is_empty() && name.to_string_lossy().starts_with("HEARTH_")
    };
    let all: Vec<(OsString, OsString)> = std::env::vars_os().collect();
    for (name, _) in all.iter().filter(|(name, value)| is_empty_one(name, value)) {
        // SAFETY: no other thread exists yet that could read the environment.
        #[allow(unsafe_code, reason = "clap reads the variables itself")]
        unsafe {
            std::env::remove_var(name);
        }
    }
}

/// Turns off Mesa's device-selection layer for Vulkan. It asks the desktop which device it prefers, which
/// renumbers the devices, and without a desktop it prints a complaint.
fn select_devices_plainly() {
    // SAFETY: no other thread exists yet that could read the environment.
    #[allow(unsafe_code, reason = "the variable is the layer's only switch")]
    unsafe {
        std::env::set_var("NODEVICE_SELECT", "1");
    }
}
