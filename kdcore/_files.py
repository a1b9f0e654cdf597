"""Teachers as files: NumPy's archives, and Parquet for everybody else."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from kdcore._types import Floats, Integers

SUFFIXES = (".npz", ".parquet")
_COLUMNS = ("input", "label", "mass", "probability")


class Saved(NamedTuple):
    """What a file holds of a teacher: rho, and a dense or a sparse policy."""

    rho: Any
    policy: Any


def check_path(path: str | os.PathLike[str]) -> Path:
    """Return the path of a teacher's file, whose ending says its format."""
    found = Path(path)
    if found.suffix not in SUFFIXES:
        raise ValueError(f"a teacher's file ends in {' or '.join(SUFFIXES)}, got {os.fspath(path)}")
    return found


def save(
    path: Path, rho: Floats, shape: tuple[int, int], starts: Integers, labels: Integers, probabilities: Floats
) -> None:
    """Write the positive entries of a teacher."""
    if path.suffix == ".npz":
        np.savez_compressed(
            path, rho=rho, shape=np.array(shape), starts=starts, labels=labels, probabilities=probabilities
        )
        return
    import pandas as pd

    rows = np.repeat(np.arange(shape[0]), np.diff(starts))
    table = pd.DataFrame({"input": rows, "label": labels, "mass": rho[rows], "probability": probabilities})
    if labels.max() + 1 < shape[1]:  # the number of labels, where the last ones are never given
        table.loc[len(table)] = [shape[0] - 1, shape[1] - 1, rho[-1], 0.0]
    table.astype({"input": np.int64, "label": np.int64}).to_parquet(path, index=False)


def load(path: Path) -> Saved:
    """Read what :func:`save` wrote, or an archive with dense ``pi`` and, if it is not uniform, ``rho``."""
    if not path.is_file():
        raise ValueError(f"no teacher at {path}")
    return _load_npz(path) if path.suffix == ".npz" else _load_parquet(path)


def _load_npz(path: Path) -> Saved:
    try:
        with np.load(path, allow_pickle=False) as archive:
            parts = {name: archive[name] for name in archive.files}
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is no archive of NumPy: {error}") from None
    if "pi" in parts:
        return Saved(parts.get("rho", np.full(len(parts["pi"]), 1 / len(parts["pi"]))), parts["pi"])
    missing = {"rho", "shape", "starts", "labels", "probabilities"} - set(parts)
    if missing:
        raise ValueError(f"{path} holds no teacher: it has neither pi nor {', '.join(sorted(missing))}")
    entries = (parts["probabilities"], parts["labels"], parts["starts"])
    return Saved(parts["rho"], sparse.csr_array(entries, shape=tuple(parts["shape"].tolist())))


def _load_parquet(path: Path) -> Saved:
    import pandas as pd

    table = pd.read_parquet(path)
    missing = [name for name in _COLUMNS if name not in table]
    if missing:
        raise ValueError(
            f"{path} holds no teacher: the column {', '.join(missing)} is missing, of {', '.join(_COLUMNS)}"
        )
    inputs, labels = (table[name].to_numpy() for name in ("input", "label"))
    for name, numbers in (("input", inputs), ("label", labels)):
        if not np.issubdtype(numbers.dtype, np.integer) or numbers.min(initial=0) < 0:
            raise ValueError(f"{path}: the column {name} must hold the numbers 0, 1, ...")
    rho = np.zeros(int(inputs.max()) + 1)
    rho[inputs] = table["mass"].to_numpy()
    entries = (table["probability"].to_numpy(), (inputs, labels))
    return Saved(rho, sparse.csr_array(entries, shape=(len(rho), int(labels.max()) + 1)))
