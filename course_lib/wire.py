"""What crosses the wall between a student's process and the judge: a JSON tree beside one `.npz`, and nothing else.

>>> unpack(pack({1: np.eye(2), 2: (3.0, float("inf"))}))
{1: array([[1., 0.],
       [0., 1.]]), 2: (3.0, inf)}

Nothing is ever unpickled. Python's own containers are marked (`{"$": "tuple", "v": [...]}`), arrays are references into
the `.npz`, and whatever has no place here arrives as `Opaque`, which says only its type. Both sides of the wall use this
module; it imports numpy alone.
"""

from __future__ import annotations

import base64
import binascii
import io
import math
import zipfile
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

MIME = "application/vnd.djdx.response+json"
MAX_BYTES = 64 * 2**20  # of all arrays of one message together: the largest honest answer is below 2 MB
MAX_DEPTH = 16
MAX_NODES = 200_000
KINDS = "biufcU"  # bool, int, unsigned, float, complex, text: array kinds that need no pickle


class WireError(ValueError):
    """A message that is not one of ours: too large, too deep, or malformed."""


@dataclass(frozen=True)
class Call:
    """The arguments of one call of an answer."""

    args: tuple = ()
    kwargs: dict = field(default_factory=dict)
    names: tuple = ()  # of the positional arguments, for messages


@dataclass(frozen=True)
class Function:
    """A callable argument: a named function of the student library (`respond.FUNCTIONS`) with its parameters."""

    name: str
    parameters: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Rng:
    """A random generator argument; each call gets a fresh `np.random.default_rng(seed)`."""

    seed: int


@dataclass(frozen=True)
class Opaque:
    """Stands for a value that does not cross: only what it was."""

    type: str


@dataclass(frozen=True)
class Raised:
    """An exception of the student's code: type, text, and the student's own lines."""

    type: str
    text: str
    lines: tuple = ()


@dataclass(frozen=True)
class Response:
    """What one call came back with."""

    value: Any = None
    raised: Raised | None = None
    changed: tuple = ()  # names of the inputs that were modified
    warned: tuple = ()  # "RuntimeWarning: overflow encountered in exp"
    used: tuple = ()  # ("f", 12): how often each callable argument was called
    seconds: float = 0.0


RECORDS = {kind.__name__: kind for kind in (Call, Function, Rng, Opaque, Raised, Response)}


def pack(value) -> dict:
    """Message (safe to serialise as JSON) for any tree of Python containers, numbers, text, arrays and the records here."""
    arrays: dict[str, np.ndarray] = {}
    tree = _down(value, arrays, 0)
    if sum(array.nbytes for array in arrays.values()) > MAX_BYTES:
        raise WireError(f"the arrays are larger than {MAX_BYTES // 2**20} MB together")
    file = io.BytesIO()
    np.savez(file, **arrays)
    return {"tree": tree, "npz": base64.b64encode(file.getvalue()).decode()}


def unpack(message) -> Any:
    """The tree of a message. Raises WireError for anything that `pack` could not have made."""
    try:
        arrays = _arrays(base64.b64decode(message["npz"], validate=True))
        return _up(message["tree"], arrays, 0, [0])
    except WireError:
        raise
    except (KeyError, TypeError, ValueError, OverflowError, binascii.Error, zipfile.BadZipFile, EOFError) as error:
        raise WireError(f"malformed message: {type(error).__name__}: {error}") from error


def _down(value, arrays, depth):
    if depth > MAX_DEPTH:
        return _down(Opaque("something nested too deeply"), arrays, 0)
    deeper = lambda items: [_down(item, arrays, depth + 1) for item in items]
    match value:
        case None | bool() | str():
            return value if not isinstance(value, str) else str(value)
        case np.ndarray() | np.generic() if np.asarray(value).dtype.kind in KINDS:
            key = f"a{len(arrays)}"
            arrays[key] = np.asarray(value)
            return {"$": "array" if isinstance(value, np.ndarray) else "scalar", "v": key}
        case np.ndarray() | np.generic():
            return _record(Opaque(f"array of dtype {value.dtype}"), deeper)
        case int():
            return int(value) if abs(value) < 2**63 else _record(Opaque("an integer beyond 64 bits"), deeper)
        case float():
            return float(value) if math.isfinite(value) else {"$": "float", "v": repr(float(value))}
        case complex():
            return {"$": "complex", "v": [_down(value.real, arrays, depth), _down(value.imag, arrays, depth)]}
        case list():
            return deeper(value)
        case tuple():
            return {"$": "tuple", "v": deeper(value)}
        case set() | frozenset():
            return {"$": "set", "v": deeper(sorted(value, key=repr))}
        case dict():
            return {"$": "dict", "v": [deeper(pair) for pair in value.items()]}
        case Call() | Function() | Rng() | Opaque() | Raised() | Response():
            return _record(value, deeper)
        case _:
            return _record(Opaque(type(value).__name__), deeper)


def _record(record, deeper):
    return {"$": type(record).__name__, "v": deeper(getattr(record, entry.name) for entry in fields(record))}


def _up(node, arrays, depth, count):
    count[0] += 1
    if depth > 2 * MAX_DEPTH or count[0] > MAX_NODES:
        raise WireError("nested too deeply, or too many parts")
    deeper = lambda items: [_up(item, arrays, depth + 1, count) for item in items]
    if isinstance(node, list):
        return deeper(node)
    if not isinstance(node, dict):
        return node
    kind, inner = node["$"], node["v"]
    if kind in RECORDS:
        return RECORDS[kind](*deeper(inner))
    return {
        "array": lambda: arrays[inner],
        "scalar": lambda: arrays[inner][()],
        "float": lambda: float(inner),
        "complex": lambda: complex(*deeper(inner)),
        "tuple": lambda: tuple(deeper(inner)),
        "set": lambda: set(deeper(inner)),
        "dict": lambda: dict(deeper(pair) for pair in inner),
    }[kind]()


def _arrays(blob: bytes) -> dict[str, np.ndarray]:
    """All arrays of an `.npz`. Sizes are checked before anything is allocated: a header may promise what no data fill."""
    if len(blob) > MAX_BYTES * 1.01 + 2**16:
        raise WireError("message too large")
    with zipfile.ZipFile(io.BytesIO(blob)) as archive:
        entries = archive.infolist()
        if len(entries) > MAX_NODES or sum(entry.file_size for entry in entries) > MAX_BYTES * 1.01 + 2**16:
            raise WireError("arrays too large")
        return {entry.filename.removesuffix(".npy"): _array(archive.read(entry)) for entry in entries}


def _array(blob: bytes) -> np.ndarray:
    file = io.BytesIO(blob)
    version = np.lib.format.read_magic(file)
    header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
    shape, fortran, dtype = header(file)
    if dtype.kind not in KINDS or math.prod(shape) * dtype.itemsize != len(blob) - file.tell():
        raise WireError(f"array of shape {shape}, {dtype}: header and data do not belong together")
    return np.ndarray(shape, dtype, bytearray(file.read()), order="F" if fortran else "C")
