"""What all tests share: a cache of their own, so that none sees the user's; kernels stay there."""

import os

import pytest

from rosenblatt.cache import cache_folder

LONG = ("test_same_bits.py", "test_bits.py", "test_smoke.py")  # begun first: none is waited for

os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder() / "kernels"))  # compiling takes minutes


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        cache_folder.cache_clear()
        yield cache_folder()
    cache_folder.cache_clear()


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.path.name not in LONG)
