"""What a run needs: programs of packages, the compiled benchmark programs, and files to read."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import cases
from cases import Case

PACKAGES = {
    "gcc": "gcc libc6-dev",
    "find": "findutils",
    "/usr/bin/python3": "python3-minimal",
    "redis-server": "redis-server",
    "redis-benchmark": "redis-tools",
    "redis-cli": "redis-tools",
    "nginx": "nginx-light",
    "wrk": "wrk",
}
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class CannotRun(Exception):
    """Nothing can be measured; the text says why."""


def missing(programs: tuple[str, ...]) -> list[str]:
    return [program for program in programs if not shutil.which(program, path=PATH)]


def install(chosen: list[Case]) -> None:
    packages = sorted({p for name in missing(_needed(chosen)) for p in PACKAGES[name].split()})
    if not packages:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise CannotRun("--install needs root and apt-get; packages: " + " ".join(packages))
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", *command], env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise CannotRun("apt-get failed: " + (done.stderr.strip().splitlines() or [""])[-1])


def _needed(chosen: list[Case]) -> tuple[str, ...]:
    return ("gcc", *(program for case in chosen for program in case.needs))


def build_programs(sources: Path, programs: Path) -> None:
    if missing(("gcc",)):
        raise CannotRun("gcc is missing; package: " + PACKAGES["gcc"])
    programs.mkdir(parents=True, exist_ok=True)
    header = (sources / "bench.h").stat().st_mtime
    for source in sorted(sources.glob("*.c")):
        program = programs / source.stem
        if program.exists() and program.stat().st_mtime > max(header, source.stat().st_mtime):
            continue
        command = ["gcc", "-O2", "-Wall", "-Wextra", "-static", "-pthread", "-o", str(program), str(source)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise CannotRun(f"{source.name} cannot be compiled:\n{done.stderr}")


def make_data(data: Path) -> None:
    """The files that cases read; they are kept for the next run."""
    data.mkdir(parents=True, exist_ok=True)
    for name, size in ("64k", 64 << 10), ("256m", cases.BIG_FILE):
        if not (data / name).exists():
            with open(data / "new", "wb") as out:
                out.writelines(os.urandom(64 << 10) for _ in range(0, size, 64 << 10))
            (data / "new").rename(data / name)
    tree = data / "tree"
    if not tree.exists():
        new = data / "new-tree"
        shutil.rmtree(new, ignore_errors=True)
        for directory in range(cases.TREE_DIRECTORIES):
            (new / f"directory-{directory}").mkdir(parents=True)
            for file in range(cases.TREE_FILES):
                (new / f"directory-{directory}" / f"file-{file}").write_bytes(b"x" * (file * 20))
        new.rename(tree)
