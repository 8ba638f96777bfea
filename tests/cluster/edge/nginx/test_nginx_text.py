"""The text of the configuration and the command that writes it."""

import hashlib
import time
from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.core.management import CommandError, call_command

from cluster.edge.nginx import Server, configuration


class TestText:
    def test_the_sample_is_what_the_command_writes(self, settings: LazySettings) -> None:
        settings.SITE_SCHEME, settings.SECURE_HSTS_SECONDS = "https", 31_536_000
        sample = settings.BASE_DIR / "deploy" / "nginx" / "qunzhan.conf"
        written = sample.parent / f".{hashlib.sha256(str(time.time_ns()).encode()).hexdigest()[:8]}.conf"
        try:
            call_command("nginx_config", root=Path("/srv/qunzhan/var"), output=written, verbosity=0)
            assert written.read_text() == sample.read_text()
        finally:
            written.unlink(missing_ok=True)

    def test_a_certificate_without_its_key_is_refused(self) -> None:
        with pytest.raises(CommandError, match="一起给"):
            call_command("nginx_config", certificate="/etc/a.pem")

    def test_a_place_that_cannot_be_written_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="写不进"):
            call_command("nginx_config", output=tmp_path / "no" / "a.conf")

    def test_brotli_only_where_it_is_asked_for(self, tmp_path: Path) -> None:
        server = Server(app="127.0.0.1:1", store=tmp_path, media=tmp_path, static=tmp_path, port=80)
        assert "brotli_static" not in configuration(server)
        assert "brotli_static on;" in configuration(Server(**{**vars(server), "brotli": True}))

    def test_two_hundred_sites_are_no_longer_than_two(self) -> None:
        server = Server(app="a", store=settings.EDGE_ROOT, media=Path(), static=Path(), port=80)
        assert "alpha" not in configuration(server)
        assert configuration(server).count("server_name") == 1
