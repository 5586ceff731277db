from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex
from PIL import Image

from macedance.render.motion_plots import (
    feature_figure,
    histogram_figure,
    save_figure,
    speed_figure,
)
from macedance.render.plot_style import GROUND_TRUTH_COLOR, ROW_COLORS, row_styles
from macedance.render.robust_limits import robust_limits

from .figures import ROWS, curve, ellipses, features, legend_colors

pytestmark = [
    *(pytest.mark.filterwarnings(f"error::{kind}") for kind in ("RuntimeWarning", "UserWarning")),
    pytest.mark.usefixtures("numpy_never_warns"),
]


def test_rows_have_one_color_in_all_figures() -> None:
    feature_axes = feature_figure({"kinetic": features(5), "geometric": features(5)}).axes
    values = {name: np.arange(5.0) for name in ROWS}
    histogram_axes = histogram_figure({"a": values, "b": values}, {}).axes
    expected = [GROUND_TRUTH_COLOR, *ROW_COLORS[:3]]
    assert [legend_colors(axes) for axes in (*feature_axes, *histogram_axes)] == [expected] * 4
    assert [to_hex(ellipse.get_edgecolor()) for ellipse in ellipses(feature_axes[0])] == expected


def test_more_rows_than_colors_differ_by_their_line() -> None:
    styles = row_styles({"a": {f"row {place}": None for place in range(19)}})
    assert len({(style.color, style.line) for style in styles.values()}) == 19
    assert [style.color for style in styles.values()].count(GROUND_TRUTH_COLOR) == 1


@pytest.mark.parametrize(
    ("rows", "limits"),
    [
        ([[0.0, 1.0], [0.5, 3.0]], (0.0, 3.0)),
        ([[0.0, 1.0], [0.5, 1.5], [90.0, 99.0]], (0.0, 1.5)),  # two that vary remain
        ([[0.0, 0.01], [0.0, 0.0], [5.0, 9.0]], (0.0, 9.0)),  # only one would remain
        ([[0.0, 100.0], [50.0, 51.0], [50.0, 50.5]], (0.0, 100.0)),  # the ground truth always counts
        ([[2.0, 2.0]], (1.8, 2.2)),
        ([[0.0]], (-1.0, 1.0)),
    ],
)
def test_limits_show_the_bulk(rows: list[list[float]], limits: tuple[float, float]) -> None:
    assert robust_limits([np.array(row) for row in rows]) == pytest.approx(limits)


def test_limits_leave_out_single_values() -> None:
    values = np.append(np.linspace(0.0, 1.0, 99), 1e6)
    low, high = robust_limits([values])
    assert low == 0.0
    assert 1.0 < high < 5.0
    assert robust_limits([np.repeat([0.0, 7.0], [80, 20])]) == (0.0, 7.0)


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="curves must hold at least one clip"):
        speed_figure([])
    with pytest.raises(ValueError, match="features must hold at least one family"):
        feature_figure({})
    with pytest.raises(ValueError, match=r"features\['kinetic'\] must hold the ground truth"):
        feature_figure({"kinetic": {}})
    with pytest.raises(ValueError, match="values must hold at least one metric"):
        histogram_figure({}, {})


def test_a_saved_figure_is_a_png_of_its_size(tmp_path: Path) -> None:
    figure = speed_figure([curve()])
    save_figure(figure, tmp_path / "new" / "speed.png", dpi=100)
    with Image.open(tmp_path / "new" / "speed.png") as picture:
        assert picture.format == "PNG"
        assert picture.size == tuple(np.round(figure.get_size_inches() * 100).astype(int))
        assert np.asarray(picture.convert("L")).std() > 1.0
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["speed.png"]


def test_a_failed_save_leaves_the_old_file_and_no_partial_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "speed.png"
    path.write_bytes(b"old")
    figure = speed_figure([curve()])

    def disk_full(partial: Path, **_: object) -> None:
        partial.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(figure, "savefig", disk_full)
    with pytest.raises(OSError, match="disk full"):
        save_figure(figure, path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
