"""Running chapters with papermill: which need to, where, with what, and what is recorded of it.

May import: this package's own modules at the top (``project``, ``files``, ``folders``) and kdcore.
Begin with ``chapters``: it decides what runs.  ``job`` runs one chapter, ``records`` says what a result depends on,
``verify`` runs again and compares, ``notebooks`` reads and writes them, ``parameters`` reads the cell of that tag.
"""
