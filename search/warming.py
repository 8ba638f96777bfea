"""Load what the first search would otherwise load: addresses with their views, tables of characters, words, the page.

Called by deploy/gunicorn.conf.py before it forks, so that all web processes share the memory. Asks neither the database
nor a search engine: the web starts although one of them is away.
"""

from django.conf import settings
from django.template.loader import get_template
from django.urls import get_resolver

from search.normalize import fold_text
from search.pinyin import split_syllables, syllables_of
from search.vocabulary import everyday_words

PAGE = "search/results.html"


def warm_up() -> None:
    """Fill the caches that a process keeps for its life; a second call finds them full."""
    fold_text("供熱")  # the table of traditional and compatible forms
    syllables_of("供热")  # the readings of characters and phrases
    split_syllables("gongre")
    everyday_words()
    for urlconf in (settings.ROOT_URLCONF, settings.CONSOLE_URLCONF):
        _ = get_resolver(urlconf).reverse_dict  # imports every view, and with them the engines' clients
    get_template(PAGE)
