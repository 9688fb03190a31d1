//! The properties that must hold for every input. Each target has a module of the same name. The
//! crates' own tests replay `seeds` and `found` through these modules.

pub mod archive;
pub mod checkpoint;
pub mod collected;
pub mod config;
pub mod encoded;
pub mod idx;
pub mod lines;
pub mod network;
pub mod npz;
pub mod own;
pub mod picture;
pub mod result;
pub mod sentence;
pub mod sweep;
pub mod table;
pub mod tensors;
pub mod vocabulary;
