#!/bin/sh
# train.sh DIST: makes the AOT cache of the shim by using one as containerd would, with a container if one can run here.
dist=$1
shim=$dist/bin/containerd-shim-gvisor-java-v1
log=$dist/lib/shim-trained
cache=$dist/lib/shim.aot
if [ ! -e "$shim" ] || [ ! -e "$dist/jre/release" ]; then
    echo "gvj: no AOT cache for the shim: $dist has no launcher yet" >&2
    exit 0
fi
bundle=$(mktemp -d)
trap 'rm -rf "$bundle"' EXIT
cat >"$bundle/config.json" <<'END'
{"ociVersion":"1.0.2","root":{"path":"/","readonly":true},"process":{"args":["/bin/sleep","60"],"cwd":"/"},"linux":{"namespaces":[{"type":"mount"},{"type":"network"}]}}
END

# field NUMBER TEXT: as protocol buffers have it, for less than 128 bytes
field() {
    printf "\\$(printf %o $(($1 * 8 + 2)))\\$(printf %o ${#2})%s" "$2"
}
# BootstrapParams: the version, the runtime's options as their text, and where the socket is to be
any="$(field 1 runtimeoptions.v1.Options)$(field 2 "$(field 3 "root = '$bundle'")")"
rm -f "$cache" "$log"
{ field 4 2.3.0; field 8 "$(field 1 "$any")"; field 9 "$bundle"; } >"$bundle/start"
mkfifo "$bundle/log" "$bundle/output"
cat <>"$bundle/log" >>"$log" & # and as containerd, which has the other ends open
reader=$!
(cd "$bundle" && timeout 60 "$shim" --aot=train -namespace train -id training -address "$bundle" start <start) >>"$log" 2>&1
(cd "$bundle" && timeout 10 "$shim" -namespace train -id training delete) >/dev/null 2>>"$log"
kill $reader
# In large pieces, as the other caches: see ../launcher/train.sh
[ -s "$cache" ] && dd if="$cache" of="$cache.new" bs=4k 2>>"$log" && chmod 644 "$cache.new" && mv "$cache.new" "$cache"
[ -s "$cache" ] || echo "gvj: no AOT cache for the shim: starting will be slower ($log says why)" >&2
