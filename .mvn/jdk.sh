# Sourced by our scripts: sets JAVA_HOME to a JDK of at least version 25, or ends with one line.
is_jdk25() { # directory
    [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
    major=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
    [ "${major:-0}" -ge 25 ]
}

find_jdk() {
    for dir in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
        if is_jdk25 "$dir"; then
            JAVA_HOME=$dir
            export JAVA_HOME
            return
        fi
    done
    echo "$0: no JDK 25 or newer in JAVA_HOME or /usr/lib/jvm: install one (for instance Temurin 25)" >&2
    exit 1
}
