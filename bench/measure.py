"""How a case is measured under a runner: each way yields as many figures as its case has rows."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import processes
from runners import Runner

SETTLED = 1.0  # seconds until the memory of what has just started is read


@dataclass(frozen=True)
class Place:
    """Where commands run, and with which environment."""

    cwd: Path
    env: Mapping[str, str]


class Measurement(Protocol):
    def figures(self, runner: Runner, place: Place, limit: float) -> list[float]: ...


@dataclass(frozen=True)
class Program:
    """A command that measures and prints the figures itself, so that a sandbox's start does not count."""

    command: tuple[str, ...]

    def figures(self, runner: Runner, place: Place, limit: float) -> list[float]:
        output = processes.run([*runner.prefix, *self.command], place.cwd, place.env, limit)
        try:
            return [float(line) for line in output.split()]
        except ValueError:
            raise processes.Failed(f"no figures: {output[-100:]!r}") from None


@dataclass(frozen=True)
class StartUp:
    """A command's time from start to finish, seen from outside: the median of three."""

    command: tuple[str, ...]

    def figures(self, runner: Runner, place: Place, limit: float) -> list[float]:
        times = []
        for _ in range(3):
            begin = time.monotonic()
            processes.run([*runner.prefix, *self.command], place.cwd, place.env, limit)
            times.append(time.monotonic() - begin)
            processes.end_descendants(grace=2)
        return [sorted(times)[1]]


@dataclass(frozen=True)
class Sandboxes:
    """The time until COUNT of them, started at once, all run a program, and the memory that they then occupy."""

    count: int

    def figures(self, runner: Runner, place: Place, limit: float) -> list[float]:
        command = [*runner.prefix, "/bin/sh", "-c", "echo up; exec sleep 1000"]
        begin = time.monotonic()
        started: list[subprocess.Popen[bytes]] = []
        try:
            for _ in range(self.count):
                started.append(
                    subprocess.Popen(
                        command,
                        cwd=place.cwd,
                        env=place.env,
                        stdin=subprocess.DEVNULL,
                        stdout=subprocess.PIPE,
                        stderr=subprocess.DEVNULL,
                        start_new_session=True,
                    )
                )
            self._await_all(started, begin + limit)
            took = time.monotonic() - begin
            time.sleep(SETTLED)
            memory = processes.memory()
            for process in started:
                process.terminate()
            processes.end_descendants(grace=5 + self.count / 4)
            return [took, float(memory)]
        finally:
            processes.end_descendants()
            for process in started:
                process.communicate()

    def _await_all(self, started: list[subprocess.Popen[bytes]], deadline: float) -> None:
        with selectors.DefaultSelector() as selector:
            for process in started:
                assert process.stdout
                selector.register(process.stdout, selectors.EVENT_READ)
            while selector.get_map():
                ready = selector.select(max(0, deadline - time.monotonic()))
                if not ready:
                    raise processes.TimedOut("not all had started in time")
                for key, _ in ready:
                    if os.read(key.fd, 16) != b"up\n":
                        raise processes.Failed("a sandbox did not start")
                    selector.unregister(key.fileobj)
