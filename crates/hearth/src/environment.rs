//! Settings that libraries read from the environment only.

/// Turns off Mesa's device-selection layer for Vulkan. It asks the desktop which device it prefers, which
/// renumbers the devices, and without a desktop it prints a complaint.
pub fn set() {
    // SAFETY: no other thread exists yet that could read the environment.
    #[allow(unsafe_code, reason = "the variable is the layer's only switch")]
    unsafe {
        std::env::set_var("NODEVICE_SELECT", "1");
    }
}
