"""Child processes: their whole tree, its memory, and its end.

Everything that a runtime starts is a descendant of this process, because orphans are given to it and not to init.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36


class TimedOut(Exception):
    """A command took longer than it may."""


class Failed(Exception):
    """A command failed; the text says how."""


class Lacking(Exception):
    """The kernel below a command lacks what it measures; the text says what."""


def adopt_orphans() -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def descendants() -> list[int]:
    """The pids of all living processes below this one."""
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                fields = Path(entry.path, "stat").read_text(errors="replace").rpartition(")")[2].split()
            except OSError:
                continue  # it has just ended
            if fields[0] != "Z":
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found: list[int] = []
    waiting = [os.getpid()]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def memory() -> int:
    """The bytes that all processes below this one occupy, shared pages divided by their users (PSS)."""
    total = 0
    for pid in descendants():
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return total


def end_descendants(grace: float = 0) -> int:
    """Waits GRACE seconds for the processes below this one to end, kills the rest, and says how many those were."""
    deadline = time.monotonic() + grace
    while descendants() and time.monotonic() < deadline:
        _reap()
        time.sleep(0.02)
    killed: set[int] = set()
    while left := descendants():
        killed.update(left)
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        _reap()
        time.sleep(0.02)
    _reap()
    return len(killed)


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def run(command: Sequence[str], cwd: Path, env: Mapping[str, str], limit: float) -> str:
    """The standard output of COMMAND, which must succeed within LIMIT seconds."""
    with tempfile.TemporaryFile(dir=cwd) as errors, tempfile.TemporaryFile(dir=cwd) as output:
        process = subprocess.Popen(
            command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, start_new_session=True
        )
        try:
            status = process.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            end_descendants()
            process.wait()
            raise TimedOut(f"longer than {limit:g} s") from None
        errors.seek(0)
        complaint = (errors.read().decode(errors="replace").strip().splitlines() or [""])[-1]
        if status == 77:
            raise Lacking(complaint)
        if status != 0:
            raise Failed(f"status {status}: {complaint}")
        output.seek(0)
        return output.read().decode(errors="replace")
