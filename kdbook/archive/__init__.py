"""The book as one file to deposit: pages, executed chapters, sources, kdcore and its lock, with checksums.

May import: all rooms before it, from ``execution`` to ``site``.
Begin with ``contents``, which gathers the files; ``crate`` describes them for machines, ``readme`` for people, and
``checksums`` finds whether they are still those.
"""
