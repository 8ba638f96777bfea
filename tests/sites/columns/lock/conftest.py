"""The scene of every deed: a site with the browser and the token of its administrator."""

import pytest

from tests.sites.columns.lock.deeds import Scene
from tests.support.people import api_token, make_user, sign_in


@pytest.fixture
def scene(alpha, client_for):
    user = make_user(alpha, "site_admin")
    return Scene(alpha, sign_in(client_for(alpha), user), api_token(alpha, user))
