#!/usr/bin/python3
"""Stands in for the JVMs in LauncherTest: started as the gofer it waits for the end of its channels; started as the
Sentry it reads the boot message and does what the command's only word says, over the real control socket."""
import os, signal, socket, struct, sys, time

arguments = sys.argv
if "gvj.gofer.Main" in arguments:
    channels = arguments[arguments.index("gvj.gofer.Main") + 1].split("=")[1].split(",")
    socket.socket(fileno=int(channels[0])).recv(10)
    sys.exit(0)

message = os.read(int(arguments[-1]), 1 << 20)
numbers = struct.unpack("<20I", message[:80])  # struct header of boot.c
control = socket.socket(fileno=numbers[1])
strings = message[80 + 4 * (numbers[7] + numbers[16]) :].split(b"\0")
words = strings[3 : 3 + numbers[17]]
what = words[-1]


def tell(kind, a, text=b""):
    control.send(struct.pack("<3I", kind, a, 0) + text)


if what == b"exit":
    tell(16, 7)
elif what == b"signaled":
    tell(17, 15)
elif what == b"failed":
    tell(18, 127)
elif what == b"last-words":
    tell(16, 9)
    sys.exit(1)
elif what == b"die":
    os.kill(os.getpid(), signal.SIGKILL)
elif what == b"leave":
    sys.exit(3)
elif what == b"arguments":
    sys.stdout.buffer.write(b"|".join(words))
    sys.stdout.flush()
    tell(16, 0)
elif what == b"descriptors":
    extra = [fd for fd in os.listdir("/proc/self/fd") if int(fd) > 2 and os.path.exists("/proc/self/fd/" + fd)]
    print(len(extra), sorted(os.environ))
    sys.stdout.flush()
    tell(16, 0)
elif what == b"signals":
    os.write(1, b"ready\n")
    for _ in range(2):
        print(struct.unpack("<3I", control.recv(100)[:12]))
    sys.stdout.flush()
    tell(16, 0)
time.sleep(100)
