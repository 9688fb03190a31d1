use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use ureq::http::Response;
use ureq::{Agent, Body};

use crate::cache::incomplete;
use crate::checksum::hex;
use crate::error::DataError;
use crate::progress::{Progress, Unit};

/// Downloads a file of at most `limit` bytes to `path` and verifies its SHA-256. If anything fails,
/// nothing appears at `path`.
pub(crate) fn download(
    url: &str,
    sha256: &str,
    limit: u64,
    path: &Path,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<(), DataError> {
    let unavailable = |problem: String| DataError::Unavailable {
        url: without_password(url),
        problem,
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = incomplete(path).map_err(DataError::io(folder))?;

    let mut response = get(url).map_err(|error| unavailable(error.to_string()))?;
    let total = response.body().content_length();
    let mut body = response.body_mut().as_reader().take(limit + 1);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    let mut measured = (Instant::now(), 0);
    loop {
        let count = match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(unavailable(format!("interrupted: {error}"))),
        };
        hash.update(&buffer[..count]);
        file.write_all(&buffer[..count])
            .map_err(DataError::io(path))?;
        bytes += count as u64;
        let (since, before) = measured;
        if since.elapsed() > PATIENCE {
            if bytes - before < LEAST {
                let said =
                    "less than a kilobyte per second arrives; try again later, or name a mirror";
                return Err(unavailable(said.to_owned()));
            }
            measured = (Instant::now(), bytes);
        }
        on_progress(Progress {
            task: &name,
            done: bytes,
            total,
            unit: Unit::Bytes,
        });
    }
    let found = hex(&hash.finalize());
    if found != sha256 {
        return Err(unavailable(format!(
            "the {bytes} bytes received are not the published file (SHA-256 {found}, not {sha256})"
        )));
    }
    file.as_file().sync_all().map_err(DataError::io(path))?;
    file.persist(path)
        .map_err(|error| DataError::io(path)(error.error))?;
    Ok(())
}

/// The time in which at least [`LEAST`] bytes must arrive.
const PATIENCE: Duration = Duration::from_secs(30);
const LEAST: u64 = 30_000;

/// The address as it may be shown: without user name and password.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => url.to_owned(),
    }
}

/// The longest wait for a connection or for more data.
const SILENCE: Duration = Duration::from_secs(30);

fn get(url: &str) -> Result<Response<Body>, ureq::Error> {
    let agent: Agent = Agent::config_builder()
        .timeout_connect(Some(SILENCE))
        .timeout_per_read(Some(SILENCE))
        // A redirect to the same server gets a connection of its own: that server may have closed this one.
        .max_idle_connections(0)
        .build()
        .into();
    // As it is: the published checksum is of the packed file.
    agent.get(url).header("Accept-Encoding", "identity").call()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::net::TcpListener;

    use super::*;

    /// Serves one answer, byte for byte, and returns the address.
    pub(crate) fn serve(answer: &'static [u8]) -> String {
        serve_each(&[answer])
    }

    /// Serves some answers, each on a connection of its own.
    fn serve_each(answers: &[&'static [u8]]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answers = answers.to_vec();
        std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).unwrap();
                stream.write_all(answer).unwrap();
            }
        });
        format!("http://{address}/file.gz")
    }

    /// The SHA-256 of `abc`.
    pub(crate) const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn fetch(url: &str) -> (Result<(), String>, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let result = download(url, ABC, 100, &folder.path().join("file.gz"), &mut |_| ());
        let left = std::fs::read_dir(folder.path()).unwrap();
        let left = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        (result.map_err(|error| error.to_string()), left.collect())
    }

    #[test]
    fn a_redirect_on_a_closed_connection_is_followed() {
        let url = serve_each(&[
            b"HTTP/1.1 302 Found\r\nLocation: /there.gz\r\nContent-Length: 0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
        ]);
        assert_eq!(fetch(&url), (Ok(()), vec!["file.gz".to_owned()]));
    }

    #[test]
    fn a_verified_file_appears() {
        let url = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
        assert_eq!(fetch(&url), (Ok(()), vec!["file.gz".to_owned()]));
    }

    /// Servers that take `.gz` for an encoding say so of the packed file, which is what is wanted.
    #[test]
    fn a_file_that_is_called_encoded_stays_packed() {
        let url =
            serve(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc");
        assert_eq!(fetch(&url), (Ok(()), vec!["file.gz".to_owned()]));
    }

    #[test]
    fn no_password_is_shown() {
        for (url, shown) in [
            ("https://me:secret@host/a@b", "https://host/a@b"),
            ("http://token@host:80?x", "http://host:80?x"),
            ("http://host/a@b", "http://host/a@b"),
            ("none", "none"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }

    #[test]
    fn a_failed_download_leaves_nothing_behind() {
        let unreachable = {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            format!("http://{}/file.gz", listener.local_addr().unwrap())
        };
        let cases = [
            (
                serve(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabd"),
                "not the published file",
            ),
            (
                serve(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"),
                "interrupted",
            ),
            (
                serve(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
                "404",
            ),
            (serve(b"no HTTP at all\r\n\r\n"), "http"),
            (unreachable, "refused"),
        ];
        for (url, expected) in cases {
            let (result, left) = fetch(&url);
            let error = result.unwrap_err();
            assert!(
                error.contains(expected) && error.starts_with(&url),
                "{error}"
            );
            assert_eq!(error.lines().count(), 1, "{error}");
            assert!(left.is_empty(), "{left:?}");
        }
    }
}
