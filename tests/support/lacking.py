"""What a machine lacks: its tests are skipped with a word about it, and fail where CI=true says that nothing may be lacking."""

import os
from typing import NoReturn

import pytest

from deploy.launcher.options import is_yes


def refuse_or_skip(what: str) -> NoReturn:
    """Fail in CI, skip elsewhere."""
    if is_yes(os.environ.get("CI", "")):
        pytest.fail(f"{what}；CI=true 时不可缺少", pytrace=False)
    pytest.skip(f"★ {what}")
