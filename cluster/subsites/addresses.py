"""The address of the site one is in, for links that leave the product, such as those in mails.

Behind settings.WAGTAILADMIN_BASE_URL, which Wagtail puts before every address in a mail; asked when a mail is written.
"""

from cluster.context import current_site
from cluster.subsites.models import SiteKind, Subsite


def staff_root_url() -> str:
    """Return the root of the current site; of the console, where the office works, outside of all sites."""
    site = current_site() or Subsite.objects.filter(kind=SiteKind.CONSOLE).first()
    return site.root_url if site else ""
