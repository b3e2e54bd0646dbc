#!/bin/sh
# train.sh DIST: makes the AOT caches of Sentry, gofer and the gvj tool by using each of them once.
dist=$1
gvj=$dist/bin/gvj
log=$dist/lib/trained
# What most programs do: a class that is not in a cache is found in its jar when it is first needed, ten times as slowly.
work='ls -l / /usr /proc/self | cat | wc
(echo a; echo b) | while read -r line; do :; done
echo x >/tmp/gvj-train; cat /tmp/gvj-train; mv /tmp/gvj-train /tmp/gvj-trained; rm /tmp/gvj-trained # in memory only
exit 0'
rm -f "$dist"/lib/*.aot
{
    timeout 60 "$gvj" --aot=train train </dev/null
    timeout 60 "$gvj" --aot=train do --cwd=/ -- /bin/sh -c "$work" </dev/null || echo "no training run: exit status $?"
} >"$log" 2>&1
for cache in "$dist"/lib/*.aot; do
    # The JVM writes it in a few large pieces, which the page cache keeps in large pieces and then maps whole at one touch:
    # written page by page, half as much of it is resident. For everybody to read, and nobody to write: it is our code.
    [ -s "$cache" ] && dd if="$cache" of="$cache.new" bs=4k 2>>"$log" && chmod 644 "$cache.new" && mv "$cache.new" "$cache"
done
for cache in sentry gofer tool; do
    [ -s "$dist/lib/$cache.aot" ] || echo "gvj: no AOT cache for the $cache: starting will be slower ($log says why)" >&2
done
