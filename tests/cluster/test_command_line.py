"""The command line refuses what would destroy sites or go past the services; calls inside a process are untouched."""

import pytest
from django.core.management import get_commands, load_command_class

from cluster.command_line import REFUSED, ClusterUtility, main

OFFERED = ("open_site", "close_site", "add_account", "add_token", "migrate_cluster", "worker", "collectstatic")


@pytest.mark.parametrize("carrier", [(), ("tenant_command",), ("all_tenants_command",)])
@pytest.mark.parametrize("command", sorted(REFUSED))
def test_a_refused_command_names_the_right_one(
    command: str, carrier: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["manage.py", *carrier, command, "--help"])
    assert left.value.code == 1
    said = capsys.readouterr()
    assert said.err.startswith(f"群站不使用命令 {command}：")
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_an_allowed_command_runs(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["manage.py", "close_site", "--help"])
    assert left.value.code == 0
    assert "--successor-url" in capsys.readouterr().out


def test_help_offers_what_may_be_used_and_nothing_else() -> None:
    for commands_only in (True, False):
        words = ClusterUtility(["manage.py"]).main_help_text(commands_only).split()
        assert set(OFFERED) <= set(words)
        assert not set(REFUSED) & set(words)


def test_every_refused_command_exists_and_can_be_called_by_its_name_inside() -> None:
    """The list grows no moss, and django-tenants' own calls still find their commands."""
    known = get_commands()
    assert set(REFUSED) <= set(known)
    assert load_command_class(known["migrate_schemas"], "migrate_schemas")
    assert load_command_class(known["flush"], "flush")
