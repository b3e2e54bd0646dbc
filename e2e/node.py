#!/usr/bin/env python3
"""node.py LOGS: the first process of a node, in a mount and a pid namespace of its own, until its input ends. Mounts are shared,
as systemd has them; /var/log is LOGS, for a kubelet removes logs of pods that it does not know."""
import os, signal, subprocess, sys


def reap(*_):
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


subprocess.run(["mount", "--make-rshared", "/"], check=True)
subprocess.run(["mount", "--bind", sys.argv[1], "/var/log"], check=True)
signal.signal(signal.SIGCHLD, reap)
print("made", flush=True)
sys.stdin.read()
