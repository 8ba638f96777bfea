"""The texts of a version: those that the product ships with, and the digest by which texts are known to be the same.

Called by receivers (first version), by current (before there is one) and by versions.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from cluster.subsites.models import SiteKind

COMMON = "common.toml"
# In the order in which people read them: the base first, then the kinds from the province down.
FILES = (COMMON, *(f"{kind}.toml" for kind in SiteKind.values))
# Bytes of a file that is not even read; the reader of the language counts signs (reading.texts.LARGEST).
LARGEST_FILE = 1024 * 1024


class TooLarge(ValueError):
    """A file that is larger than any template of people; `path` says which."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} 超过 {LARGEST_FILE // 1024 // 1024} MB，不像栏目模板。请核对文件；栏目太多的，删去用不到的。"
        )
        self.path = path


def shipped_folder() -> Path:
    """Return the folder of the shipped texts."""
    return Path(settings.BASE_DIR) / "templates" / "columns"


def text_of(path: Path) -> str:
    """Read a text, without the mark that some editors put at its beginning. Raises OSError, UnicodeDecodeError, TooLarge."""
    if path.stat().st_size > LARGEST_FILE:
        raise TooLarge(path)
    return path.read_text(encoding="utf-8-sig")


def folder_sources(folder: Path) -> dict[str, str]:
    """Read the texts of a folder; files of other names are no templates. Raises what `text_of` raises."""
    return {name: text_of(folder / name) for name in FILES if (folder / name).is_file()}


def shipped_sources() -> dict[str, str]:
    """Read the texts that the product ships with."""
    return folder_sources(shipped_folder())


def language_page() -> str:
    """Read the page that tells how templates are written, for whoever writes them in the console."""
    return (Path(__file__).parent / "LANGUAGE.md").read_text(encoding="utf-8")


def digest_of(sources: Mapping[str, str]) -> str:
    """Return what tells two versions' texts apart."""
    return hashlib.sha256(json.dumps(dict(sources), sort_keys=True).encode()).hexdigest()
