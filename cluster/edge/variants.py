"""The closed set of ways to see a page: normal or large type, simplified or traditional characters.

Called by the middleware and the WSGI layer of the store, by nginx's configuration and by templates. Whatever else a
cookie says is the normal view, so no visitor can make a fifth copy.
"""

from enum import StrEnum
from http.cookies import CookieError, SimpleCookie

VIEW_COOKIE = "qz_view"


class Variant(StrEnum):
    """A way to see a page; the value is the name of its folder in the store."""

    NORMAL = "n"
    ELDER = "e"
    HANT = "t"
    ELDER_HANT = "et"

    @property
    def is_elder(self) -> bool:
        """Tell whether the type is large."""
        return self in {Variant.ELDER, Variant.ELDER_HANT}

    @property
    def is_hant(self) -> bool:
        """Tell whether the characters are traditional."""
        return self in {Variant.HANT, Variant.ELDER_HANT}

    @property
    def language(self) -> str:
        """Return the language tag of the page."""
        return "zh-Hant" if self.is_hant else "zh-CN"

    @property
    def with_other_type(self) -> str:
        """Return the cookie's value for the same characters in the other size."""
        return COOKIE_OF[_MADE_OF[not self.is_elder, self.is_hant]]

    @property
    def with_other_script(self) -> str:
        """Return the cookie's value for the same size in the other characters."""
        return COOKIE_OF[_MADE_OF[self.is_elder, not self.is_hant]]


# Value of the cookie → variant; absent and unknown values mean the normal one.
BY_COOKIE = {"elder": Variant.ELDER, "hant": Variant.HANT, "elder-hant": Variant.ELDER_HANT}
COOKIE_OF = {variant: value for value, variant in BY_COOKIE.items()} | {Variant.NORMAL: ""}
_MADE_OF = {(variant.is_elder, variant.is_hant): variant for variant in Variant}


def of_cookie(value: str | None) -> Variant:
    """Return the variant that the cookie's value asks for."""
    return BY_COOKIE.get(value or "", Variant.NORMAL)


def read_cookies(header: str) -> tuple[Variant, bool]:
    """Return the variant that a Cookie header asks for, and whether it holds any cookie but that one.

    A header that cannot be read counts as holding others: such a request is answered, never stored.
    """
    if not header.strip():
        return Variant.NORMAL, False
    name, _, value = header.partition("=")
    if name == VIEW_COOKIE and value in BY_COOKIE:
        return BY_COOKIE[value], False
    try:
        cookies = SimpleCookie(header)
    except CookieError:
        return Variant.NORMAL, True
    view = cookies.pop(VIEW_COOKIE, None)
    return of_cookie(view.value if view else None), bool(cookies) or view is None
