#!/usr/bin/env python3
"""reaper.py ID THEN RUNTIME...: creates and starts the container of the bundle in the working directory as containerd's
shim does, which is the reaper of its descendants, and prints how the process of the pid file ended. THEN is "kill" or ""."""
import ctypes, os, subprocess, sys

PR_SET_CHILD_SUBREAPER = 36
identity, then, runtime = sys.argv[1], sys.argv[2], sys.argv[3:]
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
with open("/dev/null", "r+") as null:
    subprocess.run([*runtime, "create", "--pid-file", "reaper.pid", identity], stdin=null, stdout=null, check=True)
    pid = int(open("reaper.pid").read())
    subprocess.run([*runtime, "start", identity], stdin=null, check=True)
    if then:
        subprocess.run([*runtime, "kill", identity, "KILL"], stdin=null, check=True)
_, status = os.waitpid(pid, 0)
status = os.waitstatus_to_exitcode(status)
print("exited", status if status >= 0 else 128 - status)
subprocess.run([*runtime, "delete", "--force", identity], check=True)
