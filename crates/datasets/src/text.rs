//! Texts as token ids: splitting texts into words, ranking the words and encoding them.

pub(crate) mod corpus;
pub mod encoded;
pub mod encoded_file;
pub(crate) mod encoding;
pub(crate) mod labelled;
pub(crate) mod vocabulary;
mod words;
