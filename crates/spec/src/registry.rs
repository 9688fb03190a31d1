/// Defines a closed set of configs of one kind: an enum with one variant per config, its JSON Schema,
/// and [`Deref`](std::ops::Deref) to the trait that all configs implement.
///
/// Each config is a line `module::Config`. `module` must be the snake case of `Config`, which is the
/// variant's name in files. The documentation of `Config` becomes the schema's description.
#[macro_export]
macro_rules! registry {
    ($(#[$documentation:meta])* pub enum $Set:ident: $Trait:ident {
        $($module:ident::$Config:ident,)+
    }) => {
        $(#[$documentation])*
        #[derive(
            Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
        )]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs, reason = "the configs are documented")]
        pub enum $Set {
            $($Config($module::$Config),)+
        }

        impl $Set {
            /// The name in configs.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$Config(_) => stringify!($module),)+
                }
            }
        }

        impl std::ops::Deref for $Set {
            type Target = dyn $Trait;

            fn deref(&self) -> &Self::Target {
                match self {
                    $(Self::$Config(config) => config,)+
                }
            }
        }
    };
}
