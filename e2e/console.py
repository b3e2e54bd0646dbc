#!/usr/bin/env python3
"""console.py SOCKET: what a shim does at --console-socket. Listens there, runs the commands of its standard input, takes
the terminal's master that arrives, and follows the steps (text with Python's escapes):
run COMMAND | accept | expect TEXT | send TEXT | resize ROWS COLUMNS | size ROWS COLUMNS | wait SECONDS | hangup
Ends with status 1 and what the terminal showed at the first step that fails."""
import codecs, fcntl, os, select, shlex, socket, struct, subprocess, sys, termios, time

DEADLINE = 20
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(1)
master, shown, seen = -1, b"", 0


def plain(text):
    return codecs.decode(text, "unicode_escape").encode()


def fail(step, why=""):
    print("step failed: %r %s\nthe terminal showed: %r" % (step, why, shown))
    sys.exit(1)


def read(seconds):
    """Whether the terminal is still there."""
    global shown
    if not select.select([master], [], [], seconds)[0]:
        return True
    try:
        data = os.read(master, 65536)
    except OSError:  # EIO: the last one has closed its end
        return False
    shown += data
    return bool(data)


for step in [line for line in sys.stdin.read().split("\n") if line]:
    verb, _, text = step.partition(" ")
    until = time.time() + DEADLINE
    if verb == "run":
        done = subprocess.run(shlex.split(text), stdin=subprocess.DEVNULL, timeout=60)
        if done.returncode != 0:
            fail(step, "status %d" % done.returncode)
    elif verb == "accept":
        listener.settimeout(DEADLINE)
        connection, _ = listener.accept()
        connection.settimeout(DEADLINE)
        name, fds, _, _ = socket.recv_fds(connection, 4096, 4)
        if len(fds) != 1 or not os.isatty(fds[0]) or not name:
            fail(step, "got %r with %d descriptors" % (name, len(fds)))
        master = fds[0]
        connection.close()
    elif verb == "expect":
        wanted = plain(text)
        while (at := shown.find(wanted, seen)) < 0:
            there = read(0.1)
            if shown.find(wanted, seen) < 0 and (not there or time.time() > until):
                fail(step)
        seen = at + len(wanted)
    elif verb == "send":
        os.write(master, plain(text))
    elif verb == "resize":
        rows, columns = map(int, text.split())
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))
    elif verb == "size":
        size = struct.unpack("4H", fcntl.ioctl(master, termios.TIOCGWINSZ, bytes(8)))[:2]
        if list(size) != list(map(int, text.split())):
            fail(step, "is %r" % (size,))
    elif verb == "wait":
        time.sleep(float(text))
    elif verb == "hangup":
        while read(0.1):
            if time.time() > until:
                fail(step)
    else:
        fail(step, "no such step")
