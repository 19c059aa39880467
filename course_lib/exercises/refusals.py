"""Exercises in which some arguments must be refused: a silent wrong answer is the mistake, a clear `ValueError` is right."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace

from course_lib.exercises.advice import in_words
from course_lib.exercises.compare import at, describe
from course_lib.exercises.verdict import Verdict, failed
from course_lib.wire import Call, Opaque, Response


def refusing(verify: Callable, must_refuse: Callable, why: Callable, mistake: str) -> Callable:
    """A `verify` that judges the ordinary calls by `verify`, and then wants a `ValueError` for the others.

    must_refuse(*args) → whether these arguments must be refused
    why(*args) → what the refusal protects from, for the student
    mistake          the name under which an answer that does not refuse is counted
    """

    @functools.wraps(verify)
    def both(calls: list[Call], responses: list[Response]) -> Verdict:
        pairs = list(zip(calls, responses, strict=True))
        refused = [pair for pair in pairs if must_refuse(*pair[0].args)]
        ordinary = [pair for pair in pairs if not must_refuse(*pair[0].args)]
        verdict = verify([call for call, _ in ordinary], [response for _, response in ordinary])
        if not verdict:
            return replace(verdict, message=verdict.message + refused_too_much(ordinary))
        for call, response in refused:
            complaint = not_refused(response)
            if complaint:
                return failed(f"{complaint}\n  {at(call)}\n  {why(*call.args)}", mistake)
        return Verdict("passed", 1.0, f"{verdict.evidence}; {len(refused)} traps refused with a ValueError")

    return both


def refused_too_much(ordinary) -> str:
    """One line more for an answer that refuses what is right; empty for any other."""
    refused = [r.raised for _, r in ordinary if r.raised and r.raised.type == "ValueError" and not in_words(r.raised)]
    return (
        "\n  Nothing is wrong with these arguments: was it you who refused them? Look at what your test compares."
        * bool(refused)
    )


def not_refused(response: Response) -> str:
    """What is missing in a refusal; empty if it is a ValueError with words."""
    wanted = "This call must be refused: wanted a ValueError"
    raised = response.raised
    if raised is None and isinstance(response.value, Opaque) and response.value.type.endswith("Error"):
        return f"{wanted}, and one was returned. To refuse is to `raise`; what is returned looks like an answer."
    if raised is None:
        return f"{wanted}, and {describe(response.value)} came back without a complaint."
    if raised.type == "AssertionError":
        return f"{wanted}, and an AssertionError came. `assert` is for your own slips and vanishes under `python -O`; use `raise ValueError(…)`."
    if "must derive from BaseException" in raised.text:
        return f"{wanted}, and what was raised is no exception. Put your words into one: `raise ValueError(…)`."
    if raised.type != "ValueError":
        return "\n  ".join([f"{wanted}, and {raised.type} came: {raised.text}", *raised.lines[-1:]])
    if not raised.text.strip():
        return f"{wanted} with words: say which shape came and which one you want."
    return ""
