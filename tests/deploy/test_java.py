"""Finding Java: the newest that can run Elasticsearch, or none."""

from pathlib import Path

import pytest

from deploy.launcher.java import find_java, major_of


def install(
    folder: Path, name: str, version: str, *, modules: str = "java.base jdk.jlink", release: bool = True
) -> Path:
    """Put something like a Java into the folder."""
    home = folder / name
    (home / "bin").mkdir(parents=True)
    program = home / "bin" / "java"
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    program.chmod(0o755)
    if release:
        (home / "release").write_text(f'JAVA_VERSION="{version}"\nMODULES="{modules}"\n')
    return home


def test_the_newest_of_all_is_found(tmp_path: Path) -> None:
    install(tmp_path, "java-17", "17.0.15")
    install(tmp_path, "java-21", "21.0.2")
    newest = install(tmp_path, "temurin-25", "25.0.3")
    found = find_java({"PATH": ""}, [tmp_path])
    assert found is not None
    assert (found.home, found.major) == (newest, 25)


def test_an_old_one_alone_is_none(tmp_path: Path) -> None:
    install(tmp_path, "java-17", "17.0.15")
    install(tmp_path, "java-8", "1.8.0_392")
    assert find_java({"PATH": ""}, [tmp_path]) is None


def test_java_home_and_path_are_searched(tmp_path: Path) -> None:
    home = install(tmp_path, "home", "22")
    on_path = install(tmp_path, "path", "23.0.1")
    found = find_java({"JAVA_HOME": str(home), "PATH": ""}, [])
    assert found is not None
    assert found.home == home
    found = find_java({"JAVA_HOME": str(home), "PATH": str(on_path / "bin")}, [])
    assert found is not None
    assert found.home == on_path


def test_the_one_chosen_for_elasticsearch_wins_unless_it_is_too_old(tmp_path: Path) -> None:
    install(tmp_path / "jvm", "java-25", "25")
    chosen = install(tmp_path, "chosen", "21.0.1")
    old = install(tmp_path, "old", "17")
    found = find_java({"ES_JAVA_HOME": str(chosen), "PATH": ""}, [tmp_path / "jvm"])
    assert found is not None
    assert found.major == 21
    found = find_java({"ES_JAVA_HOME": str(old), "PATH": ""}, [tmp_path / "jvm"])
    assert found is not None
    assert found.major == 25


def test_a_cut_down_image_is_passed_over_and_a_full_one_is_not(tmp_path: Path) -> None:
    install(tmp_path, "cut", "25.0.1", modules="java.base java.sql")
    assert find_java({"PATH": ""}, [tmp_path]) is None
    install(tmp_path, "full", "25.0.1")
    assert find_java({"PATH": ""}, [tmp_path]) is not None


def test_a_java_without_release_file_is_asked(tmp_path: Path) -> None:
    install(tmp_path, "plain", "24.0.1", release=False)
    found = find_java({"PATH": ""}, [tmp_path])
    assert found is not None
    assert found.major == 24


@pytest.mark.parametrize(("text", "major"), [("25.0.3", 25), ("1.8.0_392", 8), ("21-ea", 21), ("", 0), ("x", 0)])
def test_versions_are_read(text: str, major: int) -> None:
    assert major_of(text) == major
