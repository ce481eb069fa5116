"""What all tests share: a cache of parsed files of their own, so that none sees the user's."""

import pytest

from rosenblatt.data import cache


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "user_cache", lambda: folder)
        yield folder
