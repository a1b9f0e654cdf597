"""Figures: one look, drawn from tables without surprises, and files that are the same on every run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from lxml.html import fragment_fromstring
from matplotlib import font_manager
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

import kdcore as kd
from kdcore import figures
from tests.kdcore.own import copy_of, smoother

DATA = pd.DataFrame({"n": [10, 100], "risk": [0.5, 1 / 3]})


@pytest.fixture(autouse=True)
def _own_settings_and_figures():
    with mpl.rc_context():
        yield
        plt.close("all")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    target = tmp_path / "made" / "figures"
    monkeypatch.setenv(figures.FOLDER_VARIABLE, str(target))
    return target


def contrast(color, background="#ffffff"):
    """WCAG 2.2's contrast ratio: (L1 + 0.05) / (L2 + 0.05) of the relative luminances."""

    def luminance(name):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(name)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted([luminance(color), luminance(background)], reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def risks():
    return pd.DataFrame(
        {
            "learner": ["sel_ptl", "ce_sgl", "sel_ptl", "ce_sgl", "sel_ptl", "ce_sgl"],
            "n_samples": [10, 10, 100, 100, 1000, 1000],
            "risk": [0.5, 0.6, 0.1, 0.3, 0.0, 0.1],
            "std_error": [0.02, 0.03, 0.01, 0.02, 0.0, 0.01],
        }
    )


def test_a_row_without_a_name_is_refused():
    with pytest.raises(ValueError, match=r"^the first column names the rows: got no name for row 1$"):
        figures.Table(pd.DataFrame({"student": ["counter", " "], "risk": [0.1, 0.2]}))


def test_every_learner_has_a_look_of_its_own():
    looks = figures.LEARNER_STYLE
    assert list(looks) == list(kd.LEARNERS)
    dashes = set()
    for look in looks.values():
        pattern = Line2D([0, 1], [0, 1], linestyle=look.linestyle)._unscaled_dash_pattern
        dashes.add((pattern[0], tuple(pattern[1] or ())))
    assert len(dashes) == 4
    for part in ("label", "color", "marker"):
        assert len({getattr(look, part) for look in looks.values()}) == 4
    for look in looks.values():
        assert look.marker in Line2D.filled_markers


# WCAG 2.2, success criterion 1.4.11: graphics need 3 : 1 against what is next to them.
@pytest.mark.parametrize("color", [*(look.color for look in figures.LEARNER_STYLE.values()), figures.BOUND_COLOR])
def test_lines_have_enough_contrast_on_white(color):
    assert contrast("#000000") == pytest.approx(21)
    assert contrast(color) >= 3


def test_labels_say_what_each_learner_is_told():
    for key, look in figures.LEARNER_STYLE.items():
        assert look.label.endswith(f"({kd.LEARNERS[key].protocol})")


def test_use_style_sets_the_look_for_figures_drawn_afterwards():
    mpl.rcdefaults()
    figures.use_style()
    wanted = {
        "axes.grid": True,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "figure.constrained_layout.use": True,
        "legend.frameon": False,
        "svg.fonttype": "path",
        "svg.hashsalt": "kdcore",
    }
    assert {name: mpl.rcParams[name] for name in wanted} == wanted
    _, ax = plt.subplots()
    assert not ax.spines["right"].get_visible()
    assert not ax.spines["top"].get_visible()
    assert ax.xaxis.get_gridlines()[0].get_visible()


def test_the_typeface_comes_with_the_package_that_is_pinned():
    figures.use_style()
    (family,) = mpl.rcParams["font.family"]
    for weight, style in (("normal", "normal"), ("normal", "italic"), ("bold", "normal")):
        font = font_manager.FontProperties(family=family, weight=weight, style=style)
        assert "font_source_sans_pro" in str(font_manager.findfont(font, fallback_to_default=False))


def test_plot_risks_draws_the_positive_risks_of_each_learner_on_log_axes():
    _, ax = plt.subplots()
    figures.plot_risks(ax, risks())
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert ax.get_xlabel() == "samples $n$"
    assert ax.get_ylabel() == "risk (expected total variation)"
    looks = figures.LEARNER_STYLE
    handles, labels = ax.get_legend_handles_labels()
    assert labels == [looks["sel_ptl"].label, looks["ce_sgl"].label]
    expected = {"sel_ptl": ([10, 100], [0.5, 0.1]), "ce_sgl": ([10, 100, 1000], [0.6, 0.3, 0.1])}
    for handle, (key, (n, risk)) in zip(handles, expected.items(), strict=True):
        line = handle.lines[0]
        assert line.get_xdata().tolist() == n
        assert line.get_ydata().tolist() == risk
        assert (line.get_color(), line.get_marker()) == (looks[key].color, looks[key].marker)


@pytest.mark.parametrize("n_errors", [2.0, 4.0])
def test_plot_risks_draws_error_bars_of_so_many_standard_errors(n_errors):
    _, ax = plt.subplots()
    figures.plot_risks(ax, risks(), ["ce_sgl"], n_errors)
    (container,) = ax.containers
    (bars,) = container.lines[2]
    heights = [(low, high) for (_, low), (_, high) in bars.get_segments()]
    rows = risks().query("learner == 'ce_sgl'")
    expected = [(r - n_errors * e, r + n_errors * e) for r, e in zip(rows["risk"], rows["std_error"], strict=True)]
    np.testing.assert_allclose(heights, expected, rtol=1e-12)


def test_plot_risks_draws_the_learners_asked_for_in_their_order():
    _, ax = plt.subplots()
    figures.plot_risks(ax, risks(), ["ce_sgl", "sel_ptl"])
    looks = figures.LEARNER_STYLE
    assert ax.get_legend_handles_labels()[1] == [looks["ce_sgl"].label, looks["sel_ptl"].label]


def test_learners_of_ones_own_are_drawn_each_with_a_look_of_its_own():
    table = kd.risk_curve(
        lambda n: kd.instance_1(2, 4, n), [10, 100], ["ce_sgl", smoother(), copy_of("ce_ful", "a $ sign")], n_repeats=20
    )
    fig, ax = plt.subplots()
    figures.plot_risks(ax, table)
    ax.legend()
    fig.canvas.draw()
    lines = [bar.lines[0] for bar in ax.containers]
    labels = [bar.get_label() for bar in ax.containers]
    assert labels == [figures.LEARNER_STYLE["ce_sgl"].label, "add one", "a \\$ sign"]
    assert len({(line.get_color(), line.get_marker()) for line in lines}) == 3
    for one in (smoother(), "add one"):
        _, alone = plt.subplots()
        figures.plot_risks(alone, table, one)
        (bar,) = alone.containers
        assert (bar.get_label(), bar.lines[0].get_marker()) == ("add one", lines[1].get_marker())
    with pytest.raises(ValueError, match=r"^unknown learner 'sel_ptl': known are ce_sgl, add one, a \$ sign$"):
        figures.plot_risks(ax, table, ["ce_sgl", "sel_ptl"])


def test_a_table_from_the_simulation_with_zero_risks_and_no_errors_is_drawn_and_saved(folder):
    figures.use_style()
    fig, ax = plt.subplots()
    # One input: soft labels leave no risk at all. One repeat: no standard error.
    table = kd.risk_curve(lambda _n: kd.instance_0(1, 3), [1, 10, 100], n_repeats=1)
    assert (table.loc[table["learner"] == "ce_ful", "risk"] == 0).all()
    figures.plot_risks(ax, table)
    ax.legend()
    figures.save(fig, "fig-one-repeat", table)
    drawn = {handle.get_label(): len(handle.lines[0].get_xdata()) for handle in ax.containers}
    assert drawn[figures.LEARNER_STYLE["ce_ful"].label] == 0
    assert drawn[figures.LEARNER_STYLE["ce_sgl"].label] == 3
    assert (folder / "fig-one-repeat.svg").exists()


def test_save_writes_an_svg_and_its_data(folder):
    fig, ax = plt.subplots()
    ax.plot(DATA["n"], DATA["risk"])
    figures.save(fig, "fig-2a", DATA)
    assert sorted(path.name for path in folder.iterdir()) == ["fig-2a.csv", "fig-2a.svg"]
    assert (folder / "fig-2a.csv").read_bytes() == b"n,risk\n10,0.5\n100,0.3333333333\n"
    assert ET.parse(folder / "fig-2a.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"
    pd.testing.assert_frame_equal(pd.read_csv(folder / "fig-2a.csv"), DATA, rtol=1e-9)


@pytest.mark.parametrize("style", [figures.use_style, mpl.rcdefaults])
def test_save_draws_what_matplotlib_saves_and_leaves_the_figure_as_it_was(folder, style):
    def drawn():
        fig, axes = plt.subplots(2, 2, figsize=(6.4, 4))
        figures.plot_risks(axes[0, 0], risks())
        axes[1, 1].imshow(np.eye(3))
        axes[1, 0].set(title="two\nlines", xlabel="$n$")
        axes[1, 0].annotate("here", (0.5, 0.5), (9, 3), textcoords="offset points")
        axes[0, 0].legend(loc="upper left", bbox_to_anchor=(1, 1))
        fig.suptitle("all")
        return fig

    style()
    mpl.rcParams["svg.hashsalt"] = "kdcore"
    saved = drawn()
    before = saved.canvas, saved.dpi, saved.canvas.manager, tuple(saved.get_size_inches())
    figures.save(saved, "fig-1", DATA)
    assert (saved.canvas, saved.dpi, saved.canvas.manager, tuple(saved.get_size_inches())) == before
    metadata = {"Date": None, "Creator": f"Matplotlib {mpl.__version__}"}
    drawn().savefig(folder / "other.svg", metadata=metadata)
    assert (folder / "fig-1.svg").read_text(encoding="utf-8") == (folder / "other.svg").read_text(encoding="utf-8")


def test_save_writes_to_figures_here_unless_told_otherwise(tmp_path, monkeypatch):
    monkeypatch.delenv(figures.FOLDER_VARIABLE)
    monkeypatch.chdir(tmp_path)
    figures.save(plt.figure(), "fig-here", DATA)
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == ["fig-here.csv", "fig-here.svg"]


TWO_FIGURES = """
import matplotlib
matplotlib.use("Agg")
from matplotlib import pyplot as plt
import kdcore as kd
from kdcore import figures
from tests.kdcore.own import copy_of, smoother
table = kd.risk_curve(lambda n: kd.instance_1(2, 4, n), [10, 100, 1000], n_repeats=20)
for name in ("fig-plain", "fig-styled"):
    fig, ax = plt.subplots()
    figures.plot_risks(ax, table)
    ax.fill_between([10, 1000], 0.01, 0.1, hatch="//")
    ax.legend()
    figures.save(fig, name, table)
    figures.use_style()
"""


def test_save_writes_the_same_bytes_on_every_run(tmp_path, monkeypatch):
    """In a new process with other hashes and another date, and in this one, which has drawn before."""
    settings = {"PYTHONHASHSEED": "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1", "SOURCE_DATE_EPOCH": "86400"}
    settings[figures.FOLDER_VARIABLE] = str(tmp_path / "new")
    subprocess.run([sys.executable, "-c", TWO_FIGURES], env=os.environ | settings, check=True, timeout=120)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "172800")
    monkeypatch.setenv(figures.FOLDER_VARIABLE, str(tmp_path / "here"))
    mpl.rcdefaults()
    exec(TWO_FIGURES, {})
    runs = [{path.name: path.read_bytes() for path in (tmp_path / where).iterdir()} for where in ("new", "here")]
    names = ["fig-plain.csv", "fig-plain.svg", "fig-styled.csv", "fig-styled.svg"]
    assert sorted(runs[0]) == sorted(runs[1]) == names
    assert [name for name in names if runs[0][name] != runs[1][name]] == []
    assert runs[0]["fig-plain.svg"] != runs[0]["fig-styled.svg"]


def test_an_svg_holds_no_date_and_the_text_as_paths(folder):
    figures.use_style()
    fig, ax = plt.subplots()
    ax.set_title("A title")
    figures.save(fig, "fig-text", DATA)
    svg = (folder / "fig-text.svg").read_text(encoding="utf-8")
    assert "<text" not in svg
    assert "dc:date" not in svg


@pytest.mark.parametrize("name", ["", "Fig-1", "fig_1", "fig 1", "fig.1", "../fig", "a/b", "fig-é", "fig\n", "ｆig"])
def test_save_refuses_a_name_that_is_no_anchor(folder, name):
    message = f"name must consist of lower-case letters, digits and hyphens, got {name!r}"
    with pytest.raises(ValueError, match="^" + re.escape(message) + "$"):
        figures.save(plt.figure(), name, DATA)
    assert not folder.exists()


@pytest.mark.parametrize("data", [pd.DataFrame(), DATA.iloc[:0]])
def test_save_refuses_a_figure_without_data(folder, data):
    with pytest.raises(ValueError, match=r"^the data of figure 'fig-1' is empty: give the table that is drawn$"):
        figures.save(plt.figure(), "fig-1", data)
    assert not folder.exists()


def test_save_refuses_a_figure_that_cannot_be_drawn_as_it_should(folder):
    figures.use_style()
    fig, ax = plt.subplots()
    ax.set_title("知識")  # no such glyphs in the font
    with pytest.raises(UserWarning, match="Glyph"):
        figures.save(fig, "fig-1", DATA)
    assert not (folder / "fig-1.csv").exists()


def test_a_table_of_results_says_the_same_as_text_and_as_html():
    frame = pd.DataFrame({"student": ["the <matcher>", "b-c"], "n": [10_000, 2], "risk": [-0.012345, 1e-7]})
    table = figures.Table(frame, digits=2)
    assert [line.split() for line in repr(table).splitlines()] == [
        ["student", "n", "risk"],
        ["the", "<matcher>", "10", "000", "-0.012"],  # a thin space between thousands
        ["b-c", "2", "1e-07"],
    ]
    shown = fragment_fromstring(table._repr_html_())
    assert [cell.text_content() for cell in shown.iter("th", "td")] == [
        *("student", "n", "risk"),
        *("the <matcher>", "10\u202f000", "\u22120.012"),
        *("b-c", "2", "1 × 10\u22127"),
    ]
    assert [cell.get("scope") for cell in shown.iter("th")] == ["col"] * 3 + ["row"] * 2
    assert [cell.get("class") for cell in shown.findall(".//tbody/tr[1]/*")] == [None, "number", "number"]


def test_a_drawn_table_tells_what_is_known_and_hatches_the_rest():
    ax = Figure().subplots()
    probabilities = [[0.7, np.nan, 0.0], [np.nan, np.nan, np.nan]]
    figures.draw_table(ax, probabilities, counts=[[2, 0, 1], [0, 3, 0]], masses=[0.75, 0.25], title="partial")
    edged = [patch for patch in ax.patches if patch.get_linewidth() == 3]
    assert [patch.get_xy() for patch in edged] == [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1)]
    hatched = [patch for patch in ax.patches if patch.get_hatch()]
    assert [patch.get_xy() for patch in hatched] == [(1, 0), (0, 1), (2, 1)]
    assert {to_hex(patch.get_edgecolor()) for patch in hatched} == {figures.tables.HATCH_COLOR}, "white lines on grey"
    bars = [patch for patch in ax.patches if patch.get_height() < 1]
    assert [bar.get_width() / 0.92 for bar in bars] == pytest.approx([0.7])
    assert [text.get_text() for text in ax.texts] == ["2×  0.7", "", "1×  0", "", "3×", ""]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["input 0 (0.75)", "input 1 (0.25)"]
    with pytest.raises(ValueError, match=r"counts must have the shape \(2, 3\) of probabilities, got \(1, 3\)"):
        figures.draw_table(ax, probabilities, counts=[[1, 2, 3]])
