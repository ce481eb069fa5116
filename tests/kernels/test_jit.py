import numba

from rosenblatt.files import user_cache
from rosenblatt.kernels import jit


def test_a_slow_threading_layer_is_told_of(monkeypatch):
    monkeypatch.setattr(numba.config, "THREADING_LAYER_PRIORITY", [])
    notice = jit.choose_layer(("absent", "missing"))
    assert notice is not None
    assert "threads start slowly" in notice
    assert numba.config.THREADING_LAYER_PRIORITY == ["absent", "missing", "workqueue"]


def test_kernels_are_kept_by_the_source_of_all_they_build_on():
    assert jit._foundations("gemm") >= {"gemm", "tile", "vectors", "jit", "memory"}
    assert "gemm" not in jit._foundations("tile")
    names = {jit.cache_folder(module).name for module in ("gemm", "tile", "pooling")}
    assert len(names) == 3


def test_a_cache_that_cannot_be_written_is_replaced_with_one_line_of_notice(
    tmp_path, monkeypatch, capsys
):
    home = tmp_path / "home"
    home.write_text("a file, not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    user_cache.cache_clear()
    try:
        folder = user_cache()
        assert user_cache() == folder
    finally:
        user_cache.cache_clear()
    assert folder.is_dir()
    assert folder.parent == tmp_path
    notice = capsys.readouterr().err.splitlines()
    assert len(notice) == 1
    assert "cannot be written" in notice[0]
