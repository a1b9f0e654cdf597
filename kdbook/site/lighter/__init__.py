"""Pages that are light to open: styles and scripts that all pages load joined into one file of each kind.

Themes and extensions bring two dozen small files, and half a megabyte of rules of style of which pages use a tenth.
"""
