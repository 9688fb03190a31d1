use serde_json::Value;

use crate::hearth::{Done, Folder};

/// Whether wgpu finds a device; where not, that is said, and with `HEARTH_REQUIRE_WGPU` set it is a
/// failure.
fn has_wgpu(folder: &Folder) -> bool {
    let found = doctor(folder);
    let wgpu = device(&found, "wgpu:0").or_else(|| device(&found, "wgpu"));
    let problem = &wgpu.expect("it is compiled in or it is said why not")["problem"];
    if problem.is_null() {
        return true;
    }
    assert!(
        std::env::var_os("HEARTH_REQUIRE_WGPU").is_none(),
        "{problem}"
    );
    eprintln!("skipped: {problem}");
    false
}

fn doctor(folder: &Folder) -> Value {
    serde_json::from_str(&folder.succeed(&["doctor", "--json"]).out).unwrap()
}

fn device<'a>(doctor: &'a Value, backend: &str) -> Option<&'a Value> {
    let devices = doctor["devices"].as_array().unwrap();
    devices.iter().find(|device| device["backend"] == backend)
}

/// On one line, with the code of what is not there, and nothing is left behind.
#[track_caller]
fn assert_unavailable(folder: &Folder, done: &Done, says: &[&str]) {
    assert_eq!(done.code, Some(69), "{done:?}");
    assert_eq!(done.err.lines().count(), 1, "{done:?}");
    for words in says {
        assert!(done.err.contains(words), "{words} in {done:?}");
    }
    assert!(!folder.path().join("results").exists(), "{done:?}");
}

#[test]
fn the_same_experiment_runs_on_every_backend() {
    let folder = Folder::new();
    let mut backends = vec!["flex", "ndarray"];
    if has_wgpu(&folder) {
        backends.push("wgpu");
    }
    let mut losses = Vec::new();
    for backend in backends {
        folder.succeed(&["run", "small.json", "--backend", backend]);
        let record = folder.record(&format!("small/{backend}-seed0"));
        losses.push(
            record["result"]["epochs"][0]["train"]["loss"]
                .as_f64()
                .unwrap(),
        );
        let run = &record["run"];
        assert_eq!(run["backend"], backend);
        assert_ne!(run["device"], "");
        let is_gpu = backend == "wgpu";
        assert_eq!(run["driver"].is_string(), is_gpu, "{run}");
        assert_eq!(run["determinism"]["same_bits"], !is_gpu, "{run}");
        assert!(run["determinism"]["because"].is_string());
        assert!(run["pooled_embedding"].is_null(), "it has none");
    }
    for loss in &losses {
        let error = (loss - losses[0]).abs();
        assert!(error <= 1e-4 * losses[0], "{losses:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_driver_wgpu_is_refused() {
    let folder = Folder::new();
    let mut command = folder.command(&["run", "small.json", "--backend", "wgpu"]);
    command.env("VK_DRIVER_FILES", "/nowhere");
    command.env("VK_ICD_FILENAMES", "/nowhere");
    let done = Done::of(&mut command);
    assert_unavailable(&folder, &done, &["wgpu", "Vulkan driver", "--backend flex"]);
}

#[test]
fn devices_and_backends_that_are_not_there_are_refused() {
    let folder = Folder::new();
    if !cfg!(feature = "cuda") {
        let done = folder.hearth(&["run", "small.json", "--backend", "cuda:1"]);
        assert_unavailable(&folder, &done, &["`cuda`", "--features cuda"]);
    }
    if has_wgpu(&folder) {
        let done = folder.hearth(&["run", "small.json", "--backend", "wgpu:99"]);
        assert_unavailable(&folder, &done, &["wgpu:99", "hearth doctor"]);
    }
    for name in ["flex:0", "wgpu:x", "gpu"] {
        let done = folder.hearth(&["run", "small.json", "--backend", name]);
        assert_eq!(done.code, Some(2), "{done:?}");
        assert!(done.err.contains("unknown backend"), "{done:?}");
        assert_eq!(done.err.lines().count(), 1, "{done:?}");
    }
}

#[test]
fn doctor_tells_of_backends_and_data() {
    let folder = Folder::new();
    folder.write("data/mnist/nothing", "");
    let done = folder.succeed(&["doctor", "--data-dir", "data"]);
    for name in ["flex", "ndarray", "wgpu", "cuda", "mnist", "imdb", "GiB"] {
        assert!(done.out.contains(name), "{name} in {done:?}");
    }
    assert_eq!(done.err, "");

    let found = doctor(&folder);
    assert_eq!(found["versions"]["burn"], "0.22.1");
    assert!(device(&found, "flex").unwrap()["device"].is_string());
    if !cfg!(feature = "cuda") {
        let problem = device(&found, "cuda").unwrap()["problem"].as_str().unwrap();
        assert!(problem.contains("--features cuda"), "{problem}");
    }
    assert!(
        found["data"][0]["problem"].is_string(),
        "the cache is empty"
    );
}
