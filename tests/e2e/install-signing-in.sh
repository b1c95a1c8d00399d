#!/bin/sh
# What the tests of signing in need beside a browser: Keycloak from Maven Central, with Debian's Java and Maven, and axe-core
# from npm, each at an exact version, in .cache/tools. Nothing happens when they are there.
set -eu

KEYCLOAK=26.7.3
AXE_CORE=4.14.1

tools=$(cd "$(dirname "$0")/../.." && pwd)/.cache/tools
mkdir -p "$tools"

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
install() { as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; }
needed() { command -v "$1" >/dev/null || install "$2" || { as_root apt-get update -qq && install "$2"; }; }
installed() { [ "$(cat "$tools/$1.version" 2>/dev/null)" = "$2" ]; }

if ! installed keycloak "$KEYCLOAK"; then
    needed java openjdk-17-jre-headless
    needed mvn maven
    needed unzip unzip
    rm -rf "$tools/keycloak" "$tools/keycloak.zip" "$tools/keycloak-$KEYCLOAK"
    mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy -Dmdep.stripVersion=true \
        -Dartifact="org.keycloak:keycloak-quarkus-dist:$KEYCLOAK:zip" -DoutputDirectory="$tools/keycloak.zip"
    unzip -q "$tools/keycloak.zip/keycloak-quarkus-dist.zip" -d "$tools"
    mv "$tools/keycloak-$KEYCLOAK" "$tools/keycloak"
    rm -r "$tools/keycloak.zip"
    "$tools/keycloak/bin/kc.sh" build --db=dev-mem # else each start does it
    echo "$KEYCLOAK" >"$tools/keycloak.version"
fi

if ! installed axe-core "$AXE_CORE"; then
    needed npm npm
    npm install --prefix "$tools/axe-core" --silent --no-audit --no-fund "axe-core@$AXE_CORE"
    echo "$AXE_CORE" >"$tools/axe-core.version"
fi
