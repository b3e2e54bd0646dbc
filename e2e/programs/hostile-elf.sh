#!/bin/bash
# Programs that are none: the shell names the errno, and nothing else happens.
head -c 64 /bin/true >short; printf '\177ELF' >magic; head -c 4096 /dev/zero >zero; printf '#!/no/such/interpreter\n' >noint
printf '#!' >empty; cp /bin/true cut && truncate -s 3000 cut; printf '#!%s\n' "$PWD/loop" >loop
for f in short magic zero noint empty cut loop; do
    chmod +x $f; (timeout 5 ./$f </dev/null &>/dev/null; exit $?) 2>/dev/null; echo "$f $?"
done
