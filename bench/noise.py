"""How much of the machine other processes used during a run: figures of a busy machine are worth less."""

from __future__ import annotations

import os
import time
from pathlib import Path


def _busy() -> float:
    """Seconds that all CPUs together have been busy or stolen."""
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, _first_line().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def _first_line() -> str:
    with Path("/proc/stat").open() as file:
        return file.readline()


def _own() -> float:
    """Seconds of CPU of this process and of everything that it has waited for."""
    return sum(os.times()[:4])


class Noise:
    def __init__(self) -> None:
        self._busy, self._own, self._begin = _busy(), _own(), time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._begin

    @property
    def cpus(self) -> float:
        """The number of CPUs that others have used on average since this was made."""
        return max(0.0, (_busy() - self._busy) - (_own() - self._own)) / max(self.seconds, 1e-3)
