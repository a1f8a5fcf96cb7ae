#!/bin/sh
# Installs what building, testing and benchmarking dpvs-rs needs on Debian 12 or 13, and nothing that is there.
# On a terminal it asks first; without one it says what it does and goes ahead. Not root: it prints the command.
#
#   scripts/setup.sh             everything
#   scripts/setup.sh --check     says what is missing, installs nothing; status 1 if something is
set -eu

case ${1-} in
    '' | --check) ;;
    *) echo "usage: scripts/setup.sh [--check]" >&2; exit 2 ;;
esac

missing=
need() { missing="$missing $*"; }
has() { PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1; }

# Programs: the package is needed if the program is not in the path.
while read -r program package; do
    has "$program" || need "$package"
done <<'LIST'
pkg-config pkg-config
clang clang
gcc gcc
make make
ip iproute2
ethtool ethtool
curl curl
nginx nginx-light
valgrind valgrind
LIST

# Libraries: what the linker finds, and what DPDK loads at run time (drivers are packages of their own).
pkg_config_knows() { has pkg-config && pkg-config --exists "$1" 2>/dev/null; }
pkg_config_knows libdpdk || need libdpdk-dev
found() { for file do [ -e "$file" ] && return 0; done; return 1; }
found /usr/lib/*/dpdk/pmds-*/librte_net_af_packet.so* || need librte-meta-all
found /usr/lib/*/libclang.so /usr/lib/llvm-*/lib/libclang.so* || need libclang-dev

# Rust: any cargo that is new enough will do. Debian 12 has a recent one under another name.
rust_version() { cargo --version 2>/dev/null | sed -n 's/^cargo 1\.\([0-9]*\).*/\1/p'; }
if ! has cargo; then
    codename=$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME-}")
    if [ "$codename" = bookworm ]; then need rustc-web cargo-web; else need rustc cargo; fi
elif [ "$(rust_version)" -lt 85 ] 2>/dev/null; then
    echo "setup: $(cargo --version) is too old; dpvs-rs needs 1.85 or later. Update it and try again." >&2
    exit 1
fi

if [ -z "$missing" ]; then
    echo "setup: nothing is missing"
    exit 0
fi
echo "setup: missing packages:$missing"
[ "${1-}" != --check ] || exit 1

command="apt-get install -y --no-install-recommends$missing"
if ! has apt-get; then
    echo "setup: this is not Debian; install what these packages stand for, then try again" >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "setup: run this as root, then try again:" >&2
    echo "    apt-get update && $command" >&2
    exit 1
fi
if [ -t 0 ] && [ -t 1 ]; then
    printf 'setup: run `%s` now? [y/N] ' "$command"
    read -r answer
    case $answer in
        [yY]*) ;;
        *) echo "setup: nothing was changed" >&2; exit 1 ;;
    esac
else
    echo "setup: no terminal to ask on; going ahead with: $command"
fi
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
# An nginx of the host would take its port 80; the tests start their own. RUNLEVEL=1 keeps it down, but systemd's.
nginx_is_new=$(has nginx && echo no || echo yes)
apt-get update -q
$command
if [ "$nginx_is_new" = yes ] && has systemctl && [ -d /run/systemd/system ]; then
    systemctl disable --now nginx || echo "setup: nginx was installed and runs; stop it if you do not want it" >&2
fi
