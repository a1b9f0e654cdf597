"""Environment variables that a chapter's kernel is told things with."""

FOLDER_VARIABLE = "KDCORE_FIGURES"
"""The folder that :func:`kdcore.figures.save` writes to; ``figures`` in the working folder without it."""
JOBS_VARIABLE = "KDCORE_JOBS"
"""How many local processes a sweep may use when it is not told."""
SCHEDULER_VARIABLE = "KDCORE_SCHEDULER"
"""The address of a Dask scheduler for sweeps that are not told where to run."""
