/// Defines a closed set of configs of one kind: an enum with one variant per config, its JSON Schema,
/// and [`Deref`](std::ops::Deref) to the trait that all configs implement.
///
/// Each config is a line `module::Config`. `module` must be the snake case of `Config`, which is the
/// variant's name in files. The documentation of `Config` becomes the schema's description. `$what` and
/// `$example` say in messages what stands there, and how.
#[macro_export]
macro_rules! registry {
    ($(#[$documentation:meta])* pub enum $Set:ident: $Trait:ident, $what:literal, $example:literal {
        $($module:ident::$Config:ident,)+
    }) => {
        $(#[$documentation])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, schemars::JsonSchema)]
        #[serde(rename_all = "snake_case")]
        #[schemars(transform = $crate::allow_names::<$Set>)]
        #[allow(missing_docs, reason = "the configs are documented")]
        pub enum $Set {
            $($Config($module::$Config),)+
        }

        $crate::tagged!($Set, $what, $example: $(stringify!($module) => $Config($module::$Config),)+);

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
