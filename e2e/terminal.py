#!/usr/bin/env python3
"""terminal.py COMMAND...: runs COMMAND behind a pseudo terminal of 24 x 80 and follows the steps on standard input:
expect TEXT | send TEXT (both with Python's escapes) | wait SECONDS | resize ROWS COLUMNS | status N | cooked
Ends with status 1 and what the terminal showed at the first step that fails."""
import codecs, fcntl, os, pty, select, signal, struct, sys, termios, time

DEADLINE = 20
steps = [step for step in sys.stdin.read().split("\n") if step]

master, slave = pty.openpty()
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
before = termios.tcgetattr(slave)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in range(3):
        os.dup2(slave, fd)
    os.closerange(3, 100)
    for ignored in signal.SIGINT, signal.SIGQUIT:  # by whoever runs the tests in the background
        signal.signal(ignored, signal.SIG_DFL)
    os.execvp(sys.argv[1], sys.argv[1:])
shown, seen = b"", 0
ended = None  # the wait status, once there is one


def has_ended():
    global ended
    if ended is None:
        done, status = os.waitpid(pid, os.WNOHANG)
        ended = status if done else None
    return ended is not None


def read(seconds):
    global shown
    if select.select([master], [], [], seconds)[0]:
        shown += os.read(master, 65536)


def plain(text):
    return codecs.decode(text, "unicode_escape").encode()


def fail(step):
    print("step failed: %r\nthe terminal showed: %r" % (step, shown))
    sys.exit(1)


for step in steps:
    verb, _, text = step.partition(" ")
    until = time.time() + DEADLINE
    if verb == "expect":
        wanted = plain(text)
        while (at := shown.find(wanted, seen)) < 0:
            gone = has_ended()  # asked before the last read: what it showed at the end counts
            size = len(shown)
            read(0.1)
            if time.time() > until or (gone and len(shown) == size):
                fail(step)
        seen = at + len(wanted)
    elif verb == "send":
        os.write(master, plain(text))
    elif verb == "wait":
        until = time.time() + float(text)
        while time.time() < until:
            read(0.05)
    elif verb == "resize":
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("4H", *map(int, text.split()), 0, 0))
    elif verb == "status":
        while not has_ended():
            if time.time() > until:
                fail(step)
            read(0.1)
        code = os.waitstatus_to_exitcode(ended)
        code = 128 - code if code < 0 else code
        if code != int(text):
            fail("%s, got %d" % (step, code))
    elif verb == "cooked":
        if termios.tcgetattr(slave) != before:
            fail(step)
