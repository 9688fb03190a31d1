//! Launches with kubectl.

use std::io::Write;
use std::path::Path;

use cluster::{Batch, Pod, check, manifest};

use super::Launch;
use super::engine::{line, run};
use super::launched::Launched;
use crate::exit::Usage;

/// Creates an Indexed Job of the missing tasks.
pub(super) fn submit(
    launch: &Launch,
    launched: &mut Launched,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let arguments = launch.arguments;
    let sweep = &arguments.sweep;
    let paths = [
        Some(sweep.file.as_path()),
        Some(sweep.results.folder.as_path()),
        sweep.data.folder(),
    ];
    for path in paths.into_iter().flatten() {
        is_on_volume(path, &arguments.mount)?;
    }
    let (Some(image), Some(volume)) = (&arguments.image, &arguments.volume) else {
        return Err(Usage::new("--kubernetes needs --image and --volume").into());
    };
    let tasks = launch.only_part()?;
    // The image's entry point is the program.
    let mut command = launch.command("hearth").split_off(1);
    command.extend(["--among".to_owned(), tasks.to_string()]);
    command.extend(
        arguments
            .cpus
            .iter()
            .flat_map(|cpus| ["--threads".to_owned(), cpus.to_string()]),
    );
    // A job that has ended keeps its name.
    let name = match launched.count() {
        0 => launch.sweep.name.clone(),
        before => format!("{}-{}", launch.sweep.name, before + 1),
    };
    let batch = Batch {
        name: &name,
        command: &command,
        working_folder: &arguments.mount,
        logs: &arguments.mount,
        resources: launch.resources(),
    };
    let pod = Pod {
        image,
        volume,
        mounted_at: &arguments.mount,
        queue: arguments.queue.as_deref(),
    };
    let manifest = manifest(
        &batch,
        &pod,
        tasks.len(),
        arguments.at_most,
        arguments.stop_after,
    );
    check(&manifest)?;
    let text = serde_json::to_string_pretty(&manifest)?;
    let file = launch.write("kubernetes.json", &format!("{text}\n"), out)?;
    let mut words = vec![
        "create".to_owned(),
        "-f".to_owned(),
        file.display().to_string(),
    ];
    words.extend(arguments.options.iter().cloned());
    if arguments.print {
        writeln!(out, "{}", line("kubectl", &words))?;
        return Ok(());
    }
    write!(out, "{}", run("kubectl", &words)?)?;
    let job = manifest["metadata"]["name"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    writeln!(out, "to watch:  kubectl get job {job} --watch")?;
    writeln!(out, "           kubectl logs -l job-name={job} --prefix")?;
    writeln!(out, "to cancel: kubectl delete job {job}")?;
    launched.note(launch, "kubernetes", &[job])?;
    Ok(())
}

fn is_on_volume(path: &Path, mount: &Path) -> Result<(), Usage> {
    if path.is_relative() || path.starts_with(mount) {
        return Ok(());
    }
    Err(Usage::new(format!(
        "{}: not within {}, where the pods mount the volume; name it relative to the volume, or give --mount",
        path.display(),
        mount.display()
    )))
}
