"""The Markdown table."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

from cases import Row
from noise import Noise
from results import Results
from runners import OURS, PEER, RUNNERS


def markdown(results: Results, left_out: dict[str, str], noise: Noise) -> str:
    columns = [runner.name for runner in RUNNERS]
    notes: dict[str, int] = {}
    lines = [
        f"| case | {' | '.join(columns)} | {OURS} : {PEER} |",
        f"|---|{'---:|' * (len(columns) + 1)}",
    ]
    group = ""
    for case, row in results.rows():
        if case.group != group:
            group = case.group
            lines.append(f"| **{group}** |{' |' * (len(columns) + 1)}")
        ratio = results.ratio(row)
        cells = [_cell(results, row, runner, notes) for runner in columns]
        lines.append(f"| {row.title} | {' | '.join(cells)} | {'–' if ratio is None else f'{ratio:.2f}'} |")
    paragraphs = [
        [f"{_superscript(number)} {note}" for note, number in notes.items()],
        results.summary(),
        [f"{name} is left out: {why}." for name, why in left_out.items()],
        [_setting(results, noise)],
    ]
    for paragraph in filter(None, paragraphs):
        lines += ["", "  \n".join(paragraph)]  # two blanks: the lines stay apart
    return "\n".join(lines) + "\n"


def _cell(results: Results, row: Row, runner: str, notes: dict[str, int]) -> str:
    cell = results.cell(row, runner)
    text = "–" if cell.median is None else row.unit.text(cell.median)
    marks = dict.fromkeys(cell.marks)
    if cell.median is None and marks:
        text = next(iter(marks))[0]
    numbers = {notes.setdefault(_note(mark, why), len(notes) + 1) for mark, why in marks}
    return text + "".join(_superscript(number) for number in sorted(numbers))


def _note(mark: str, why: str) -> str:
    return f"lacking there: {why}" if mark == "–" else f"{mark}: {why}"


def _superscript(number: int) -> str:
    return f"<sup>{number}</sup>"


def _setting(results: Results, noise: Noise) -> str:
    kernel = ".".join(platform.release().split(".")[:2])
    versions = [f"Linux {kernel}", f"{os.cpu_count()} CPUs ({_cpu_model()})"]
    if any(name.startswith("runsc") for name in results.runners):
        output = subprocess.run(["runsc", "--version"], capture_output=True, text=True).stdout
        versions.append(output.splitlines()[0] if output else "runsc")
    rounds = "1 round" if results.rounds == 1 else f"{results.rounds} rounds"
    return (
        f"Medians of {rounds}, interleaved, in {noise.seconds / 60:.0f} minutes; {', '.join(versions)}; "
        f"other processes used {noise.cpus:.1f} CPUs meanwhile."
    )


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
