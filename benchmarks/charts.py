"""Results as pictures for the README: bars of medians, one a name, drawn as SVG without any library."""

from __future__ import annotations

from html import escape
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.results import RESULTS

WIDTH, LEFT, BAR, GAP, TOP = 760, 210, 22, 10, 64
# Readable on the white and on the dark page alike.
INK, OURS, OTHERS = "#7a7f87", "#2f81f7", "#9aa4b2"


# What can be drawn: how it is called, and its unit.
FIGURES = {
    "seconds": ("seconds", "s"),
    "peak_mb": ("peak memory above imports", "MB"),
    "calls": ("calls to Xero a window", "calls"),
}


def draw(name: str, figure: str, sessions: list[dict[str, Any]], directory: Path = RESULTS) -> None:
    """Draw a figure of the newest session of a benchmark as results/NAME.svg."""
    (directory / f"{name}.svg").write_text(svg(name, figure, sessions[-1]))


def svg(name: str, figure: str, session: dict[str, Any]) -> str:
    """Bars of the medians of a figure, in the order they were first measured, with a line from the least to the greatest."""
    called, unit = FIGURES[figure]
    values: dict[str, list[float]] = {}
    for one in session["measurements"]:
        values.setdefault(one["name"], []).append(float(one[figure]))
    most = max((max(each) for each in values.values()), default=1) or 1
    scale = (WIDTH - LEFT - 90) / most
    height = TOP + len(values) * (BAR + GAP) + 28
    where = session["machine"]
    caption = (
        f"{session['invoices']:,} invoices, {where['cores']} cores, PostgreSQL {where['postgresql']}, "
        f"Python {where['python']}, {session['at'][:10]}"
    )
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
            f'font-family="system-ui, sans-serif" font-size="13" fill="{INK}" role="img" aria-label="{escape(name)}">'
        ),
        f'<text x="0" y="20" font-size="16" font-weight="600">{escape(name.replace("_", " "))}: {called}, less is better</text>',
        f'<text x="0" y="42">{escape(caption)}</text>',
    ]
    for number, (label, found) in enumerate(values.items()):
        y = TOP + number * (BAR + GAP)
        middle, length = y + BAR / 2, median(found) * scale
        colour = OURS if _is_ours(label) else OTHERS
        parts.append(f'<text x="{LEFT - 10}" y="{middle + 4}" text-anchor="end">{escape(label)}</text>')
        parts.append(f'<rect x="{LEFT}" y="{y}" width="{max(length, 1):.1f}" height="{BAR}" rx="2" fill="{colour}"/>')
        if len(found) > 1:
            ends = f'x1="{LEFT + min(found) * scale:.1f}" x2="{LEFT + max(found) * scale:.1f}"'
            parts.append(f'<line {ends} y1="{middle}" y2="{middle}" stroke="{INK}" stroke-width="2"/>')
        end = LEFT + max(max(found) * scale, length) + 8
        parts.append(f'<text x="{end:.1f}" y="{middle + 4}">{median(found):.3g} {unit}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _is_ours(label: str) -> bool:
    return not label.startswith(("dlt", "tap-xero", "pandas", "floor", "empty"))
