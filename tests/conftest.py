"""What all tests share: a cache of their own, so that none sees the user's; kernels stay there."""

import os

import pytest

from rosenblatt.cache import cache_folder

os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder() / "kernels"))  # compiling takes minutes


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        cache_folder.cache_clear()
        yield cache_folder()
    cache_folder.cache_clear()
