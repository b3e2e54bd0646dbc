#!/bin/sh
# train.sh DIST: makes the AOT caches of Sentry, gofer and the gvj tool by using each of them once: a pod with two containers, and
# where containers cannot be made, `gvj do`.
dist=$1
gvj=$dist/bin/gvj
log=$dist/lib/trained
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

# What most programs do: a class that is not in a cache is found in its jar when it is first needed, ten times as slowly.
work='ls -l / /usr /proc/self | cat | wc
(echo a; echo b) | while read -r line; do :; done
echo x >/tmp/gvj-train; cat /tmp/gvj-train; mv /tmp/gvj-train /tmp/gvj-trained; rm /tmp/gvj-trained # in memory only
exit 0'
printf %s "$work" >"$directory/work"

# bundle ID TYPE ARGUMENTS: a container's, as containerd writes it for a pod's; the arguments are JSON
bundle() {
    mkdir "$directory/$1"
    cat >"$directory/$1/config.json" <<END
{"ociVersion": "1.0.2", "hostname": "training", "root": {"path": "/", "readonly": false},
 "process": {"cwd": "/", "env": ["PATH=/usr/bin:/bin"], "user": {"uid": 0, "gid": 0}, "args": [$3],
  "capabilities": {"bounding": ["CAP_KILL"], "effective": ["CAP_KILL"], "permitted": ["CAP_KILL"]}, "noNewPrivileges": true},
 "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
  {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
  {"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["newinstance", "gid=5"]},
  {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["ro"]},
  {"destination": "/training", "type": "bind", "source": "$directory", "options": ["rbind", "ro"]}],
 "annotations": {"io.kubernetes.cri.container-type": "$2", "io.kubernetes.cri.sandbox-id": "sandbox"},
 "linux": {"namespaces": [{"type": "pid"}, {"type": "mount"}], "maskedPaths": ["/proc/kcore"], "readonlyPaths": ["/proc/sys"]}}
END
}

pod() {
    flags="--root=$directory/state --overlay2=root:memory"
    bundle sandbox sandbox '"sleep", "60"'
    bundle member container '"/bin/sh", "/training/work"'
    timeout 60 "$gvj" --aot=train $flags run --bundle="$directory/sandbox" sandbox </dev/null &
    until "$gvj" $flags state sandbox 2>/dev/null | grep -q running; do
        kill -0 $! || return # it could not be made
        sleep 0.1
    done
    timeout 20 "$gvj" $flags run --bundle="$directory/member" member </dev/null
    timeout 20 "$gvj" $flags exec sandbox true </dev/null
    "$gvj" $flags kill sandbox KILL
    wait # for the caches: the JVMs write them when they end
    "$gvj" $flags delete --force sandbox
}

for cache in sentry gofer tool; do rm -f "$dist/lib/$cache.aot"; done
{
    timeout 60 "$gvj" --aot=train train </dev/null
    (pod)
    [ -s "$dist/lib/sentry.aot" ] || timeout 60 "$gvj" --aot=train do --cwd=/ -- /bin/sh -c "$work" </dev/null
    echo "exit status of the training run: $?"
} >"$log" 2>&1
for cache in sentry gofer tool; do
    cache=$dist/lib/$cache.aot
    # The JVM writes it in a few large pieces, which the page cache keeps in large pieces and then maps whole at one touch:
    # written page by page, half as much of it is resident. For everybody to read, and nobody to write: it is our code.
    [ -s "$cache" ] && dd if="$cache" of="$cache.new" bs=4k 2>>"$log" && chmod 644 "$cache.new" && mv "$cache.new" "$cache"
    [ -s "$cache" ] || echo "gvj: no AOT cache $cache: starting will be slower ($log says why)" >&2
done
