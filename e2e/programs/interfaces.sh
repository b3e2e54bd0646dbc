# what programs see of the loopback interface, which is the same everywhere, and of a socket of this script
counters='/RX|TX|[0-9] +[0-9]+ +[0-9]+/d'
ip addr show lo; ip -br link show lo; ip -j addr show lo; ip -4 -o addr show up | grep -c ' lo '
ip link show dev nothere; ip -s link show lo | sed -E "$counters"
ip route show table local dev lo; ip -6 route show table local dev lo; ip route show table 4711; ip -6 route show table 4711
ip route get 127.0.0.1 | sed 's/ uid.*//'; ip -6 route get ::1; ip rule; ip -6 rule; ip neigh show dev lo
tc qdisc show dev lo; ip maddr show lo
busybox ifconfig lo | sed -E "$counters"; busybox ip addr show lo
cat /sys/class/net/lo/address /sys/class/net/lo/mtu /sys/class/net/lo/operstate; readlink /sys/class/net/lo
getent ahosts localhost | sort -u; grep -c 'lo:' /proc/net/dev; grep ' lo$' /proc/net/if_inet6
unshare -n sh -c 'ip addr; ip route; ip -6 route; ip rule; ip route get 127.0.0.1; cat /proc/net/if_inet6; ls /sys/class/net | grep -c "^lo$"'
cat >listen.py <<'PY'
import os, socket, subprocess
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(7)
port = ":%d" % s.getsockname()[1]
inode = str(os.fstat(s.fileno()).st_ino)
print([line.split()[3] for line in open("/proc/net/tcp") if inode in line.split()])
for command in ("ss -tln", "ss -tlnp", "busybox netstat -tln"):
    lines = subprocess.run(command.split(), capture_output=True, text=True).stdout.splitlines()
    print(command, sum(port in line for line in lines), sum("python" in line for line in lines if port in line))
print(sorted(i for i in socket.if_nameindex() if i[0] == 1), socket.if_nametoindex("lo"))
PY
/usr/bin/python3 listen.py
