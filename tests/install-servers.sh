#!/bin/sh
# Installs the servers that the integration tests start; does nothing when all are there.
# From Debian: PostgreSQL, PgBouncer, MariaDB, OpenLDAP, Samba, nginx and Prometheus. Into .cache/tools: an S3 server
# (versitygw), an emulator of Google Cloud Storage (fake-gcs-server), one of Azure's blob storage (Azurite) and a provider of OpenID Connect
# (oidc-provider), each at an exact version.
set -eu

VERSITYGW=v1.0.14
FAKE_GCS_SERVER=v1.52.2
OIDC_PROVIDER=8.8.1 # the newest that runs on the Node 18 of Debian 12
AZURITE=3.35.0 # the newest that runs on the Node 18 of Debian 12; 3.36 wants Node 21

tools=$(cd "$(dirname "$0")/.." && pwd)/.cache/tools
policy=/usr/sbin/policy-rc.d

has() { command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ]; }

has_postgres() { has initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install_packages() {
    if ! has apt-get; then
        echo "install-servers.sh: this machine has no apt-get; install these packages of Debian by hand: $*" >&2
        exit 1
    fi
    # The packages start their servers when installed, unless this file of Debian's says not to (101: forbidden).
    if [ ! -e "$policy" ]; then
        trap 'as_root rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    apt_install "$@" || { as_root apt-get update -qq && apt_install "$@"; }
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

# A file beside each program holds its version: asking the programs themselves would take seconds.
installed() { [ "$(cat "$tools/$1.version" 2>/dev/null)" = "$2" ]; }

install_go_program() { # name, module path, version
    if installed "$1" "$3"; then return; fi
    if ! has go; then
        echo "install-servers.sh: $1 is built from source; install Go 1.23 or newer first (Debian 12's is 1.19)" >&2
        exit 1
    fi
    echo "building $1 $3"
    GOBIN="$tools" go install "$2@$3"
    echo "$3" >"$tools/$1.version"
}

install_npm_package() { # name, version
    if installed "$1" "$2"; then return; fi
    echo "installing $1 $2"
    npm install --prefix "$tools/$1" --silent --no-audit --no-fund "$1@$2"
    echo "$2" >"$tools/$1.version"
}

packages=
has_postgres || packages="$packages postgresql"
has pgbouncer || packages="$packages pgbouncer"
{ has mariadbd && has mariadb-install-db && has mariadb-dump; } || packages="$packages mariadb-server"
{ has slapd && has ldapadd; } || packages="$packages slapd ldap-utils"
{ has samba && has samba-tool && [ -d /usr/share/samba/setup/ad-schema ]; } ||
    packages="$packages samba-ad-dc samba-ad-provision"
has nginx || packages="$packages nginx-light"
has prometheus || packages="$packages prometheus"
has node || packages="$packages nodejs"
has npm || packages="$packages npm"
has setpriv || packages="$packages util-linux"
# shellcheck disable=SC2086 # one word per package
[ -z "$packages" ] || install_packages $packages

mkdir -p "$tools"
install_go_program versitygw github.com/versity/versitygw/cmd/versitygw "$VERSITYGW"
install_go_program fake-gcs-server github.com/fsouza/fake-gcs-server "$FAKE_GCS_SERVER"
install_npm_package azurite "$AZURITE"
install_npm_package oidc-provider "$OIDC_PROVIDER"
