b=/bin/busybox
$b sh -c 'for i in 1 2 3; do echo $((i * i)); done | while read x; do echo "got $x"; done'
$b seq 1 200 | $b awk '{ s += $1; if ($1 % 50 == 0) print $1, s } END { print NR }'
printf 'one\ntwo\nthree\n' | $b sed -n -e '2p' -e 's/e$/E/p'
$b mkdir -p t/a/b && $b touch t/a/b/c t/d && $b find t | $b sort
$b tar cf t.tar t && $b tar tf t.tar | $b sort
$b seq 1 5000 >n && $b gzip -k n && $b gunzip -c n.gz | $b md5sum
$b seq 1 100 | $b sort -r -n | $b head -3
$b cat /proc/sys/kernel/ostype && $b wc -l <n && $b cmp n n && $b du -s t >/dev/null && echo done
