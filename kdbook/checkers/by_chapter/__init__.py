"""One module of checkers for each prefix of labels: those of ``ex-hard-…`` are in ``hard.py``."""
