"""Tasks through an executor: a bounded number at a time, and what an executor loses is done again."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import AbstractContextManager

WINDOW = 256  # tasks in flight: enough for a cluster, few enough that memory stays flat with 2,000 submissions


def run(
    open_executor: Callable[[], AbstractContextManager[Executor]],
    submit: Callable[[Executor, object], Future],
    items: Iterable,
    done: Callable,
    lost: Callable,
) -> None:
    """Do what submit(executor, item) orders for each item, in any order, and hand (item, result, executor) to `done`.

    A process that dies takes with it what it was doing, and its executor all that was waiting. That is done again
    together, then each item in an executor of its own, so that who kills his process takes nobody with him. What is
    lost even then goes to `lost(item, error)`.
    """
    items = iter(items)
    while True:
        broken, items = _once(open_executor, submit, items, done)
        again, _ = _once(open_executor, submit, iter([item for item, _ in broken]), done)
        for item, _ in again:
            for _, error in _once(open_executor, submit, iter([item]), done)[0]:
                lost(item, error)
        if not broken:
            return


def _once(open_executor, submit, items, done):
    """In one new executor; none is opened for nothing."""
    first = next(items, None)
    if first is None:
        return [], items
    with open_executor() as executor:
        return _round(executor, submit, itertools.chain([first], items), done)


def _round(executor, submit, items, done) -> tuple[list, Iterator]:
    """As far as this executor comes. → what it lost, as (item, error), and what it has not begun."""
    pending, lost = {}, []
    for item in items:
        try:
            pending[submit(executor, item)] = item
        except (BrokenExecutor, RuntimeError) as error:
            lost.append((item, error))
            break
        while len(pending) >= WINDOW:
            _settle(executor, pending, lost, done)
    while pending:
        _settle(executor, pending, lost, done)
    return lost, items


def _settle(executor, pending, lost, done):
    for future in wait(pending, return_when=FIRST_COMPLETED).done:
        item = pending.pop(future)
        try:
            result = future.result()
        except (Exception, CancelledError) as error:  # noqa: BLE001 (whatever an executor dies of)
            lost.append((item, error))
        else:
            done(item, result, executor)
