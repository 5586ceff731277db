from __future__ import annotations

import io
from pathlib import Path

import pytest
import torch

from macedance.metrics.extractors.state_dict_files import load_state_dict


def saved(content: object, *, zipped: bool = True) -> bytes:
    buffer = io.BytesIO()
    torch.save(content, buffer, _use_new_zipfile_serialization=zipped)
    return buffer.getvalue()


WEIGHTS = {"weight": torch.arange(12.0)}


@pytest.mark.parametrize("zipped", [True, False])
def test_weights_come_by_their_names(zipped: bool, tmp_path: Path) -> None:
    path = tmp_path / "net.pth"
    path.write_bytes(saved(WEIGHTS, zipped=zipped))
    loaded = load_state_dict(path, "fetch it")
    assert loaded.keys() == WEIGHTS.keys()
    torch.testing.assert_close(loaded["weight"], WEIGHTS["weight"])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>Not found</html>",
        b"\x80\x02",
        saved(WEIGHTS)[:-200],
        saved(WEIGHTS, zipped=False)[:-20],
        saved([torch.zeros(1)]),
        saved({"epoch": 3}),
        saved({"path": Path("anything")}),
    ],
    ids=["empty", "page", "cut pickle", "cut", "cut legacy", "list", "numbers", "object"],
)
def test_what_holds_no_weights_is_told_in_one_line_of_our_own(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "net.pth"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="damaged") as told:
        load_state_dict(path, "get it again from https://example.org/net.pth")
    assert str(told.value) == (
        f"{path} is damaged or no file of weights; get it again from https://example.org/net.pth"
    )
