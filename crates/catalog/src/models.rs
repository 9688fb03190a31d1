/// Defines [`Model`] and `Network` for a list of models.
macro_rules! models {
    ($($krate:ident::$Config:ident,)+) => {
        use spec::Architecture;

        spec::registry! {
            /// The network to train.
            pub enum Model: Architecture, "a model", r#"{ "hidden_mlp": { "hidden": [128] } }"# {
                $($krate::$Config,)+ }
        }

        impl Model {
            /// Whether the model takes inputs of this kind.
            pub fn takes(&self, input: &spec::InputSpec) -> bool {
                match self {
                    $(Self::$Config(_) => <$krate::$Config as Architecture>::takes(input),)+
                }
            }

            /// The names of all models that take inputs of this kind.
            pub fn taking(input: &spec::InputSpec) -> Vec<&'static str> {
                let all = [
                    $((stringify!($krate), <$krate::$Config as Architecture>::takes(input)),)+
                ];
                let taking = all.into_iter().filter(|(_, takes)| *takes);
                taking.map(|(name, _)| name).collect()
            }
        }

        #[cfg(feature = "burn")]
        mod network {
            use burn::module::Module;
            use burn::tensor::{Device, Tensor};
            use kernels::DropoutKey;
            use spec::{Batch, Build, DataSpec};

            /// The network of any model, with its weights.
            #[derive(Module, Debug)]
            #[allow(missing_docs, reason = "the models are documented")]
            pub enum Network {
                $($Config(<$krate::$Config as Build>::Network),)+
            }

            impl spec::Network for Network {
                fn forward(&self, batch: Batch, dropout: Option<DropoutKey>) -> Tensor<2> {
                    match self {
                        $(Self::$Config(network) => network.forward(batch, dropout),)+
                    }
                }
            }

            impl super::Model {
                /// Makes a network with the initial weights of the seed, for data that the model's
                /// check accepts.
                pub fn init(&self, data: &DataSpec, seed: u64, device: &Device) -> Network {
                    match self {
                        $(Self::$Config(config) => Network::$Config(config.init(data, seed, device)),)+
                    }
                }
            }
        }

        #[cfg(feature = "burn")]
        pub use network::Network;
    };
}
