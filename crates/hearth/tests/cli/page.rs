use std::path::Path;
use std::process::Command;

use crate::hearth::{Folder, repository};

/// The page as a browser understands it, and what it logs; nothing without a browser, which is said,
/// and with `HEARTH_REQUIRE_CHROMIUM` set is a failure.
fn opened(page: &Path, profile: &Path, screenshot: &Path) -> Option<(String, String)> {
    let browser = |extra: &[String]| {
        let mut command = Command::new("chromium");
        command
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
            ])
            .args([
                "--disable-sync",
                "--enable-logging=stderr",
                "--window-size=1200,2400",
            ])
            .arg(format!("--user-data-dir={}", profile.display()))
            .args(extra)
            .arg(format!("file://{}", page.display()));
        command.output()
    };
    let dump = match browser(&["--dump-dom".to_owned()]) {
        Ok(output) => output,
        Err(error) => {
            assert!(
                std::env::var_os("HEARTH_REQUIRE_CHROMIUM").is_none(),
                "{error}"
            );
            eprintln!("skipped: chromium: {error}");
            return None;
        }
    };
    let shot = browser(&[format!("--screenshot={}", screenshot.display())]).unwrap();
    assert!(shot.status.success() && screenshot.exists(), "{shot:?}");
    Some((
        String::from_utf8(dump.stdout).unwrap(),
        String::from_utf8_lossy(&dump.stderr).into_owned(),
    ))
}

/// Of the committed results. The screenshot stays in the target folder, to be looked at.
#[test]
fn the_report_opens_in_a_browser_and_is_whole() {
    let folder = Folder::new();
    let results = repository().join("results/reference");
    folder.succeed(&["report", results.to_str().unwrap(), "-o", "report.html"]);
    let page = folder.path().join("report.html");
    assert!(std::fs::metadata(&page).unwrap().len() < 3 << 20);
    let screenshot = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report.png");
    let Some((dom, log)) = opened(&page, &folder.path().join("profile"), &screenshot) else {
        return;
    };
    assert!(!log.contains("CONSOLE"), "{log}");
    for id in [
        "summary", "curves", "sweeps", "mistakes", "configs", "machines",
    ] {
        assert!(dom.contains(&format!("id=\"{id}\"")), "{id}");
    }
    let experiments = std::fs::read_dir(&results).unwrap().count() - 1;
    let count = |what: &str| dom.matches(what).count();
    // Loss and accuracy of each experiment, and a plot for each of the five sweeps.
    assert!(count("<svg") >= 2 * experiments + 5, "{}", count("<svg"));
    assert!(count("<table") > experiments, "{}", count("<table"));
    assert_eq!(count("<script"), 0);
}
