"""Times as ratios of one run. Candidates take turns and each keeps its best round; what counts is the processor time of
all threads, so neither a busy machine nor a second core changes the comparison."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import version

# One thread each; must be said before numpy, torch or jax is imported.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")


def best_of(candidates, seconds=2.0, rounds=400):
    """Name → seconds per call, the best of up to `rounds` rounds, interleaved, for about `seconds` in all."""
    repeats = {}
    for name, run in candidates.items():
        run()  # compile, allocate, warm the caches
        start = time.process_time()
        run()
        repeats[name] = max(1, int(5e-4 / max(time.process_time() - start, 1e-6)))
    best, end = dict.fromkeys(candidates, float("inf")), time.perf_counter() + seconds
    for done in range(rounds):
        for name, run in candidates.items():
            start = time.process_time()
            for _ in range(repeats[name]):
                run()
            best[name] = min(best[name], (time.process_time() - start) / repeats[name])
        if time.perf_counter() > end and done >= 2:
            break
    return best


def human(seconds):
    """3.1 µs, 4.2 ms, 5.0 s."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size or unit == "µs":
            return f"{seconds / size:.3g} {unit}"
    return ""


def table(head, rows):
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def machine(*packages):
    """Kind of machine and versions, one line."""
    known = ", ".join(f"{name} {version(name)}" for name in packages)
    return f"{platform.machine()}, {os.cpu_count()} cores, processor time; Python {platform.python_version()}, {known}"
