#!/bin/bash
seq 1 20 | paste -sd, ; seq 1 9 | shuf --random-source=/dev/zero | sort -n | head -2
printf 'b 2\na 1\nc 3\n' | sort | join - <(printf 'a x\nb y\n') 2>/dev/null || printf 'b 2\na 1\n' | sort -k2n
printf '%s\n' x y z | tac; echo abc | rev; echo 'a:b:c' | cut -d: -f2; echo hello | tr a-y b-z; echo abc | od -c
mkdir -p d/e && echo 1 >d/f && ln -s f d/l && ln d/f d/h && ls -1 d && stat -c '%F %h' d/f d/l d/e && readlink d/l
cp -a d d2 && diff -r d d2 && mv d2 d3 && rm -r d3 && ls
chmod 640 d/f && stat -c '%a %U' d/f && touch -d '2020-01-02 03:04:05 UTC' d/f && TZ=UTC stat -c %y d/f
dd if=/dev/zero of=z bs=64k count=16 2>/dev/null && stat -c '%s' z && truncate -s 100 z && wc -c <z && sha256sum z
head -c 100000 /dev/urandom >r && split -b 30000 r p. && cat p.* | cmp - r && ls p.*
env -i A=1 env; date -u -d @0; expr 6 \* 7; factor 9991; basename /a/b.c .c; dirname /a/b; realpath /usr/../bin/. >/dev/null
timeout 0.2 sleep 5; echo "timeout $?"; nice -n 3 nice; nproc >/dev/null; id -u; whoami; test -w / && echo writable
mkfifo q; (echo through >q &) ; cat q; tee t1 t2 <d/f; cat t1 t2; sync; df / >/dev/null && echo df; du -sb d/f
mktemp -u xXXXXXX | wc -c; uname -s; install -m 700 d/f i && stat -c %a i; comm -12 t1 t2; nl d/f; fold -w 3 <<X
abcdefg
X
yes | head -c 10000 | wc -l; numfmt --to=iec 1048576; base64 <d/f; md5sum d/f; cksum d/f; stdbuf -oL echo buffered
