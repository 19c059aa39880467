"""The figures of the report as inline SVG: no script, no font, no file from elsewhere; the alt text says the numbers."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

# State → (colour, what it is called). Neighbours differ in lightness, so that a print in grey still tells them apart.
STATES = {
    "passed": ("#17594a", "passed"),
    "partial": ("#3d9a80", "partly"),
    "failed": ("#e07a5f", "failed"),
    "blocked": ("#f2c1ae", "blocked"),
    "not_answered": ("#eceff3", "not answered"),
    "manual": ("#9a8cc4", "by hand"),
    "grader_error": ("#111111", "grader's error"),
}
DARK = {"passed", "grader_error"}  # white numbers on these


def histogram(title: str, counts: list[int]) -> str:
    """Bars of how many students have 0–10 %, … 90–100 % of the points."""
    width, height, base = 36, 120, 140
    tallest = max([*counts, 1])
    bars = []
    for number, count in enumerate(counts):
        x, tall = 8 + number * width, height * count / tallest
        bars.append(f'<rect x="{x + 2}" y="{base - tall:.1f}" width="{width - 4}" height="{tall:.1f}" fill="#33658a"/>')
        if count:
            bars.append(f'<text x="{x + width / 2}" y="{base - tall - 5:.1f}" text-anchor="middle">{count}</text>')
    step = 100 // len(counts)
    ticks = [
        f'<text x="{8 + number * width}" y="{base + 16}" text-anchor="middle">{number * step}</text>'
        for number in range(len(counts) + 1)
    ]
    axis = f'<path d="M8 {base}H{8 + len(counts) * width}" stroke="#667" fill="none"/>'
    legend = f'<text x="{8 + len(counts) * width / 2}" y="{base + 34}" text-anchor="middle">% of the points</text>'
    said = ", ".join(
        f"{number * step} to {(number + 1) * step} %: {count}" for number, count in enumerate(counts) if count
    )
    return _figure(
        f"{title}: number of students by share of the points. {said or 'nobody yet'}.",
        len(counts) * width + 30,
        base + 42,
        [*bars, axis, *ticks, legend],
    )


def success(title: str, rows: list[tuple[str, dict[str, int]]]) -> str:
    """One bar per exercise, divided by state; the number of students stands in each part."""
    left, width, step, top = 165, 365, 28, 4
    parts, said = [], []
    for number, (name, states) in enumerate(rows):
        y, x, total = top + number * step, float(left), max(sum(states.values()), 1)
        parts.append(f'<text x="{left - 8}" y="{y + 16}" text-anchor="end" class="code">{escape(name)}</text>')
        for state, (colour, _) in STATES.items():
            if states.get(state):
                wide = width * states[state] / total
                parts.append(
                    f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="{step - 6}" fill="{colour}" stroke="white"/>'
                )
                ink = "white" if state in DARK else "#222"
                parts.append(
                    f'<text x="{x + wide / 2:.1f}" y="{y + 16}" text-anchor="middle" fill="{ink}">{states[state]}</text>'
                )
                x += wide
        said.append(f"{name}: " + ", ".join(f"{count} {STATES[state][1]}" for state, count in states.items() if count))
    return _figure(
        f"{title}: students by outcome. {'; '.join(said)}.", left + width + 10, top + len(rows) * step, parts
    )


def _figure(alt: str, width: float, height: float, parts: list[str]) -> str:
    opening = f'<svg viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="img" aria-label={quoteattr(alt)}>'
    return "".join([opening, *parts, "</svg>"])
