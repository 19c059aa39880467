"""The marks as a table of text, and what to look at first."""

from __future__ import annotations

WIDTH = 14


def table(facts: dict) -> str:
    """One line per student, one column per assignment; below, success by exercise and the most frequent mistakes."""
    names = [one["name"] for one in facts["assignments"]]
    rows = [["student", *names, "total"]]
    for one in facts["students"]:
        total = f"{one['score']:g} of {one['max_score']:g}"
        rows.append([one["name"], *(_mark(one["entries"][name]) for name in names), total])
    widths = [max(WIDTH, 2 + max(map(len, column))) for column in zip(*rows, strict=True)]
    lines = ["".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, "", *_exercises(facts), "", *_mistakes(facts), *_waiting(facts)])


def _mark(entry) -> str:
    return f"{entry['score']:g}" if entry["state"] == "graded" else entry["state"].replace("_", " ")


def _exercises(facts):
    for one in filter(lambda one: one["graded"], facts["assignments"]):
        passed = ", ".join(f"{item['name']} {item['states']['passed']}" for item in one["exercises"])
        yield f"{one['name']}: passed by, of {one['graded']}: {passed}"


def _mistakes(facts):
    for one in facts["mistakes"][:5]:
        yield f"{one['count']:>3} × {one['name']} ({', '.join(one['exercises'])})"


def _waiting(facts):
    if facts["manual"]:
        count = len(facts["manual"])
        yield f"\n{count} answer{'s' if count > 1 else ''} to mark by hand: until then those marks are not final."
