#!/bin/sh
# train.sh DIST: makes the AOT caches of Sentry, gofer and the gvj tool by using each of them once.
dist=$1
gvj=$dist/bin/gvj
log=$dist/lib/trained
rm -f "$dist"/lib/*.aot
{
    timeout 60 "$gvj" --aot=train syscalls </dev/null
    timeout 60 "$gvj" --aot=train do --cwd=/ -- /bin/true </dev/null || echo "no training run: exit status $?"
} >"$log" 2>&1
chmod 644 "$dist"/lib/*.aot 2>/dev/null # the JVM writes them for everybody: whoever writes a cache writes our code
for cache in sentry gofer tool; do
    [ -s "$dist/lib/$cache.aot" ] || echo "gvj: no AOT cache for the $cache: starting will be slower ($log says why)" >&2
done
