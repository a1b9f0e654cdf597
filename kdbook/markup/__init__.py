"""Markdown, HTML and SVG as data, each read by one parser from a library.

May import: ``execution`` and the modules at the top.  Every room may import ``myst``, the reader of Markdown.
Begin with ``myst``; ``plain`` turns the Markdown of chapters into what Jupyter and slides can show.
"""
