#!/bin/sh
# build.sh ROOT: what ./gvj does on first use: looks for the tools, installs or names what is missing, runs Maven.
set -eu
root=$1
. "$root/.mvn/jdk.sh"
find_jdk

need=
command -v gcc >/dev/null || need="$need gcc"
command -v make >/dev/null || need="$need make"
[ -e /usr/include/stdio.h ] || need="$need libc6-dev"
if [ -n "$need" ]; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "gvj: to build, install:$need" >&2
        exit 1
    fi
    echo "gvj: installing$need" >&2
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $need; } >/dev/null
fi

mkdir -p "$root/build"
exec 9>"$root/build/lock" # two first uses at once build once
flock 9
log=$root/build/build.log
stamp=$(mktemp "$root/build/stamp.XXXXXX") # a source edited while we build is newer than this
trap 'rm -f "$stamp"' EXIT
if [ -t 2 ]; then printf 'gvj: building (log: %s) ' "$log" >&2; else echo "gvj: building (log: $log)" >&2; fi
"$root/mvnw" -q -B -Dquick -Dgvj.stamp="$stamp" -Dstyle.color=never package -pl launcher -am >"$log" 2>&1 &
maven=$!
while kill -0 $maven 2>/dev/null; do
    if [ -t 2 ]; then printf . >&2; fi
    sleep 1
done
status=0
wait $maven || status=$?
if [ -t 2 ]; then echo >&2; fi
if [ $status != 0 ]; then
    grep -E 'ERROR|error' "$log" | head -20 >&2
    echo "gvj: the build failed; $log has all of it" >&2
    exit 1
fi
