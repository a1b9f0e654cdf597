"""What pages can do that Sphinx cannot: questions, stepped figures, links of symbols, previews, uses of statements.

May import: all rooms before it, from ``execution`` to ``course``.
Each module is a Sphinx extension; ``kdbook.site.pages`` loads them all.
"""
