use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use datasets::{Data, DataError, Published};
use present::{Column, Table, bytes};
use record::{Host, Versions};
use runner::{Backend, BackendError, DeviceDescription, host, vector_unit, versions};
use serde_json::{Value, json};

use crate::arguments::DataDirArgument;

/// Show backends, devices and data sets, and any problems with them
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth doctor")]
pub struct Arguments {
    #[command(flatten)]
    data: DataDirArgument,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints what was found. Anything missing is part of the output, not an error.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let found = Found {
        versions: versions(),
        host: host(),
        devices: Backend::ALL.into_iter().flat_map(devices).collect(),
        data: Data::published()
            .into_iter()
            .map(|(name, files)| (name, state(files, arguments)))
            .collect(),
    };
    if arguments.json {
        writeln!(out, "{:#}", found.json())?;
    } else {
        write!(out, "{}", found.text())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The versions, devices and data sets that were found.
struct Found {
    versions: Versions,
    host: Host,
    devices: Vec<FoundDevice>,
    /// Name and location of each data set, or what is wrong with it.
    data: Vec<(&'static str, Result<String, String>)>,
}

/// A device as `--backend` names it.
struct FoundDevice {
    backend: String,
    device: Result<DeviceDescription, BackendError>,
}

fn devices(backend: Backend) -> Vec<FoundDevice> {
    let only = |device| {
        vec![FoundDevice {
            backend: backend.name().to_owned(),
            device,
        }]
    };
    match (backend, backend.devices()) {
        (_, Err(error)) => only(Err(error)),
        (Backend::Flex | Backend::NdArray, Ok(devices)) => {
            devices.into_iter().flat_map(only).collect()
        }
        (Backend::Wgpu(_) | Backend::Cuda(_), Ok(devices)) => (0..)
            .zip(devices)
            .map(|(number, device): (usize, _)| FoundDevice {
                backend: format!("{}:{number}", backend.name()),
                device,
            })
            .collect(),
    }
}

/// Whether a data set is the published one and in which folder, or what is wrong with it.
fn state(files: &dyn Published, arguments: &Arguments) -> Result<String, String> {
    let files = files.verify(&arguments.data.location());
    let files = files.map_err(|error| {
        let is_missing = matches!(error, DataError::Missing { .. });
        if is_missing && arguments.data.folder().is_none() {
            "not downloaded yet; the first run that needs it does that, or `hearth data fetch`"
                .to_owned()
        } else {
            error.to_string()
        }
    })?;
    let folder = files.first().and_then(|file| file.path.parent());
    let folder = folder.map_or(String::new(), |folder| folder.display().to_string());
    Ok(if files.iter().all(|file| file.original) {
        format!("as published, in {folder}")
    } else {
        format!("not the published files, usable, in {folder}")
    })
}

impl Found {
    fn text(&self) -> String {
        let Self { versions, host, .. } = self;
        let commit = versions.commit.as_deref().unwrap_or("unknown");
        let mut text = format!(
            "hearth {}, commit {commit}, Burn {}, {}\n{}: {}, {} threads, {}, {}\n\n",
            versions.hearth,
            versions.burn,
            versions.rustc,
            host.os,
            host.cpu,
            host.cores,
            vector_unit(),
            bytes(host.memory_bytes),
        );
        let columns = ["backend", "device", "driver", "memory", "state"].map(Column::text);
        let mut devices = Table::new(columns);
        for FoundDevice { backend, device } in &self.devices {
            let backend = Some(backend.clone());
            devices.add(match device {
                Ok(device) => [
                    backend,
                    Some(device.name.clone()),
                    device.driver.clone(),
                    device.memory_bytes.map(bytes),
                    Some(if device.is_software {
                        "ready; a GPU emulated on the CPU, for tests".to_owned()
                    } else {
                        "ready".to_owned()
                    }),
                ],
                Err(error) => [backend, None, None, None, Some(error.to_string())],
            });
        }
        text.push_str(&devices.text());
        text.push('\n');
        let mut data = Table::new(["data", "state"].map(Column::text));
        for (name, state) in &self.data {
            let state = state.as_ref().unwrap_or_else(|problem| problem);
            data.add([*name, state]);
        }
        text.push_str(&data.text());
        text
    }

    fn json(&self) -> Value {
        let devices = self
            .devices
            .iter()
            .map(|FoundDevice { backend, device }| match device {
                Ok(device) => json!({
                    "backend": backend,
                    "device": device.name,
                    "driver": device.driver,
                    "memory_bytes": device.memory_bytes,
                    "is_software": device.is_software,
                }),
                Err(error) => json!({ "backend": backend, "problem": error.to_string() }),
            });
        let data = self.data.iter().map(|(name, state)| match state {
            Ok(state) => json!({ "data": name, "state": state }),
            Err(problem) => json!({ "data": name, "problem": problem }),
        });
        json!({
            "versions": self.versions,
            "host": self.host,
            "vector_unit": vector_unit(),
            "devices": devices.collect::<Vec<_>>(),
            "data": data.collect::<Vec<_>>(),
        })
    }
}
