"""The plot: for every row how many times worse than natively, on a logarithmic axis; one colour for each runner."""

from __future__ import annotations

import math
from html import escape

from results import Results
from runners import NATIVE

COLOURS = {
    "gvj-systrap": "#0a7d4f",
    "gvj-kvm": "#7fc8a4",
    "runsc-systrap": "#c0392b",
    "runsc-ptrace": "#e59b8f",
}
LEFT, RIGHT, TOP, BOTTOM = 330, 30, 64, 40
WIDTH = 1000
ROW, HEADING, BAR_GAP = 30, 28, 2


def svg(results: Results) -> str | None:
    """None if there is nothing to compare with."""
    shown = [name for name in COLOURS if name in results.runners]
    worst = [
        value
        for _, row in results.rows()
        for name in shown
        for value in [results.ratio(row, name, NATIVE)]
        if value is not None
    ]
    if not worst:
        return None
    low = min(-1, math.floor(math.log10(min(worst))))
    high = max(1, math.ceil(math.log10(max(worst))))

    def x(value: float) -> float:
        return LEFT + (math.log10(value) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    body: list[str] = []
    y, group = TOP, ""
    for case, row in results.rows():
        values = [(name, results.ratio(row, name, NATIVE)) for name in shown]
        if all(value is None for _, value in values):
            continue
        if case.group != group:
            group = case.group
            body.append(_text(8, y + 19, group, "bold"))
            y += HEADING
        base = results.cell(row, NATIVE).median
        body.append(_text(LEFT - 8, y + ROW / 2 + 1, f"{row.title} ({row.unit.text(base or 0)})", anchor="end"))
        height = (ROW - 8) / len(shown)
        for index, (name, value) in enumerate(values):
            if value is not None:
                begin, end = sorted((x(1), x(value)))
                title = f"{name}: {row.unit.text(results.cell(row, name).median or 0)}, {value:.2f} times native"
                body.append(
                    f'<rect x="{begin:.1f}" y="{y + index * height:.1f}" width="{max(1, end - begin):.1f}" '
                    f'height="{height - 1:.1f}" fill="{COLOURS[name]}"><title>{escape(title)}</title></rect>'
                )
        y += ROW
    return _page(y, body, [(x(10.0**power), power) for power in range(low, high + 1)], shown)


def _page(bottom: float, body: list[str], ticks: list[tuple[float, int]], shown: list[str]) -> str:
    height = bottom + BOTTOM
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="12" fill="#222">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        _text(8, 20, "Times native, logarithmic; shorter is better. In brackets: native.", "bold"),
    ]
    for index, name in enumerate(shown):
        left = LEFT + index * 150
        lines.append(f'<rect x="{left}" y="32" width="12" height="12" fill="{COLOURS[name]}"/>')
        lines.append(_text(left + 18, 42, name))
    for position, power in ticks:
        colour, label = ("#444", "1") if power == 0 else ("#ddd", f"{10.0**power:g}")
        lines.append(f'<path d="M{position:.1f} {TOP - 8}V{bottom}" stroke="{colour}"/>')
        lines.append(_text(position, bottom + 18, label, anchor="middle"))
    return "\n".join([*lines, *body, "</svg>"]) + "\n"


def _text(x: float, y: float, text: str, weight: str = "normal", anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-weight="{weight}" text-anchor="{anchor}">{escape(text)}</text>'
