//! Downloads, from a server on this machine.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;

use crate::hearth::Folder;

/// Serves the files of a folder by their names; what is damaged loses its second half.
fn serve(files: PathBuf, damaged: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = vec![0; 4096];
            let count = stream.read(&mut request).unwrap();
            let request = String::from_utf8_lossy(&request[..count]).into_owned();
            let name = request
                .split(' ')
                .nth(1)
                .unwrap()
                .rsplit('/')
                .next()
                .unwrap()
                .to_owned();
            let mut content = std::fs::read(files.join(&name)).unwrap();
            if name == damaged {
                content.truncate(content.len() / 2);
            }
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                content.len()
            );
            let _ = stream
                .write_all(head.as_bytes())
                .and_then(|()| stream.write_all(&content));
        }
    });
    format!("http://{address}")
}

#[test]
fn mnist_is_downloaded_verified_cached_and_mended() {
    let Some(data) = std::env::var_os("HEARTH_DATA_DIR") else {
        println!("skipped: HEARTH_DATA_DIR is not set");
        return;
    };
    let files = PathBuf::from(data).join("mnist");
    let folder = Folder::new();
    let fetch = |url: &str| {
        folder
            .command(&["data", "fetch", "mnist"])
            .env("HEARTH_MNIST_URL", url)
            .output()
            .unwrap()
    };
    let cached = |name: &str| folder.path().join("cache/hearth/mnist").join(name);

    // A damaged file on the way: what came before it stays, nothing of it remains.
    let output = fetch(&serve(files.clone(), "t10k-images-idx3-ubyte.gz"));
    assert_eq!(output.status.code(), Some(69));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("not the published file")
    );
    assert!(cached("train-images-idx3-ubyte.gz").exists());
    assert!(!cached("t10k-images-idx3-ubyte.gz").exists());

    let url = serve(files, "");
    assert!(fetch(&url).status.success());
    let verified = folder.succeed(&["data", "verify", "mnist"]);
    assert_eq!(
        verified.out.matches("as published").count(),
        4,
        "{verified:?}"
    );

    // Complete: no network is needed any more.
    folder.succeed(&["data", "fetch", "mnist"]);
    // A file that was damaged in the cache is noticed and fetched again.
    std::fs::write(cached("t10k-labels-idx1-ubyte.gz"), "damaged").unwrap();
    assert_eq!(folder.hearth(&["data", "verify", "mnist"]).code, Some(65));
    assert_eq!(folder.hearth(&["data", "fetch", "mnist"]).code, Some(69));
    assert!(fetch(&url).status.success());
    folder.succeed(&["data", "verify", "mnist"]);
}
