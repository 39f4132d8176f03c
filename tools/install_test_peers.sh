#!/usr/bin/env bash
# Installs the SIP programs of others that the tests talk to. Only tests need them, so their
# absence is told, not fatal: those tests are then skipped with this as their reason.
set -uo pipefail

packages=()
command -v sipp >/dev/null || packages+=(sip-tester)
command -v baresip >/dev/null || packages+=(baresip)
[ ${#packages[@]} -gt 0 ] || exit 0

give_up() {
    printf 'not installed: %s (%s)\n' "${packages[*]}" "$1" >&2
    printf '  the tests in tests/interop that need them are skipped and show no rows\n' >&2
    exit 0
}

command -v apt-get >/dev/null || give_up "this system has no apt-get; install them by hand"
root=()
if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || give_up "needs root: sudo apt-get install ${packages[*]}"
    root=(sudo -n)
fi

export DEBIAN_FRONTEND=noninteractive
install() {
    "${root[@]}" apt-get -o DPkg::Lock::Timeout=120 install -qq -y --no-install-recommends \
        "${packages[@]}" >/dev/null 2>&1
}
printf 'installing %s for the tests ...\n' "${packages[*]}"
install && exit 0
"${root[@]}" apt-get -o DPkg::Lock::Timeout=120 update -qq >/dev/null 2>&1
install || give_up "apt-get install failed; run it by hand to see why"
