# Every name of the host's root file system, but what changes while we look.
find / -xdev \( -path /tmp -o -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /var -o -path /root -o -path /work \) -prune -o -print | wc -l
find /usr/bin /etc -xdev -type f -perm /111 | sort | md5sum
ls -lR /usr/lib/x86_64-linux-gnu | grep -v '^total' | awk '{ print $1, $3, $4, $5, $NF }' | md5sum
