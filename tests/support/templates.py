"""Next versions of the column templates for tests: the texts in force with a few words changed."""

import re
import tomllib
from typing import Any

from cluster.column_templates import versions
from cluster.column_templates.models import TemplateVersion

KIND_LIST = re.compile(r"^columns = \[.*?\]", re.S | re.M)


def draft(
    add: dict[str, dict[str, Any]] | None = None,
    drop: tuple[str, ...] = (),
    override: dict[str, dict[str, Any]] | None = None,
    kinds: tuple[str, ...] = ("county", "city"),
) -> TemplateVersion:
    """Save a draft in which the kinds have further columns (code → words), others no more, and others changed."""
    sources = versions.newest_sources()
    for kind in kinds:
        name = f"{kind}.toml"
        codes = [code for code in tomllib.loads(sources[name])["columns"] if code not in drop] + list(add or {})
        listed = "columns = [" + ", ".join(f'"{code}"' for code in codes) + "]"
        text = KIND_LIST.sub(lambda _, listed=listed: listed, sources[name], count=1)
        text = _without_blocks(text, drop)
        for code, words in {**(override or {}), **(add or {})}.items():
            text = _with_override(text, code, words)
        sources[name] = text
    return versions.save_draft(sources)


def draft_with(*changes: tuple[str, str], kind: str = "county") -> TemplateVersion:
    """Save a draft in which words of one kind's text are others (before, after)."""
    sources = versions.newest_sources()
    for before, after in changes:
        assert before in sources[f"{kind}.toml"], before
        sources[f"{kind}.toml"] = sources[f"{kind}.toml"].replace(before, after, 1)
    return versions.save_draft(sources)


def _without_blocks(text: str, codes: tuple[str, ...]) -> str:
    """Take out overrides and blocks of the home page that name a column which is gone."""
    parts = re.split(r"(?m)^(?=\[)", text)
    kept = [
        part
        for part in parts
        if not any(part.startswith(f"[override.{code}]") or f'column = "{code}"' in part for code in codes)
    ]
    return "".join(kept)


def _with_override(text: str, code: str, words: dict[str, Any]) -> str:
    lines = "".join(f"{word} = {_toml(value)}\n" for word, value in words.items())
    heading = f"[override.{code}]\n"
    if heading in text:
        present = re.compile(rf"(?ms)^\[override\.{code}\]\n(.*?)(?=^\[|\Z)")
        found = present.search(text)
        kept = "".join(
            line + "\n"
            for line in (found.group(1) if found else "").splitlines()
            if line.strip() and line.split("=")[0].strip() not in words
        )
        return present.sub(lambda _: heading + lines + kept + "\n", text, count=1)
    first_block = text.find("[[home]]")
    place = first_block if first_block >= 0 else len(text)
    return f"{text[:place]}{heading}{lines}\n{text[place:]}"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(item)}" for name, item in value.items()) + " }"
    return f'"{value}"' if isinstance(value, str) else str(value)


NEW_WORDS = {"name": "新设栏目", "class": "periodic", "column_type": "其他", "description": "新设", "keywords": "新设"}
