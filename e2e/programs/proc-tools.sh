sleep 100 & p=$!
ps -o comm= -p $p; ps -e -o pid= | wc -l | awk '{ print ($1 > 1) }'; tr '\0' ' ' </proc/$p/cmdline; echo
grep -c . /proc/self/maps | awk '{ print ($1 > 5) }'; grep '^Name' /proc/$p/status; ls -l /proc/self/fd/0 | wc -l
top -b -n1 | grep -c PID; free | head -1 | awk '{ print $1 }'; uptime | grep -c load; cat /proc/self/comm; pgrep -x sleep | grep -c "^$p$"
kill $p; wait $p; echo $?; cat /proc/cpuinfo | grep -c '^processor' | awk '{ print ($1 > 0) }'; test -e /proc/meminfo && echo meminfo
