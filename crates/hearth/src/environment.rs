/// Sets what libraries take from the environment alone.
///
/// Mesa's layer for Vulkan would ask the desktop which device it prefers: that changes the numbers of
/// devices, and without a desktop it complains.
pub fn set() {
    // SAFETY: no other thread is there yet to read the environment.
    #[allow(unsafe_code, reason = "the variable is the layer's only switch")]
    unsafe {
        std::env::set_var("NODEVICE_SELECT", "1");
    }
}
