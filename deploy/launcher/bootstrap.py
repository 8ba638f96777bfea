"""Find a Python, make the virtual environment, install the pinned packages, then hand over to the launcher.

Called by the Makefile with whatever `python3` the machine has, so this file keeps to syntax and library of old
Pythons (3.5) and imports nothing that pip brings; deploy.launcher.__main__ goes on inside the environment.
"""

# An old Python must be able to read this file, or it could not say that it is too old.
# ruff: noqa: UP024, UP031
import hashlib
import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
# Releases whose wheels all pinned packages have; a later one is taken only where none of these is found.
TESTED = ("3.13", "3.12", "3.11")
LATER = ("3.16", "3.15", "3.14")
REPO = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
STAMP = "qunzhan-packages"
PROBE = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"
VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"


class Refused(Exception):
    """Say in one Chinese sentence why the environment cannot be made."""


def answer(python: str, code: str) -> "str | None":
    """Return what this interpreter prints for the code, or None where it does not run."""
    try:
        run = subprocess.Popen([python, "-I", "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        out = run.communicate()[0]
    except OSError:
        return None
    return out.decode().strip() if run.returncode == 0 else None


def new_enough(version: str) -> bool:
    """Return whether a text such as 3.12 is a Python that the product runs on."""
    return tuple(int(part) for part in version.split(".")) >= OLDEST


def candidates(environ: "dict[str, str]") -> "list[str]":
    """Return the interpreters to try, best first: PYTHON= alone where it is given."""
    if environ.get("PYTHON"):
        return [environ["PYTHON"]]
    return ["python" + release for release in TESTED] + ["python3", "python"] + ["python" + r for r in LATER]


def find_python(environ: "dict[str, str]") -> str:
    """Return the path of a usable interpreter.

    A shim of pyenv that points nowhere and a Debian Python without the venv package are passed over.
    Raises Refused with the reason that fits best.
    """
    seen, bare = [], None
    for name in candidates(environ):
        path = shutil.which(name, path=environ.get("PATH"))
        version = answer(path, VERSION) if path else None
        if not path or not version:
            continue
        if not new_enough(version):
            seen.append(version)
        elif answer(path, PROBE):
            return path
        else:
            bare = bare or version
    if bare:
        raise Refused(
            "找到了 Python %s，但缺少 venv 模块；Debian/Ubuntu 上请运行 apt install python%s-venv 后重试。"
            % (bare, bare)
        )
    if environ.get("PYTHON") and not seen:
        raise Refused("PYTHON=%s 无法运行；请改为 Python 3.11 或更新版本的路径。" % environ["PYTHON"])
    found = "只找到 Python %s" % "、".join(sorted(set(seen))) if seen else "没有找到 Python"
    raise Refused("%s，本产品需要 Python 3.11 或更新版本；请安装后重试，或用 PYTHON=/路径/python3.12 指定。" % found)


def wanted(names: "list[str]") -> str:
    """Return the hash of the requirements files, the mark of what is installed."""
    digest = hashlib.sha256()
    for name in names:
        with open(os.path.join(REPO, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def venv_python(venv: str) -> str:
    """Return the path of the environment's interpreter."""
    return os.path.join(venv, "bin", "python")


def is_sound(venv: str) -> bool:
    """Return whether the environment's interpreter runs, is new enough and has pip."""
    version = answer(venv_python(venv), "import pip, sys; print('%d.%d' % sys.version_info[:2])")
    return version is not None and new_enough(version)


def installed(venv: str) -> "set[str]":
    """Return the marks of the requirements installed in this environment."""
    try:
        with open(os.path.join(venv, STAMP)) as file:
            return set(file.read().split())
    except (OSError, IOError):
        return set()


def make_venv(venv: str, environ: "dict[str, str]") -> None:
    """Make the environment anew, unless it runs; never deletes a folder that is not an environment."""
    if is_sound(venv):
        return
    if os.path.isdir(venv) and os.listdir(venv):
        if not os.path.exists(os.path.join(venv, "pyvenv.cfg")):
            raise Refused("VENV=%s 已存在且不是虚拟环境，不会删除它；请换一个文件夹。" % venv)
        say("虚拟环境 %s 已损坏，重新建立 …" % venv)
        shutil.rmtree(venv)
    python = find_python(environ)
    say("建立虚拟环境 %s（%s）…" % (venv, python))
    try:
        code = subprocess.call([python, "-m", "venv", venv])
    except OSError as error:
        raise Refused("无法建立虚拟环境 %s：%s。" % (venv, error)) from error
    if code != 0 or not is_sound(venv):
        raise Refused("无法建立虚拟环境 %s；请检查该文件夹的写权限和磁盘空间。" % venv)


def install(venv: str, names: "list[str]") -> None:
    """Install the requirements files unless exactly these are in."""
    mark = wanted(names)
    marks = installed(venv)
    if mark in marks:
        return
    say("安装 Python 包（%s，共 %d 个）…" % (names[-1], count_packages(names)))
    command = [venv_python(venv), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    command += ["--progress-bar", "off", "-r", os.path.join(REPO, names[-1])]
    # The stamp goes first, so that an interrupted installation is not taken for a finished one.
    stamp = os.path.join(venv, STAMP)
    if os.path.exists(stamp):
        os.unlink(stamp)
    if run_pip(command, count_packages(names)) != 0:
        raise Refused("Python 包没有装成；请检查网络和磁盘空间后重试（已下载的包不会重复下载）。")
    with open(stamp, "w") as file:
        # The development list contains the runtime list, never the other way round.
        file.write("\n".join(wanted(names[: end + 1]) for end in range(len(names))))


def count_packages(names: "list[str]") -> int:
    """Return how many packages the lists pin, for the progress line."""
    total = 0
    for name in names:
        with open(os.path.join(REPO, name), "rb") as file:
            total += sum(1 for line in file if b"==" in line)
    return total


def run_pip(command: "list[str]", total: int) -> int:
    """Run pip with one line of progress; return its exit code. Its own lines are shown only where it fails."""
    pip = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert pip.stdout is not None  # noqa: S101  for the type checker: it is a pipe
    tail = []  # type: list[str]
    done = 0
    for raw in pip.stdout:
        line = raw.decode("utf-8", "replace").rstrip()
        tail = [*tail[-14:], line]
        if line.startswith(("Collecting ", "Requirement already satisfied: ")):
            done += 1
            progress("  %d/%d %s" % (min(done, total), total, line.split(": ")[-1].split()[-1].split("==")[0]))
        elif line.startswith("Installing collected"):
            progress("  %d/%d 正在安装 …" % (total, total))
    code = pip.wait()
    progress("")
    if code != 0:
        say("\n".join(tail))
    return code


def progress(text: str) -> None:
    """Rewrite the progress line, on a terminal only."""
    if sys.stderr.isatty():
        say("\r\033[K" + text, end="")


def say(text: str, end: str = "\n") -> None:
    """Print a line at once, in UTF-8 whatever the locale says."""
    data = (text + end).encode("utf-8")
    stream = getattr(sys.stderr, "buffer", None)
    if stream is None:
        sys.stderr.write(text + end)
    else:
        stream.write(data)
        stream.flush()


def main(arguments: "list[str]", environ: "dict[str, str]") -> int:
    """Prepare the environment for the command named first, then become the launcher."""
    development = arguments and arguments[0] in ("test", "check", "bench", "flows")
    names = ["requirements.txt", "requirements-dev.txt"] if development else ["requirements.txt"]
    venv = os.path.abspath(os.path.expanduser(environ.get("VENV") or os.path.join(REPO, ".venv")))
    try:
        make_venv(venv, environ)
        install(venv, names)
    except Refused as refusal:
        say("✗ %s" % refusal)
        return 1
    except KeyboardInterrupt:
        say("已中断；再次运行会接着做。")
        return 130
    os.chdir(REPO)
    clean = dict(environ)
    for name in ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__"):
        clean.pop(name, None)
    command = [venv_python(venv), "-m", "deploy.launcher", *arguments]
    os.execve(command[0], command, clean)  # noqa: S606  no shell is wanted


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], dict(os.environ)))
