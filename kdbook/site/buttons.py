"""Buttons that need the repository's public address: absent as long as ``_config.yml`` does not set it."""

from __future__ import annotations

from typing import Any

import yaml

from kdbook.project import BookError, Project


def repository(project: Project) -> str:
    """Return ``repository: url`` of ``_config.yml``, or an empty text if it is not set.

    Raises
    ------
    BookError
        If it is set to something that is not a web address.
    """
    config = yaml.safe_load((project.root / "_config.yml").read_text(encoding="utf-8")) or {}
    address = str((config.get("repository") or {}).get("url") or "").rstrip("/")
    if address and not address.startswith("https://"):
        raise BookError(f"_config.yml: repository: url must begin with https://, got {address!r}")
    return address


def with_buttons(config: str, address: str) -> str:
    """Return the configuration with buttons that lead to the repository, if it has an address.

    Parameters
    ----------
    config : str
        The text of ``_config.yml``.
    address : str
        Of the repository; if empty, the configuration is returned without an entry ``repository``.
    """
    settings: dict[str, Any] = yaml.safe_load(config) or {}
    if not address:
        if "repository" not in settings:
            return config
        del settings["repository"]
    else:
        settings["repository"] = (
            {"path_to_book": "book", "branch": "main"} | (settings.get("repository") or {}) | {"url": address}
        )
        html = settings.setdefault("html", {})
        html |= {"use_repository_button": True, "use_issues_button": True}
        settings["launch_buttons"] = {"notebook_interface": "jupyterlab", "binderhub_url": "https://mybinder.org"}
        if address.startswith("https://github.com/"):
            settings["launch_buttons"]["colab_url"] = "https://colab.research.google.com"
    return yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)
