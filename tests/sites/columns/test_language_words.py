"""What the rule language says of home pages and classes is what the pages of a site have."""

from cluster.column_templates import vocabulary
from sites.columns.blocks import LAYOUTS, WIDTHS, home_blocks
from sites.columns.models import ColumnClass


def test_home_blocks_have_the_words_of_the_language() -> None:
    found = {name: tuple(block.child_blocks) for name, block in home_blocks()}
    assert {name: set(words) for name, words in found.items()} == {
        name: set(words) for name, words in vocabulary.HOME_BLOCKS.items()
    }
    assert tuple(name for name, _ in LAYOUTS) == vocabulary.HOME_LAYOUTS
    assert tuple(name for name, _ in WIDTHS) == vocabulary.HOME_WIDTHS


def test_classes_are_words_of_the_language() -> None:
    assert ColumnClass is vocabulary.ColumnClass
