"""The book on paper: the rendered pages joined into one document, and printed by Chromium.

May import: ``execution``, ``markup`` and the modules at the top.
Begin with ``pdf``: it prints; ``document`` joins the pages.
"""
