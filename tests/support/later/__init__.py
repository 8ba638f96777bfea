"""The migrations of sites.content and, behind them, one that a later version brings: settings.MIGRATION_MODULES points here."""

from pathlib import Path

from sites.content import migrations

__path__ = [*__path__, *migrations.__path__]
LAST = max(path.stem for path in Path(migrations.__path__[0]).glob("0*.py"))
PROBE = "9001_probe"
