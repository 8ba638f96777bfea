"""Reading the choices: nonsense is refused, what is left out has its default."""

from pathlib import Path

import pytest

from deploy.launcher.errors import Refusal
from deploy.launcher.options import REPO, read_options


def test_nothing_given_means_the_demo_on_the_embedded_server() -> None:
    options = read_options({})
    assert (options.var, options.port, options.host, options.sites) == (REPO / "var", 8000, "127.0.0.1", "demo")
    assert options.is_embedded
    assert options.demo
    assert options.elasticsearch_url is None


def test_choices_are_honoured(tmp_path: Path) -> None:
    options = read_options({"PORT": "8080", "VAR": str(tmp_path), "SITES": "province", "QUNZHAN_BIND": "0.0.0.0"})
    assert (options.var, options.port, options.host, options.sites) == (tmp_path, 8080, "0.0.0.0", "province")


@pytest.mark.parametrize("port", ["0", "65536", "-1", "80a", "八千", "8000.0"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(Refusal, match=r"不是 1 到 65535 之间的整数"):
        read_options({"PORT": port})


def test_an_unknown_set_of_sites_is_refused() -> None:
    with pytest.raises(Refusal, match="SITES=nation 不认识；可选 demo 或 province"):
        read_options({"SITES": "nation"})


def test_a_database_of_ones_own_gets_no_demo_unless_asked_for() -> None:
    given = {"DATABASE_URL": "postgresql://u@h/d"}
    assert not read_options(given).demo
    assert read_options(given | {"DEMO": "1"}).demo
    assert not read_options({"DEMO": "0"}).demo


def test_an_empty_elasticsearch_address_is_a_choice_and_an_absent_one_is_not() -> None:
    assert read_options({"ELASTICSEARCH_URL": ""}).elasticsearch_url == ""
    assert read_options({}).elasticsearch_url is None
