from __future__ import annotations

import os
import pickle
import sys
import types

import numpy as np
import pytest
import scipy.sparse

from macedance.geometry.smpl_files import read_smpl_file


def tiny_body() -> dict[str, object]:
    generator = np.random.default_rng(0)
    return {
        "v_template": generator.normal(size=(30, 3)),
        "f": np.arange(30).reshape(10, 3),
        "weights": np.eye(30, 24),
        "J_regressor": np.full((24, 30), 1 / 30),
        "kintree_table": np.zeros((2, 24), dtype=np.int64),
        "shapedirs": generator.normal(size=(30, 3, 10)),
        "posedirs": np.zeros((30, 3, 207)),
    }


def write_pickle(path, content, protocol=2):
    path.write_bytes(pickle.dumps(content, protocol=protocol))
    return path


@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize("sparse", [scipy.sparse.csc_matrix, scipy.sparse.csr_matrix])
def test_pickles_of_arrays_and_sparse_matrices_are_read(tmp_path, sparse, protocol):
    body = tiny_body()
    content = {**body, "J_regressor": sparse(body["J_regressor"]), "bs_style": "lbs"}
    arrays = read_smpl_file(write_pickle(tmp_path / "body.pkl", content, protocol))
    assert arrays.keys() == body.keys()
    for name, array in body.items():
        np.testing.assert_array_equal(arrays[name], array)


def test_chumpy_arrays_give_their_stored_numbers_without_chumpy(tmp_path, monkeypatch):
    class Ch:
        def __init__(self, x):
            self.x = x

    Ch.__module__, Ch.__qualname__ = "chumpy.ch", "Ch"
    module = types.ModuleType("chumpy.ch")
    module.Ch = Ch
    monkeypatch.setitem(sys.modules, "chumpy", types.ModuleType("chumpy"))
    monkeypatch.setitem(sys.modules, "chumpy.ch", module)
    body = tiny_body()
    path = write_pickle(tmp_path / "body.pkl", {**body, "shapedirs": Ch(body["shapedirs"])})
    monkeypatch.undo()
    assert "chumpy" not in sys.modules
    np.testing.assert_array_equal(read_smpl_file(path)["shapedirs"], body["shapedirs"])


class Exploit:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize(
    "function", [os.mkdir, exec, np.save, scipy.sparse.save_npz], ids=["mkdir", "exec", "np.save", "sparse"]
)
def test_pickles_that_call_anything_else_are_refused_and_nothing_runs(tmp_path, function):
    made = str(tmp_path / "made")
    arguments = {"exec": (f"open({made!r}, 'w')",), "mkdir": (made,)}.get(
        function.__name__, (made, np.zeros(3))
    )
    path = write_pickle(tmp_path / "body.pkl", {**tiny_body(), "extra": Exploit(function, *arguments)})
    with pytest.raises(
        ValueError, match=r"path: .* must be a pickle of plain arrays \(it refers to "
    ) as caught:
        read_smpl_file(path)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == [path]


def test_npz_files_are_read_and_object_arrays_refused(tmp_path):
    body = tiny_body()
    np.savez(tmp_path / "body.npz", **body)
    np.testing.assert_array_equal(read_smpl_file(tmp_path / "body.npz")["weights"], body["weights"])
    np.savez(tmp_path / "object.npz", **{**body, "f": np.array([{}], dtype=object)})
    with pytest.raises(ValueError, match="must be an npz of plain arrays"):
        read_smpl_file(tmp_path / "object.npz")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("list.pkl", [1, 2], "must hold a dictionary, holds a list"),
        ("part.pkl", {"f": np.zeros((1, 3))}, "lacks v_template, weights"),
        ("hands.pkl", {**tiny_body(), "weights": np.zeros((30, 52))}, "has 52 joints, must have 24"),
        ("body.txt", {}, "must end in .npz or .pkl"),
    ],
)
def test_files_that_are_no_body_are_refused(tmp_path, name, content, message):
    with pytest.raises(ValueError, match=message):
        read_smpl_file(write_pickle(tmp_path / name, content))


def test_sparse_matrices_with_indices_out_of_range_are_refused(tmp_path):
    regressor = scipy.sparse.csc_matrix(np.ones((24, 30)))
    regressor.indices[5] = 10**6
    with pytest.raises(ValueError, match="indices"):
        read_smpl_file(write_pickle(tmp_path / "body.pkl", {**tiny_body(), "J_regressor": regressor}))


def test_garbage_and_absent_files_are_refused(tmp_path):
    (tmp_path / "body.pkl").write_bytes(b"garbage")
    with pytest.raises(ValueError, match="must be a pickle of plain arrays"):
        read_smpl_file(tmp_path / "body.pkl")
    with pytest.raises(FileNotFoundError, match="there is no file"):
        read_smpl_file(tmp_path / "absent.pkl")


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("posedirs", (30, 3, 9), r"'posedirs' in .* must be \(30, 3, 207\), is \(30, 3, 9\)"),
        ("J_regressor", (24, 29), r"'J_regressor' in .* must be \(24, 30\), is \(24, 29\)"),
        ("v_template", (30,), r"'v_template' in .* must be \(V, 3\), is \(30,\)"),
        ("weights", (30, 22), "has 22 joints, must have 24"),
    ],
)
def test_arrays_of_another_shape_are_refused(tmp_path, name, shape, message):
    np.savez(tmp_path / "body.npz", **{**tiny_body(), name: np.zeros(shape)})
    with pytest.raises(ValueError, match=message):
        read_smpl_file(tmp_path / "body.npz")
