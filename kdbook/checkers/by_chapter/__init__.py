"""The checkers of each chapter: ``ex-hard-1`` is checked by ``hard``, and so on."""
