"""Mails of Wagtail: every link in them leads to the site whose mail it is, under the scheme and port of the installation."""

import re
from importlib import reload

import pytest
from wagtail.admin.mail import send_notification

from cluster.context import in_public, in_site
from cluster.settings import production
from cluster.subsites.services import add_domain
from sites.content.models import ArticlePage
from tests.support.articles import column_of, publish_article
from tests.support.people import make_user, sign_in
from tests.support.pictures import add_image

DEVELOPMENT = ("http", 8000)
PRODUCTION = (production.SITE_SCHEME, production.SITE_PORT)
ROOTS = {DEVELOPMENT: "http://{}.localhost:8000/", PRODUCTION: "https://{}.localhost/"}


@pytest.fixture(params=[DEVELOPMENT, PRODUCTION], ids=["development", "production"])
def root(request, settings):
    """Return a function that gives a site's root address, under the settings of development and of production."""
    settings.SITE_SCHEME, settings.SITE_PORT = request.param
    settings.WAGTAILADMIN_BASE_URL = production.WAGTAILADMIN_BASE_URL
    return lambda site: ROOTS[request.param].format(site.code)


def reader(site, role="editor", name=""):
    """Return an account that reads mail."""
    user = make_user(site, role, name)
    with in_site(site):
        user.email = f"{user.username}@{site.code}.example"
        user.save()
    return user


def roots_in(mail):
    """Return the beginnings of all addresses in a mail."""
    return set(re.findall(r"https?://[^/\s]*/", mail.body))


def mail_to(mailbox, user):
    """Return the newest mail to an account."""
    return [mail for mail in mailbox if mail.to == [user.email]][-1]


def test_production_sends_by_the_operators_mail_server_and_in_their_name(monkeypatch):
    assert production.DEFAULT_FROM_EMAIL == "noreply@localhost"
    asked = {"HOST": "mail.gov.cn", "PORT": "587", "TLS": "1", "USER": "qz", "PASSWORD": "x", "FROM": "qz@gov.cn"}
    with monkeypatch.context() as patch:
        for name, value in asked.items():
            patch.setenv(f"EMAIL_{name}", value)
        told = reload(production)
    try:
        assert (told.EMAIL_HOST, told.EMAIL_PORT, told.EMAIL_USE_TLS) == ("mail.gov.cn", 587, True)
        assert (told.EMAIL_HOST_USER, told.EMAIL_HOST_PASSWORD) == ("qz", "x")
        assert (told.DEFAULT_FROM_EMAIL, told.SERVER_EMAIL) == ("qz@gov.cn", "qz@gov.cn")
    finally:
        reload(production)


def test_production_is_https_without_a_port():
    assert (production.SITE_SCHEME, production.SITE_PORT) == ("https", 443)


def test_a_lost_password_is_reset_on_the_site_itself(alpha, beta, console, client_for, root, mailoutbox):
    for site, role in ((alpha, "editor"), (beta, "editor"), (console, "office")):
        user = reader(site, role)
        assert client_for(site).post("/admin/password_reset/", {"email": user.email}).status_code == 302
        mail = mail_to(mailoutbox, user)
        assert roots_in(mail) == {root(site)}
        path = re.search(r"(/admin/password_reset/confirm/\S+)", mail.body)[1]
        assert client_for(site).get(path, follow=True).status_code == 200
    assert len(mailoutbox) == 3
    # An account of alpha gets no mail from beta.
    assert client_for(beta).post("/admin/password_reset/", {"email": "alpha-editor@alpha.example"}).status_code == 302
    assert len(mailoutbox) == 3


def test_the_link_is_the_primary_hosts_whatever_host_was_asked(alpha, client, root, mailoutbox):
    add_domain(alpha, "other-name.localhost")
    user = reader(alpha)
    asked = client.post("/admin/password_reset/", {"email": user.email}, headers={"host": "other-name.localhost:99"})
    assert asked.status_code == 302
    assert roots_in(mailoutbox[0]) == {root(alpha)}


def submit(site, editor, title):
    """Hand in a draft for the three reviews."""
    with in_site(site):
        page = column_of().add_child(instance=ArticlePage(title=title, source="本单位", live=False, owner=editor))
        page.save_revision(user=editor)
        page.get_workflow().start(page, editor)
    return page


def review(site, page, client_for, user, action, comment):
    """Let a reviewer decide."""
    with in_site(site):
        state = ArticlePage.objects.get(pk=page.pk).current_workflow_task_state
    reviewer = sign_in(client_for(site), user)
    answer = reviewer.post(f"/admin/pages/workflow/action/{page.pk}/{action}/{state.pk}/", {"comment": comment})
    assert answer.status_code == 302


def test_every_mail_of_the_three_reviews_leads_to_its_site(
    alpha, beta, client_for, root, mailoutbox, django_capture_on_commit_callbacks
):
    for site in (alpha, beta):
        editor = reader(site, "editor")
        reviewers = [reader(site, f"reviewer{number}") for number in (1, 2, 3)]
        with django_capture_on_commit_callbacks(execute=True):
            page = submit(site, editor, f"{site.name}的稿件")
        edit = f"{root(site)}admin/pages/{page.pk}/edit/"
        handed_in = mail_to(mailoutbox, reviewers[0])
        assert edit in handed_in.body
        assert roots_in(handed_in) == {root(site)}

        with django_capture_on_commit_callbacks(execute=True):
            review(site, page, client_for, reviewers[0], "reject", "请改标题")
        sent_back = mail_to(mailoutbox, editor)
        assert edit in sent_back.body
        assert "请改标题" in sent_back.body
        assert roots_in(sent_back) == {root(site)}

        with in_site(site), django_capture_on_commit_callbacks(execute=True):
            again = ArticlePage.objects.get(pk=page.pk)
            again.current_workflow_state.resume(user=editor)
        for reviewer in reviewers:
            with django_capture_on_commit_callbacks(execute=True):
                review(site, page, client_for, reviewer, "approve", "同意")
            assert roots_in(mail_to(mailoutbox, reviewer)) == {root(site)}
        approved = mail_to(mailoutbox, editor)
        with in_site(site):
            address = root(site).rstrip("/") + ArticlePage.objects.get(pk=page.pk).get_url()
        assert address in approved.body
        assert roots_in(approved) == {root(site)}
        assert client_for(site).get(address.removeprefix(root(site).rstrip("/"))).status_code == 200


def test_a_comment_is_answered_on_its_site(alpha, beta, root, mailoutbox):
    for site in (alpha, beta):
        page, user = publish_article(site, "有批注的文章"), reader(site)
        with in_site(site):
            send_notification([user], "updated_comments", {"page": page, "editor": user, "new_comments": []})
        mail = mail_to(mailoutbox, user)
        assert f"{root(site)}admin/pages/{page.pk}/edit/" in mail.body
        assert roots_in(mail) == {root(site)}


def test_outside_of_all_sites_it_is_the_consoles(console, root, settings):
    with in_public():
        assert f"{settings.WAGTAILADMIN_BASE_URL}/" == root(console)


def test_pages_and_pictures_name_the_site_in_full(alpha, beta, root):
    for site in (alpha, beta):
        page = publish_article(site, "全地址")
        with in_site(site):
            page = ArticlePage.objects.get(pk=page.pk)
            assert page.full_url == page.get_full_url() == root(site).rstrip("/") + page.get_url()
            picture = add_image(site).get_rendition("width-20")
            assert picture.full_url == root(site).rstrip("/") + picture.url
