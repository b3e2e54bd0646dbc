"""The figures of a run, and what became of those that are missing."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cases import Case, Row
from runners import OURS, PEER


@dataclass
class Cell:
    """One row under one runner."""

    figures: list[float] = field(default_factory=list)
    marks: list[tuple[str, str]] = field(default_factory=list)  # what stands there instead of a figure, and why

    @property
    def median(self) -> float | None:
        return statistics.median(self.figures) if self.figures else None


class Results:
    def __init__(self, cases: list[Case], runners: list[str]) -> None:
        self.cases, self.runners = cases, runners
        self.rounds = 0
        self._cells: dict[tuple[str, str], Cell] = {}

    def cell(self, row: Row, runner: str) -> Cell:
        return self._cells.setdefault((row.title, runner), Cell())

    def rows(self) -> Iterator[tuple[Case, Row]]:
        return ((case, row) for case in self.cases for row in case.rows)

    def ratio(self, row: Row, runner: str = OURS, peer: str = PEER) -> float | None:
        """How many times worse RUNNER is than PEER: below 1 it is better, whatever the unit."""
        ours, theirs = self.cell(row, runner).median, self.cell(row, peer).median
        return row.unit.slowdown(ours, theirs) if ours and theirs else None

    def summary(self) -> list[str]:
        """One line for each of our runners."""
        lines = []
        for runner in self.runners:
            ratios = [r for _, row in self.rows() if (r := self.ratio(row, runner)) is not None]
            if runner.startswith("gvj-") and ratios:
                alone = sum(self.cell(row, PEER).median is not None for _, row in self.rows()) - len(ratios)
                lines.append(
                    f"{runner}: no slower than {PEER} in {sum(r <= 1 for r in ratios)} of {len(ratios)}, "
                    f"at least twice as fast in {sum(r <= 0.5 for r in ratios)}"
                    + (f"; {alone} more ran under {PEER} only." if alone else ".")
                )
        return lines

    def write_tsv(self, path: Path) -> None:
        lines = ["case\tunit\tbetter\trunner\tmedian\tmin\tmax\trounds\tnotes"]
        for _, row in self.rows():
            better = "higher" if row.unit.higher_is_better else "lower"
            for runner in self.runners:
                cell = self.cell(row, runner)
                spread = (cell.median, min(cell.figures), max(cell.figures)) if cell.figures else ("", "", "")
                figures = " ".join(f"{figure:.6g}" for figure in cell.figures)
                notes = "; ".join(dict.fromkeys(f"{mark}: {why}" for mark, why in cell.marks))
                numbers = "\t".join(f"{value:.6g}" if value != "" else "" for value in spread)
                lines.append(f"{row.title}\t{row.unit.name}\t{better}\t{runner}\t{numbers}\t{figures}\t{notes}")
        path.write_text("\n".join(lines) + "\n")
