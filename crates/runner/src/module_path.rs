/// The current position while visiting a network, as the names of the enclosing modules.
#[derive(Debug, Default)]
pub(crate) struct ModulePath {
    /// `None` for the variant of an enum.
    parts: Vec<Option<String>>,
}

impl ModulePath {
    /// Enters a module. `container` is Burn's description of the module that has it.
    pub fn enter(&mut self, name: &str, container: &str) {
        let is_variant = container.starts_with("Enum:");
        self.parts.push((!is_variant).then(|| name.to_owned()));
    }

    /// Leaves the module that was entered last.
    pub fn exit(&mut self) {
        self.parts.pop();
    }

    /// The name as in a weights file, for instance `hidden.0.weight`. Variants of enums are left
    /// out: the names of the model and of its layers' types.
    pub fn name(&self) -> String {
        let parts: Vec<&str> = self.parts.iter().flatten().map(String::as_str).collect();
        parts.join(".")
    }
}
