"""What crosses the wall: everything that may, unchanged; nothing that may not."""

import base64
import io
import json
import zipfile

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from course_lib.respond import same
from course_lib.wire import Call, Function, Opaque, Raised, Response, Rng, WireError, pack, unpack

numbers = st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats() | st.text(max_size=5)
arrays = hnp.arrays(
    st.sampled_from(["f8", "f4", "i8", "u1", "?", "c16", "U3"]), hnp.array_shapes(min_dims=0, min_side=0, max_side=3)
)
trees = st.recursive(
    numbers | arrays,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.integers(0, 9) | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def crossed(value):
    return unpack(json.loads(json.dumps(pack(value))))


@given(trees)
def test_every_tree_arrives_as_it_was(tree):
    arrived = crossed(tree)
    assert same(arrived, tree)
    assert type(arrived) is type(tree)


def test_records_sets_and_complex_numbers_cross():
    for value in [
        Call((np.eye(2), Rng(3)), {"f": Function("sine", {"shift": 1.0})}),
        Response((1.0, {2}), Raised("ValueError", "no", ("line 1",)), ("x",), ("w",), (("f", 3),), 0.5),
        2 - 1j,
    ]:
        assert repr(crossed(value)) == repr(value)
    assert crossed({1, "a"}) == {1, "a"}


def test_memory_order_and_dtype_survive():
    array = np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))
    arrived = crossed(array)
    assert arrived.flags.f_contiguous
    assert arrived.dtype == np.float32
    assert isinstance(crossed(np.float32(1)), np.float32)


@pytest.mark.parametrize("value", [object(), print, np.array([object()]), 2**70, np.datetime64("2026-01-01"), range(3)])
def test_what_has_no_place_arrives_as_what_it_was(value):
    assert isinstance(crossed(value), Opaque)
    assert isinstance(crossed([value])[0], Opaque)


def test_a_list_that_holds_itself_ends():
    knot = []
    knot.append(knot)
    assert "Opaque" in repr(crossed(knot))


def npz(**files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return base64.b64encode(file.getvalue()).decode()


def npy(shape, dtype="<f8", data=b""):
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": dtype, "fortran_order": False, "shape": shape})
    return file.getvalue() + data


def pickled():
    file = io.BytesIO()
    np.save(file, np.array([{}], dtype=object), allow_pickle=True)
    return file.getvalue()


NODE = {"$": "array", "v": "a0"}
FORGED = {
    "no tree": {"npz": npz()},
    "no message": None,
    "no base64": {"tree": None, "npz": "%%%"},
    "no zip": {"tree": None, "npz": base64.b64encode(b"nothing").decode()},
    "a pickle": {"tree": NODE, "npz": npz(**{"a0.npy": pickled()})},
    "a header that promises 8 TB": {"tree": NODE, "npz": npz(**{"a0.npy": npy((10**12,))})},
    "a negative shape": {"tree": NODE, "npz": npz(**{"a0.npy": npy((-1, -1), data=bytes(8))})},
    "a zip bomb": {"tree": NODE, "npz": npz(**{"a0.npy": bytes(2**27)})},
    "an array that is not there": {"tree": NODE, "npz": npz()},
    "an unknown record": {"tree": {"$": "Popen", "v": ["sh"]}, "npz": npz()},
    "a record with too many fields": {"tree": {"$": "Rng", "v": [1, 2]}, "npz": npz()},
    "a dict with a list as key": {"tree": {"$": "dict", "v": [[[1], 2]]}, "npz": npz()},
    "a tree without end": {"tree": eval("[" * 60 + "]" * 60), "npz": npz()},
    "a million parts": {"tree": [0] * 10**6, "npz": npz()},
    "bytes in place of text": {"tree": {"$": "float", "v": []}, "npz": npz()},
}


@pytest.mark.parametrize("what", FORGED)
def test_a_forged_message_is_refused_and_nothing_else_happens(what):
    with pytest.raises(WireError):
        unpack(FORGED[what])


def test_too_much_is_refused_before_it_is_sent():
    with pytest.raises(WireError, match="64 MB"):
        pack(np.zeros(2**23 + 1))
