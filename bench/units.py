"""What is measured in which unit, and how people read it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    name: str  # of the figures as they are kept
    steps: tuple[tuple[float, str], ...]  # falling: from this many on, in that unit
    higher_is_better: bool = False

    def text(self, value: float) -> str:
        """Three significant digits and the unit that suits them."""
        size, name = next((step for step in self.steps if value >= step[0] * 0.9995), self.steps[-1])
        scaled = value / size
        digits = 2 if scaled < 9.995 else 1 if scaled < 99.95 else 0
        return f"{scaled:,.{digits}f} {name}".rstrip()

    def slowdown(self, value: float, base: float) -> float:
        """How many times worse VALUE is than BASE; below 1 it is better."""
        return base / value if self.higher_is_better else value / base


TIME = Unit("s", ((1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")))
MEMORY = Unit("B", ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")))
BANDWIDTH = Unit("B/s", ((2**30, "GiB/s"), (2**20, "MiB/s"), (2**10, "KiB/s")), higher_is_better=True)
REQUESTS = Unit("1/s", ((1, "/s"),), higher_is_better=True)
