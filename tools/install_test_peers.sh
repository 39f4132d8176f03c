#!/usr/bin/env bash
# Installs the programs of others that the tests talk to, or are measured beside: SIP phones, SBCs, a
# media relay, a browser, and what makes networks with NATs. Only tests need them, so their absence
# is told, not fatal: those tests are then skipped with this as their reason.
set -uo pipefail

packages=()
command -v sipp >/dev/null || packages+=(sip-tester)
command -v baresip >/dev/null || packages+=(baresip)
PATH=$PATH:/usr/sbin:/sbin
command -v linphone-daemon >/dev/null || packages+=(linphone-cli)
command -v kamailio >/dev/null || packages+=(kamailio)
command -v ip >/dev/null || packages+=(iproute2)
command -v nft >/dev/null || packages+=(nftables)
command -v chromium >/dev/null || packages+=(chromium)
command -v turnserver >/dev/null || packages+=(coturn)
command -v rtpengine >/dev/null || packages+=(rtpengine-daemon)
command -v npm >/dev/null || packages+=(nodejs npm)
[ ${#packages[@]} -gt 0 ] || exit 0

give_up() {
    printf 'not installed: %s (%s)\n' "${packages[*]}" "$1" >&2
    printf '  the tests that need them are skipped and show no rows\n' >&2
    exit 0
}

command -v apt-get >/dev/null || give_up "this system has no apt-get; install them by hand"
root=()
if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || give_up "needs root: sudo apt-get install ${packages[*]}"
    root=(sudo -n)
fi

# Some of these packages start a server of the system's own, now and after each boot. Tests start
# theirs themselves; nobody who runs them has asked for more.
servers=()
for package in "${packages[@]}"; do
    case $package in kamailio | coturn | rtpengine-daemon) servers+=("$package") ;; esac
done
policy=/usr/sbin/policy-rc.d
forbid_starts() {
    [ ! -e $policy ] || return 0
    printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee $policy >/dev/null
    "${root[@]}" chmod +x $policy
    trap '"${root[@]}" rm -f $policy' EXIT
}
forbid_boots() {
    command -v systemctl >/dev/null || return 0
    "${root[@]}" systemctl disable --quiet "${servers[@]}" 2>/dev/null || true
}

export DEBIAN_FRONTEND=noninteractive
apt() {
    "${root[@]}" apt-get -o DPkg::Lock::Timeout=120 "$@" >/dev/null 2>&1
}
install() {
    apt install -qq -y --no-install-recommends "$@"
}
printf 'installing %s for the tests ...\n' "${packages[*]}"
[ ${#servers[@]} -eq 0 ] || forbid_starts
missing=()
if ! install "${packages[@]}"; then
    apt update -qq
    if ! install "${packages[@]}"; then
        for package in "${packages[@]}"; do
            install "$package" || missing+=("$package")
        done
    fi
fi
[ ${#servers[@]} -eq 0 ] || forbid_boots
packages=("${missing[@]}")
[ ${#packages[@]} -eq 0 ] || give_up "apt-get install failed; run it by hand to see why"
