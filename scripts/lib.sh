# SPDX-License-Identifier: Apache-2.0
# Shared by the scripts beside it: where the project is, how a phase is announced, and what has to be installed.
# shellcheck shell=bash
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
jobs=$(nproc)
cd -- "$root"

# Debian 12 packages, one list for every script. The last line is what the tests and the demo need besides.
packages=(
  g++ cmake ninja-build ccache git ca-certificates
  libboost1.81-dev libz3-dev libsqlite3-dev libsodium-dev libfmt-dev libyaml-cpp-dev libexpected-dev
  rapidjson-dev nlohmann-json3-dev libcli11-dev
  libgtest-dev libgmock-dev librapidcheck-dev spin tcc cvc5 python3 procps
)

# say TEXT: one line for each phase, on standard error, so that results alone are on standard output.
say() { printf '\n== %s\n' "$*" >&2; }

installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

install_what_is_missing() {
  if ! command -v dpkg-query >/dev/null; then
    say "Not a Debian system: make sure that these are installed: ${packages[*]}"
    return
  fi
  local missing=() package
  for package in "${packages[@]}"; do installed "$package" || missing+=("$package"); done
  if [ ${#missing[@]} -eq 0 ]; then
    return
  fi
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      printf '%s: missing packages: %s; install them as root: apt-get install %s\n' "$0" "${missing[*]}" "${missing[*]}" >&2
      exit 1
    fi
    as_root=(sudo)
  fi
  say "Installing what is missing: ${missing[*]}"
  "${as_root[@]}" apt-get update -q </dev/null >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" </dev/null >&2
}

# build PRESET: configures and builds one preset of CMakePresets.json.
build() {
  say "Configuring the preset $1"
  cmake --preset "$1" >&2
  say "Building the preset $1 with $jobs jobs"
  cmake --build --preset "$1" --parallel "$jobs" >&2
}
