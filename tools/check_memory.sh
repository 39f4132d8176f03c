#!/usr/bin/env bash
# Runs the engine's tests where mistakes with memory and threads show.
#   miri     what is pure, in an interpreter that knows every rule of the language
#   address  everything, libopus too, with AddressSanitizer and LeakSanitizer
#   thread   what has threads, with ThreadSanitizer
# With names: only these. All of them need a nightly Rust. A core needs 2 minutes for miri and 4 for
# threads, builds included; what takes CHECK_MIN minutes (60) has failed.
set -euo pipefail

cd "$(dirname "$0")/../native"
target=x86_64-unknown-linux-gnu
[ "$(uname -sm)" = "Linux x86_64" ] || { echo "this runs on Linux, x86_64, only" >&2; exit 2; }

need() { # component
    rustup component list --toolchain nightly --installed 2>/dev/null | grep -q "^$1" || {
        echo "missing: rustup toolchain install nightly --component miri,rust-src" >&2
        exit 2
    }
}

# A build directory for each: their flags differ.
in_build() { # name command...
    # `timeout` ends a group of processes of its own, which does not hear the terminal's Ctrl-C.
    CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/$1" timeout "${CHECK_MIN:-60}m" "${@:2}" &
    trap "kill $!" INT TERM
    wait $!
    trap - INT TERM
}

run_miri() {
    need miri
    # Left out: elliptic curves and long tables, which take an interpreter minutes, and media-audio,
    # where all that is not safe by itself is libopus, which no interpreter runs.
    export MIRIFLAGS="-Zmiri-disable-isolation"
    in_build miri cargo +nightly miri test --locked -p media-core --lib -- \
        --skip legs_leave_nothing_behind --skip random_loss --skip wideband_listener
    in_build miri cargo +nightly miri test --locked -p media-secure --lib -- \
        --skip certificate --skip dtls --skip makes_the_stream_of_the_rfc
}

run_address() {
    need rust-src
    RUSTFLAGS="-Zsanitizer=address" CFLAGS="-fsanitize=address -fno-omit-frame-pointer" \
        in_build address cargo +nightly test --locked --quiet --no-fail-fast --tests \
        --target $target -p media-audio -p media-secure -p media-core -p media-io
}

run_thread() {
    need rust-src
    # The standard library has to be built with it, or its locks are not seen.
    RUSTFLAGS="-Zsanitizer=thread" \
        in_build thread cargo +nightly test --locked --quiet --no-fail-fast --tests \
        -Zbuild-std --target $target -p media-io
}

for name in "${@:-miri address thread}"; do
    for check in $name; do
        echo "== $check"
        "run_$check"
    done
done
