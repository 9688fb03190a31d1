use serde::Serialize;
use sha2::{Digest, Sha256};

/// `sha256:`, followed by the SHA-256 of the bytes in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// A finished SHA-256 as [`sha256`] writes it.
pub(crate) fn hexadecimal(hash: &[u8]) -> String {
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// The [`sha256`] of a value as compact JSON with the keys in the order of the type's fields.
///
/// # Errors
///
/// If the value cannot be written as JSON.
pub fn digest_of(value: &impl Serialize) -> Result<String, serde_json::Error> {
    serde_json::to_vec(value).map(|json| sha256(&json))
}

#[cfg(test)]
mod tests {
    #[test]
    fn is_sha256() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(
            super::sha256(b"abc"),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
