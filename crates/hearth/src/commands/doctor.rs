use std::io::Write;
use std::process::ExitCode;

use record::{Host, Versions};
use runner::{Backend, BackendError, DeviceDescription, host, vector_unit, versions};
use serde_json::{Value, json};

use crate::arguments::{DataSet, DoctorArguments};
use crate::format::{lines, table};

pub fn doctor(arguments: &DoctorArguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let found = Found {
        versions: versions(),
        host: host(),
        devices: Backend::ALL.into_iter().flat_map(devices).collect(),
        data: DataSet::ALL
            .iter()
            .map(|set| (set.name(), state(*set, arguments)))
            .collect(),
    };
    match arguments.json {
        true => writeln!(out, "{:#}", found.json())?,
        false => write!(out, "{}", found.text())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// What there is to work with.
struct Found {
    versions: Versions,
    host: Host,
    devices: Vec<FoundDevice>,
    /// By name, each with where it is, or why it is not there.
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
        (_, Ok(devices)) => (0..)
            .zip(devices)
            .map(|(number, device): (usize, _)| FoundDevice {
                backend: format!("{}:{number}", backend.name()),
                device,
            })
            .collect(),
    }
}

/// The folder of a whole data set, or what is wrong with it.
fn state(set: DataSet, arguments: &DoctorArguments) -> Result<String, String> {
    let files = set.verify(&arguments.data.location());
    let files = files.map_err(|error| error.to_string())?;
    let folder = files.first().and_then(|file| file.path.parent());
    let folder = folder.map_or(String::new(), |folder| folder.display().to_string());
    match files.iter().all(|file| file.original) {
        true => Ok(format!("as published, in {folder}")),
        false => Ok(format!("another set than the published one, in {folder}")),
    }
}

impl Found {
    fn text(&self) -> String {
        let Self { versions, host, .. } = self;
        let commit = versions.commit.as_deref().unwrap_or("unknown");
        let mut text = format!(
            "hearth {}, commit {commit}, Burn {}, {}\n{}: {}, {} threads at most, {}, {}\n\n",
            versions.hearth,
            versions.burn,
            versions.rustc,
            host.os,
            host.cpu,
            host.cores,
            vector_unit(),
            gib(host.memory_bytes),
        );
        let mut devices = table(&["backend", "device", "driver", "memory", "state"], 5);
        for FoundDevice { backend, device } in &self.devices {
            devices.add_row(match device {
                Ok(device) => [
                    backend.clone(),
                    device.name.clone(),
                    device.driver.clone().unwrap_or_else(|| "-".to_owned()),
                    device.memory_bytes.map_or("-".to_owned(), gib),
                    match device.is_software {
                        true => "ready; a GPU imitated by the CPU, for tests".to_owned(),
                        false => "ready".to_owned(),
                    },
                ],
                Err(error) => {
                    let none = || "-".to_owned();
                    [backend.clone(), none(), none(), none(), error.to_string()]
                }
            });
        }
        text.push_str(&lines(&devices));
        text.push('\n');
        let mut data = table(&["data", "state"], 2);
        for (name, state) in &self.data {
            let state = state.as_ref().unwrap_or_else(|problem| problem);
            data.add_row([*name, state]);
        }
        text.push_str(&lines(&data));
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

fn gib(bytes: u64) -> String {
    format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30))
}
