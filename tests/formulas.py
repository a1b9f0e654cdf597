"""Formulas in MathML without what different writers of it do differently: spaces, accents' signs, groups."""

from __future__ import annotations

import unicodedata

from lxml import etree

_SAME = {"ˆ": "^", "∥": "‖", "∣": "|", "⋅": "·", "−": "-", "\u2061": "", "\u00a0": ""}
_PARTS = {"mfrac", "msqrt", "mover", "munder", "msup", "msub", "msubsup", "munderover"}
_UNDER = {"munder": "msub", "munderover": "msubsup"}


def skeleton(mathml):
    """What a formula consists of: ``mfrac[1|2]`` for one half."""
    return _skeleton(etree.fromstring(mathml))


def _skeleton(element):
    name = etree.QName(element).localname
    parts = [_skeleton(child) for child in element]
    if name in _PARTS:
        return f"{_UNDER.get(name, name)}[{'|'.join([''.join(parts)] if name == 'msqrt' else parts)}]"
    if name == "mspace":
        return ""
    if parts:
        return "".join(parts)
    letters = unicodedata.normalize("NFKC", (element.text or "").strip())
    return "".join(_SAME.get(letter, letter) for letter in letters)
