#!/usr/bin/env bash
# Checks that this machine can build Callwright, and says how to get what is missing.
# With --python: prints the newest usable Python instead.
set -euo pipefail

usable_python() {
    local name
    for name in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
        [ -n "$name" ] || continue
        if "$name" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    return 1
}

if [ "${1:-}" = --python ]; then
    usable_python
    exit
fi

missing=0
complain() {
    printf 'missing: %s\n     get: %s\n' "$1" "$2" >&2
    missing=1
}

if ! python=$(usable_python); then
    complain "Python 3.11 or newer" "apt install python3 python3-venv, or uv python install 3.12, or PYTHON=/path make ..."
elif ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    complain "the venv module of $python" "apt install python3-venv"
fi
if ! command -v cargo >/dev/null; then
    complain "cargo (Rust 1.89 or newer)" "https://rustup.rs, then open a new shell"
elif ! cargo --version >/dev/null 2>&1; then
    complain "a working Rust toolchain behind cargo" "rustup default stable"
fi
if ! command -v cc >/dev/null; then
    complain "a C linker (cc)" "apt install gcc"
fi
exit "$missing"
