"""An editor's desk inside an installation whose database the test's own process does not know; run by its `manage.py shell`.

Used by tests/flows. What was published is said in one line of JSON, the last one.
"""

import json
from dataclasses import asdict, dataclass
from urllib.parse import unquote

from cluster.accounts.models import User
from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.common.pictures import picture_of
from sites.content.models import ArticleAttachment
from tests.support.accounts import make_account
from tests.support.articles import publish_article
from tests.support.pages import address_of
from tests.support.pictures import add_document, add_image
from tests.support.running import Product

COMMAND = "from tests.support.newsdesk import open_desk; open_desk({code!r}, {titles!r})"
COLOURS = ("red", "blue", "green")


@dataclass(frozen=True)
class Published:
    """An item with a picture and an attachment of its own: page, and the addresses of the three."""

    page: int
    path: str
    picture: str
    attachment: str


def publish_in(product: Product, code: str, *titles: str) -> list[Published]:
    """Publish items with files in a site of this installation, whose editor is called after it; called by the test."""
    said = product.manage("shell", "-v", "0", "-c", COMMAND.format(code=code, titles=titles))
    assert said.returncode == 0, said.stdout
    return [Published(**told) for told in json.loads(said.stdout.strip().splitlines()[-1])]


def open_desk(code: str, titles: tuple[str, ...]) -> None:
    """Make the editor if there is none, publish, and say what; called inside the installation."""
    site, editor = Subsite.objects.get(code=code), f"{code}-bianji"
    with in_site(site):
        is_new = not User.objects.filter(username=editor).exists()
    if is_new:
        make_account(site, "site_admin", editor)
    published = [_publish(site, title, colour) for title, colour in zip(titles, COLOURS, strict=False)]
    print(json.dumps([asdict(one) for one in published]))


def _publish(site: Subsite, title: str, colour: str) -> Published:
    image = add_image(site, name=f"{colour}.png", colour=colour)
    document = add_document(site, name=f"{colour}.txt", data=f"{site.code} {title}".encode())
    attached = [ArticleAttachment(document=document)]
    page = publish_article(site, title, lead_image=image, lead_image_alt="大楼", attachments=attached)
    with in_site(site):
        picture = picture_of(image)
    assert picture is not None
    return Published(
        page.pk, address_of(site, page), unquote(picture.src), f"/documents/{document.pk}/{document.filename}"
    )
