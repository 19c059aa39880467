"""The mathematics of the course: a network, its derivatives, and the means to check yours.

>>> import course_lib as cl
>>> net = cl.Network.random([3, 5, 2], seed=0)
>>> cl.forward(net, [[1.0], [0.5], [-2.0]]).y_hat.shape
(2, 1)

Parts are imported when they are first used. While a chapter is graded only some of them exist (the others hold the
answers); asking for one of those says so.
"""

import sys
from importlib import import_module

# Bound here, once: `check` is the object, although a module has the same name.
from course_lib.check import check

_NETWORK = ("Network", "cost", "forward")
_PARTS = (
    "activations", "attacks", "blackbox", "data", "differences", "exercises", "figures", "gradcheck", "interop",
    "network", "reference", "report", "rounding", "widgets",
)  # fmt: skip

__all__ = ["Network", "check", "cost", "forward"]


def __getattr__(name):
    """Import a part of the course when it is first asked for (PEP 562)."""
    if name in _NETWORK:
        return getattr(import_module(f"{__name__}.network"), name)
    if name in _PARTS:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"course_lib has no part called {name!r}; it has {', '.join([*__all__, *_PARTS])}")


def __dir__():
    return [*globals(), *_NETWORK, *_PARTS]


class _Absent:
    """The last finder to be asked: a part of the course whose file does not exist here."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        package, _, part = name.partition(".")
        if package == __name__ and part in _PARTS:
            raise ModuleNotFoundError(
                f"{name} is not available while this chapter is graded: an answer must stand on its own. "
                "Remove the import, and use your own functions and those of the given cells.",
                name=name,
            )


sys.meta_path.append(_Absent)
