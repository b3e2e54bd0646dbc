#!/bin/bash
set -u
trap 'echo "exit trap $?"' EXIT
trap 'echo usr1' USR1
kill -USR1 $$
cat <<HERE | tr a-z A-Z
here-document $((6 * 7))
HERE
cat <<<"here-string"
echo "$(echo nested "$(echo substitution)")"
diff <(printf 'a\nb\n') <(printf 'a\nc\n')
yes | head -2 | cat -n; echo "${PIPESTATUS[@]}"
sleep 0.3 & p=$!; jobs | sed 's/ *&$//'; wait $p; echo "waited $?"
(sleep 100 & p=$!; kill -TERM $p; wait $p 2>/dev/null; echo "killed $?")
(exit 7); echo $?
declare -A map=([x]=1 [y]=2); for k in x y; do echo "$k=${map[$k]}"; done
f() { local n=$1; ((n == 0)) && return 3; f $((n - 1)); }; f 50; echo "f $?"
coproc { read -r l; echo "co $l"; }; echo hi >&"${COPROC[1]}"; read -r l <&"${COPROC[0]}"; echo "$l"
exec 5<>file; echo five >&5; exec 5>&-; cat file
read -t 0.2 x < <(sleep 5); echo "timeout $(($? > 128))"
ulimit -n >/dev/null; umask 077; touch private; stat -c %a private
[[ -t 0 ]] || echo "no terminal"
true
