"""sphinx_ext."""
