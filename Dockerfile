# hearth for clusters: the program with the CPU backends and wgpu, run by a user without rights.
#
#   docker build -t hearth .
#   docker run --rm -v "$PWD:/work" hearth run configs/quickstart.json
#
# Other base images, for instance a site's own, as build arguments.
ARG BUILD_BASE=docker.io/library/rust:1.95-bookworm
ARG BASE=docker.io/library/debian:bookworm-slim

FROM ${BUILD_BASE} AS build
WORKDIR /src
COPY . .
# --locked: the versions that were tested. The licences of all that is linked stand beside the program.
RUN cargo build --release --locked -p hearth \
    && mkdir -p /out/licences \
    && cp target/release/hearth /out/hearth \
    && cargo metadata --locked --format-version 1 --filter-platform x86_64-unknown-linux-gnu \
        > /out/licences/packages.json \
    && cd "${CARGO_HOME:-/usr/local/cargo}/registry/src" \
    && find . -maxdepth 3 -type f \( -iname 'licen[sc]e*' -o -iname 'copying*' -o -iname 'notice*' \) \
        -exec cp --parents {} /out/licences/ \;

FROM ${BASE}
COPY --from=build /out/hearth /usr/local/bin/hearth
COPY --from=build /out/licences /usr/share/doc/hearth
# A number, so that Kubernetes can tell that it is not root.
USER 65532:65532
# The cache of data sets; mount a volume, or give --data-dir.
ENV XDG_CACHE_HOME=/tmp/cache
WORKDIR /work
ENTRYPOINT ["/usr/local/bin/hearth"]
