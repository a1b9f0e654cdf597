"""The rendered book as a whole: what is staged for Jupyter Book, what each page loads, the page of the record.

May import: all rooms before it, from ``execution`` to ``sphinx_ext``.
Begin with ``render``: from executed chapters to HTML.
"""
