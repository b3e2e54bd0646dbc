"""What is measured: every case with its rows of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import measure
from measure import Measurement
from units import BANDWIDTH, MEMORY, REQUESTS, TIME, Unit

LIMIT = 60  # seconds that a case may take
FILES = 10_000
TREE_DIRECTORIES, TREE_FILES = 200, 100
BIG_FILE = 256 << 20


@dataclass(frozen=True)
class Row:
    title: str
    unit: Unit = TIME


@dataclass(frozen=True)
class Case:
    group: str
    rows: tuple[Row, ...]
    measurement: Measurement
    needs: tuple[str, ...]  # programs besides those of this directory
    limit: float  # seconds

    @property
    def title(self) -> str:
        return "; ".join(row.title for row in self.rows)


class _Cases:
    """The cases, with the places that they use."""

    def __init__(self, programs: Path, data: Path, sources: Path) -> None:
        self.programs, self.data, self.sources = programs, data, sources
        self.all: list[Case] = []
        self.group = ""

    def add(
        self,
        rows: str | Sequence[Row],
        measurement: Measurement,
        needs: tuple[str, ...] = (),
        limit: float = LIMIT,
    ) -> None:
        rows = (Row(rows),) if isinstance(rows, str) else tuple(rows)
        self.all.append(Case(self.group, rows, measurement, needs, limit))

    def program(
        self, rows: str | Sequence[Row], name: str, *arguments: str | Path, needs: tuple[str, ...] = ()
    ) -> None:
        command = (str(self.programs / name), *map(str, arguments))
        self.add(rows, measure.Program(command), needs)

    def system_calls(self) -> None:
        self.group = "System calls"
        self.program("getpid", "getpid")
        self.program("clock_gettime", "clockgettime")
        for way in "read", "write":
            for size, name in (1, "1 B"), (64 << 10, "64 KiB"):
                device = "/dev/zero" if way == "read" else "/dev/null"
                self.program(f"{way} {name}, {device}", "io", way, "old", device, str(size))
                self.program(f"{way} {name}, tmpfs", "io", way, "new", "/dev/shm", str(size))
                where = ("old", self.data / "64k") if way == "read" else ("new", ".")
                self.program(f"{way} {name}, rootfs", "io", way, *where, str(size))
        self.program("stat + open + close", "openclose", self.data / "64k")
        self.program("epoll: 1 of 1,000 ready", "epoll")

    def processes(self) -> None:
        self.group = "Processes, threads, signals"
        self.program("pipe ping-pong, 2 processes", "channel", "pipe", "pingpong")
        self.program("futex ping-pong, 2 threads", "futex")
        self.program("signal to oneself", "signal")
        self.program("thread: create + join", "thread")
        self.program("fork + exec + wait", "forkexec")

    def memory(self) -> None:
        self.group = "Memory"
        self.program("mmap + touch + munmap of 4 MiB", "mmap")
        self.program("page fault", "pagefault")

    def files(self) -> None:
        self.group = "Files"
        big, tree = self.data / "256m", self.data / "tree"
        self.program(f"{FILES:,} small files: create, stat, unlink", "smallfiles", str(FILES), ".")
        rows = [Row(f"read 256 MiB by 64 KiB, {time}", BANDWIDTH) for time in ("first time", "again")]
        self.program(rows, "readfile", "whole", big)
        self.program("read next 4 KiB of 256 MiB", "readfile", "sequential", big)
        self.program("read random 4 KiB of 256 MiB", "readfile", "random", big)
        count = f"{TREE_DIRECTORIES * TREE_FILES:,} files"
        self.twice(f"find: names of {count}", "find", tree, needs=("find",))
        self.twice(f"find: sizes of {count}", "find", tree, "-size", "+1", needs=("find",))

    def twice(self, title: str, *command: str | Path, needs: tuple[str, ...]) -> None:
        rows = [Row(f"{title}, {time}") for time in ("first time", "again")]
        self.program(rows, "timed", "both", *command, needs=needs)

    def real_programs(self) -> None:
        self.group = "Programs"
        script = "i=0; while [ $i -lt 1000 ]; do /bin/true; i=$((i + 1)); done"
        self.program("sh: 1,000 times /bin/true", "timed", "once", "/bin/sh", "-c", script)
        self.twice("python3 -c pass", "/usr/bin/python3", "-c", "pass", needs=("/usr/bin/python3",))
        source = self.sources / "smallfiles.c"
        self.twice("gcc -O2 -c of 45 lines of C", "gcc", "-O2", "-c", "-o", "./compiled.o", source, needs=("gcc",))

    def network(self) -> None:
        self.group = "Sockets"
        for kind, name in ("unix", "unix socket"), ("tcp", "TCP loopback"):
            self.program(f"{name} ping-pong", "channel", kind, "pingpong")
            self.program([Row(f"{name} bulk", BANDWIDTH)], "channel", kind, "bulk")
        for kind, name in ("unix", "a unix socket"), ("tcp", "TCP loopback"):
            self.add(
                [Row(f"redis over {name}: {what}", REQUESTS) for what in ("GET", "SET")],
                measure.Program(("/bin/sh", str(self.sources / "redis.sh"), kind)),
                needs=("redis-server", "redis-benchmark", "redis-cli"),
            )
        self.add(
            [Row("nginx over TCP loopback: 1 KiB", REQUESTS)],
            measure.Program(("/bin/sh", str(self.sources / "nginx.sh"), str(self.programs))),
            needs=("nginx", "wrk"),
        )

    def sandboxes(self, counts: Sequence[int]) -> None:
        self.group = "Sandboxes"
        self.add("start-up: true", measure.StartUp(("/bin/true",)))
        for count in counts:
            name = "1 sandbox" if count == 1 else f"{count} sandboxes"
            rows = [Row(f"{name}: all started"), Row(f"{name} with sleep: memory (PSS)", MEMORY)]
            self.add(rows, measure.Sandboxes(count), limit=LIMIT + 2 * count)


def all_cases(programs: Path, data: Path, sources: Path, quick: bool) -> list[Case]:
    cases = _Cases(programs, data, sources)
    cases.system_calls()
    cases.processes()
    cases.memory()
    cases.files()
    cases.real_programs()
    cases.network()
    cases.sandboxes((1, 4) if quick else (1, 4, 16, 64))
    return cases.all
