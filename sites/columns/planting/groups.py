"""The groups of a site and what each may do; planted into base schemas, so that every site has the same.

Called by sowing. Nobody is a superuser: these permissions are all that the staff of a site has.
"""

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission

from cluster.subsites.models import SiteKind
from sites.columns.models import HomePage

PAGES_ALL = ("add_page", "change_page", "publish_page", "bulk_delete_page", "lock_page", "unlock_page")
FILES_ALL = tuple(f"{verb}_{noun}" for noun in ("image", "document") for verb in ("add", "change", "choose"))
FILES_CHOOSE = ("choose_image", "choose_document")
PEOPLE = ("add_user", "change_user", "delete_user")
# Shaping the column tree, see sites.columns.policies.
COLUMNS = ("change_columnpage",)
REDIRECTS = ("add_redirect", "change_redirect", "delete_redirect")

# group → (permissions on pages, on pictures and documents, elsewhere); every group may enter the admin
SITE_GROUPS: dict[str, tuple[Iterable[str], Iterable[str], Iterable[str]]] = {
    "site_admin": (PAGES_ALL, FILES_ALL, (*PEOPLE, *REDIRECTS, *COLUMNS)),
    "editor": (("add_page", "change_page", "publish_page"), FILES_ALL, ()),
    "reviewer1": (("change_page",), FILES_CHOOSE, ()),
    "reviewer2": (("change_page",), FILES_CHOOSE, ()),
    "reviewer3": (("change_page",), FILES_CHOOSE, ()),
    # Publishing in Wagtail starts from the editing view, which asks for "change".
    "publisher": (("change_page", "publish_page"), FILES_CHOOSE, ()),
    "letters": ((), (), ()),
}
CONSOLE_GROUPS: dict[str, tuple[Iterable[str], Iterable[str], Iterable[str]]] = {
    "office": ((), (), PEOPLE),
    "inspector": ((), (), ()),
}
WAGTAIL_GROUPS = ("Editors", "Moderators")


def plant_groups(kind: str, home: HomePage) -> None:
    """Make the groups of a kind; permissions are set anew each time, so that a later version can change them."""
    Group.objects.filter(name__in=WAGTAIL_GROUPS).delete()
    wanted = CONSOLE_GROUPS if kind == SiteKind.CONSOLE else SITE_GROUPS
    files = Collection.get_first_root_node()
    for name, (on_pages, on_files, elsewhere) in wanted.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set(_permissions(["access_admin", *elsewhere]))
        GroupPagePermission.objects.filter(group=group).delete()
        GroupCollectionPermission.objects.filter(group=group).delete()
        for permission in _permissions(on_pages):
            GroupPagePermission.objects.create(group=group, page=home, permission=permission)
        for permission in _permissions(on_files):
            GroupCollectionPermission.objects.create(group=group, collection=files, permission=permission)


def _permissions(codenames: Iterable[str]) -> list[Permission]:
    """Return the permissions of these names. Raises LookupError when migrations have not made one of them."""
    names = list(codenames)
    apps = ("wagtailadmin", "wagtailcore", "wagtailimages", "wagtaildocs", "wagtailredirects", "accounts", "columns")
    found = list(Permission.objects.filter(codename__in=names, content_type__app_label__in=apps))
    missing = set(names) - {permission.codename for permission in found}
    if missing:
        raise LookupError(f"权限 {'、'.join(sorted(missing))} 还没有建立，请先完成数据库迁移（migrate_cluster）。")
    return found
