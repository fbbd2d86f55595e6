"""Docstrings as Markdown: doctests outside a section as code, and Sphinx roles as links or code.

The library's docstrings are read in an editor first; this makes them look right on the site too.
"""

from __future__ import annotations

import re
from typing import Any

import griffe

ROLE = re.compile(r":(?:meth|class|func|attr|mod):`~?([\w.]+)`")
DOCTEST = re.compile(r"(?:^[ \t]*>>> .*\n?(?:^[ \t]*\S.*\n?)*\n?)+", re.MULTILINE)


def markdown(text: str) -> str:
    """Return a docstring with its roles and stray doctests as Markdown has them."""
    text = ROLE.sub(_link, text)
    text = re.sub(r"^(.*\w)::\n\n((?: {4}.*\n?|\n)+)", r"\1:\n\n\2", text, flags=re.MULTILINE)
    start = text.find("\nExamples\n---")
    prose, examples = (text, "") if start < 0 else (text[:start], text[start:])
    return DOCTEST.sub(lambda match: f"```pycon\n{match[0].rstrip()}\n```\n\n", prose) + examples


def _link(match: re.Match[str]) -> str:
    target = match[1]
    if not target.startswith("mdpoverty."):
        return f"`{target}`"
    # optional: a name may be documented under another path than the one that the docstring uses
    return f'<autoref identifier="{target}" optional><code>{target.removeprefix("mdpoverty.")}</code></autoref>'


class Docstrings(griffe.Extension):
    """Rewrite each docstring before it is parsed."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Rewrite the docstring of one object."""
        if obj.docstring is not None:
            obj.docstring.value = markdown(obj.docstring.value)
