"""What a class did, counted from results.json: one entry for each student and assignment."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict

from course_lib import exercises
from course_lib.exercises.mistakes import MISTAKES
from course_lib.exercises.verdict import STATES

BINS = 10  # of the histogram of marks: 0–10 %, … 90–100 %
SLOWEST = 10  # submissions and cells that are listed


def points(results: list[dict]) -> dict[str, float]:
    """Assignment → its points."""
    return {entry["assignment"]: entry["max_score"] for entry in results}


def summary(results: list[dict], cells: dict[tuple[str, str], dict[str, float]]) -> dict:
    """Everything that the page shows, as plain data. cells: (student, assignment) → seconds by cell (`Record.cells`)."""
    return {
        "students": students(results),
        "assignments": [assignment(name, entries) for name, entries in by_assignment(results).items()],
        "states": Counter(entry["state"] for entry in results),
        "mistakes": mistakes(results),
        "chains": chains(results),
        "attention": [
            one for one in results if one["state"] != "missing" and (one["state"] != "graded" or one["reason"])
        ],
        "missing": missing(results),
        "slow": sorted(results, key=lambda entry: -entry["seconds"])[:SLOWEST],
        "cells": slow_cells(cells),
        "seconds": sum(entry["seconds"] for entry in results),
        "manual": [(entry, item) for entry in results for item in entry["exercises"] if item["state"] == "manual"],
    }


def by_assignment(results) -> dict[str, list[dict]]:
    groups = defaultdict(list)
    for entry in results:
        groups[entry["assignment"]].append(entry)
    return dict(groups)


def students(results) -> list[dict]:
    """Name, entry of each assignment, and total of each student; the number serves as pseudonym."""
    groups, worth = defaultdict(dict), sum(points(results).values())
    for entry in results:
        groups[entry["student"]][entry["assignment"]] = entry
    return [
        {
            "name": name,
            "number": number,
            "entries": entries,
            "score": sum(entry["score"] for entry in entries.values()),
            "max_score": worth,
        }
        for number, (name, entries) in enumerate(sorted(groups.items()), 1)
    ]


def assignment(name: str, entries: list[dict]) -> dict:
    """Marks of one assignment: their spread, and the success in each exercise. Only what was graded counts."""
    graded = [entry for entry in entries if entry["state"] == "graded"]
    shares = [entry["score"] / entry["max_score"] for entry in graded if entry["max_score"]]
    states = defaultdict(Counter)
    for entry in graded:
        for item in entry["exercises"]:
            states[item["name"]][item["state"]] += 1
    bins = Counter(min(int(share * BINS), BINS - 1) for share in shares)
    return {
        "name": name,
        "max_score": entries[0]["max_score"],
        "graded": len(graded),
        "waiting": sum(any(item["state"] == "manual" for item in entry["exercises"]) for entry in graded),
        "mean": statistics.mean(shares) if shares else None,
        "median": statistics.median(shares) if shares else None,
        "histogram": [bins[number] for number in range(BINS)],
        "exercises": [
            {"name": exercise, "states": {state: counts[state] for state in STATES}}
            for exercise, counts in states.items()
        ],
    }


def missing(results) -> dict[str, list[str]]:
    """Assignment → who has handed nothing in."""
    return {
        name: students
        for name, entries in by_assignment(results).items()
        if (students := [entry["student"] for entry in entries if entry["state"] == "missing"])
    }


def slow_cells(cells) -> list[dict]:
    """The cells that took longest, each once: in the median of the class, at most, and with whom."""
    times = defaultdict(list)
    for (student, assignment), seconds in cells.items():
        for cell, spent in seconds.items():
            times[assignment, cell].append((spent, student))
    rows = [
        {
            "assignment": assignment,
            "cell": cell,
            "median": statistics.median(seconds for seconds, _ in spent),
            "longest": max(spent)[0],
            "student": max(spent)[1],
        }
        for (assignment, cell), spent in times.items()
    ]
    return sorted(rows, key=lambda row: -row["longest"])[:SLOWEST]


def mistakes(results) -> list[dict]:
    """Which mistakes, by how many students, and what to say in class; the most frequent first.

    Students are counted, not cases: a mistake in one exercise shows again in those that build on it.
    """
    found = defaultdict(list)
    for entry in results:
        for item in entry["exercises"]:
            if item["mistake"]:
                found[item["mistake"]].append((item["name"], entry["student"]))
    counted = [_mistake(name, cases) for name, cases in found.items()]
    return sorted(counted, key=lambda one: (-one["count"], one["name"]))


def _mistake(name, cases) -> dict:
    students = sorted({student for _, student in cases})
    known = MISTAKES[name] if name in MISTAKES else None  # noqa: SIM401 (pairs are put together by [], not by get)
    exercises = Counter(exercise for exercise, _ in cases)
    return {"name": name, "count": len(students), "exercises": exercises, "students": students, "known": known}


def chains(results) -> list[dict]:
    """Who is stuck: the failed exercise at the root, and what it blocks, for each student."""
    rows = []
    for entry in results:
        states = {item["name"]: item["state"] for item in entry["exercises"]}
        blocked = defaultdict(list)
        for name, state in states.items():
            if state == "blocked":
                for root in _roots(name, states):
                    blocked[root].append(name)
        rows += [
            {"student": entry["student"], "assignment": entry["assignment"], "root": root, "blocked": names}
            for root, names in blocked.items()
        ]
    return rows


def _roots(name, states) -> list[str]:
    """The exercises that are not passed and not themselves blocked, on which a blocked one builds."""
    needs = [need for need in exercises.find(name).needs if states.get(need, "passed") != "passed"]
    below = [root for need in needs for root in (_roots(need, states) if states[need] == "blocked" else [need])]
    return list(dict.fromkeys(below))
