#!/bin/sh
# The browser of the tests on a cluster, from Debian; nothing happens when there is one.
set -eu
command -v "${E2E_BROWSER:-chromium}" >/dev/null && exit
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
install() { as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; }
install || { as_root apt-get update -qq && install; }
