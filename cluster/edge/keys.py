"""The words that a render and a change have in common: what a page used, what a change touched.

Called where pages read (with cluster.edge.recording) and by the feed of the store. `schema` is the schema of a site; the
index compares keys as plain text.
"""

# Touches every page of every site: another version of the column templates, a setting.
ALL = "all"
# The list of public sites: groups of sites, names of sites in lists of others.
DIRECTORY = "directory"
# The kinds of keys that say "this copy shows the thing itself"; what is gone takes them along.
SHOWING = ("page:", "line:", "image:", "document:", "borrowed:")

# Begins the keys of addresses, which no copy needs to note: every copy has one.
ADDRESS = "address:"


def page(schema: str, page_id: int) -> str:
    """Name everything of a page's own tables: its own address, and pages that show more of it than a line."""
    return f"page:{schema}:{page_id}"


def line(schema: str, page_id: int) -> str:
    """Name an item as a list shows it: title, address, dates, summary, source, number, validity, picture."""
    return f"line:{schema}:{page_id}"


def members(schema: str, column_code: str) -> str:
    """Name which items stand in a column itself, and when they were published; not those of columns below it."""
    return f"members:{schema}:{column_code}"


def fed(parent_id: int, kind: str) -> str:
    """Name the news that sites of a kind below a site publish."""
    return f"fed:{parent_id}:{kind}"


def columns(schema: str) -> str:
    """Name the columns of a site as menus, breadcrumbs and the site map show them."""
    return f"columns:{schema}"


def record(schema: str) -> str:
    """Name the site's own record: names, contacts, domains, state."""
    return f"record:{schema}"


def named(schema: str) -> str:
    """Name what sites below say of a site on every page: its name, its main address, whether it is public."""
    return f"named:{schema}"


def borrowed(schema: str) -> str:
    """Name that a page of another site shows an item of this one; gone when the site ceases to be open."""
    return f"borrowed:{schema}"


def items(schema: str) -> str:
    """Name every item of a site at once, for what lists all addresses."""
    return f"items:{schema}"


def image(schema: str, image_id: int) -> str:
    """Name a picture of a site."""
    return f"image:{schema}:{image_id}"


def address(host: str, path: str) -> str:
    """Name what is stored at an address, in all variants and with all parameters, whatever it shows."""
    return f"{ADDRESS}{host}{path}"


def host_and_path(key: str) -> tuple[str, str]:
    """Return what `address` was made of."""
    host, slash, path = key.removeprefix(ADDRESS).partition("/")
    return host, slash + path


def document(schema: str, document_id: int) -> str:
    """Name an attachment of a site."""
    return f"document:{schema}:{document_id}"
