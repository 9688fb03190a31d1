/// The current position while visiting a network, as the names of the enclosing modules.
#[derive(Debug, Default)]
pub(crate) struct ModulePath {
    parts: Vec<String>,
}

impl ModulePath {
    /// Enters a module.
    pub fn enter(&mut self, name: &str) {
        self.parts.push(name.to_owned());
    }

    /// Leaves the module that was entered last.
    pub fn exit(&mut self) {
        self.parts.pop();
    }

    /// The name as in a weights file, for instance `hidden.0.weight`. The first part is left out,
    /// since it is the model's name.
    pub fn name(&self) -> String {
        self.parts.get(1..).unwrap_or_default().join(".")
    }
}
