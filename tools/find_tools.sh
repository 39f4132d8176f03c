#!/usr/bin/env bash
# Checks that this machine can build Callwright, and says how to get what is missing.
# With --python: prints the newest usable Python instead.
set -euo pipefail

# A Python with the shared libpython runs calls an eighth slower, so one without is preferred.
usable_python() {
    local name path slower=
    if [ -n "${PYTHON:-}" ]; then
        is_usable "$PYTHON" && command -v "$PYTHON"
        return
    fi
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        while read -r path; do
            is_usable "$path" || continue
            if ! is_shared "$path"; then
                echo "$path"
                return
            fi
            slower=${slower:-$path}
        done < <(type -aP "$name")
    done
    [ -n "$slower" ] && echo "$slower"
}

is_usable() {
    "$1" -c 'import sys, venv, ensurepip; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null
}

is_shared() {
    local program
    program=$("$1" -c 'import os, sys; print(os.path.realpath(sys.executable))')
    [[ $(ldd "$program" 2>/dev/null) == *libpython* ]]
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

if ! usable_python >/dev/null; then
    complain "Python 3.11 or newer, with its venv module" \
        "apt install python3 python3-venv, or uv python install 3.12, or PYTHON=/path make ..."
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
