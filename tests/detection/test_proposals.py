"""Windows, branch and bound, segmentation, selective search, scenes and their files."""

from zipfile import ZipFile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.detection.graph_segmentation import segment, smooth
from rosenblatt.detection.precision import coverage
from rosenblatt.detection.reading import (
    read_pedestrians,
    read_photographs,
    read_png,
    read_scenes,
)
from rosenblatt.detection.scenes import CLASSES, boxes_of, make_scene
from rosenblatt.detection.selective_search import (
    LEAST_SIDE,
    hue_saturation_value,
    opponent,
    selective_search,
)
from rosenblatt.detection.windows import (
    branch_and_bound,
    exhaustive,
    sliding_windows,
)
from rosenblatt.errors import UserError
from tests.reference.vision import graph_segmentation as reference
from tests.reference.vision.boxes import best_box

RNG = np.random.default_rng


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 999))
@settings(max_examples=20, deadline=None)
def test_both_searches_find_the_best_box(height, width, seed):
    scores = RNG(seed).integers(-4, 4, (height, width)).astype(float)  # sums are exact
    expected = best_box(scores)
    for search in (exhaustive, branch_and_bound):
        found = search(scores)
        assert found.score == expected
        top, left, bottom, right = found.box
        assert scores[top:bottom, left:right].sum() == expected


def test_branch_and_bound_looks_at_few():
    scores = RNG(0).integers(-6, 3, (20, 24)).astype(float)
    scores[5:12, 8:20] = RNG(1).integers(-1, 5, (7, 12))
    every, few = exhaustive(scores), branch_and_bound(scores)
    assert few.score == every.score
    assert every.evaluations == 20 * 21 * 24 * 25 // 4
    assert few.evaluations * 10 < every.evaluations


def test_sliding_windows_are_all_that_fit():
    found = sliding_windows((5, 6), [(3, 2), (5, 6), (6, 1)], 2)
    assert found.tolist() == [
        [y, x, y + 3, x + 2] for y in (0, 2) for x in (0, 2, 4)
    ] + [[0, 0, 5, 6]]  # fmt: skip
    assert sliding_windows((5, 6), [], 1).shape == (0, 4)


@pytest.mark.parametrize("seed", range(4))
def test_segmentation_equals_its_twin(seed):
    image = smooth(RNG(seed).random((7, 8, 3)), 0.8)
    least, scale = (1, 0.3) if seed % 2 else (5, 0.1)
    labels = segment_smoothed(image, scale, least)
    found = {frozenset(map(tuple, np.argwhere(labels == r).tolist())) for r in np.unique(labels)}
    assert found == reference.segment(image, scale, least)
    assert labels[0, 0] == 0


def segment_smoothed(image, scale, least):
    """Return the segmentation without a further smoothing: a Gaussian of hardly any width."""
    return segment(image, scale, 0.01, least)


def test_two_halves_are_two_regions():
    image = np.zeros((10, 12, 3))
    image[:, 7:] = 0.8
    labels = segment(image, 0.5, 0.01)
    np.testing.assert_array_equal(labels, np.broadcast_to(np.arange(12) >= 7, (10, 12)))


def test_colour_spaces_by_hand():
    pixels = np.array([[[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0.5, 0.5, 0.5]]])
    expected = [[0, 1, 1], [1 / 3, 1, 1], [2 / 3, 1, 1], [1 / 6, 1, 1], [0, 0, 0.5]]
    np.testing.assert_allclose(hue_saturation_value(pixels)[0], expected, atol=1e-12)
    np.testing.assert_allclose(opponent(pixels)[0, 4], [0.5, 0.5, 0.5])
    np.testing.assert_allclose(opponent(pixels)[0, 2], [1 / 3, 0.5, 0])


def test_selective_search_covers_made_scenes():
    scenes = [make_scene(RNG(seed), 48) for seed in range(3)]
    windows = [selective_search(scene.image, RNG(0), 300) for scene in scenes]
    for found in windows:
        assert len(np.unique(found, axis=0)) == len(found) <= 300
        assert found.min() >= 0
        assert found.max() <= 48
    assert coverage(windows, [scene.boxes for scene in scenes])[0] > 0.7
    again = selective_search(scenes[0].image, RNG(0), 300)
    np.testing.assert_array_equal(again, windows[0])


def test_made_scenes_are_what_their_boxes_say():
    for seed in range(5):
        scene = make_scene(RNG(seed), 64)
        assert 1 <= len(scene.boxes) == len(scene.labels) <= 3
        assert scene.image.shape == (64, 64, 3)
        assert scene.image.dtype == np.float32
        assert 0 <= scene.image.min() <= scene.image.max() <= 1
        assert scene.instance.max() == len(scene.boxes)
        assert scene.labels.max() < len(CLASSES)
    instance = np.zeros((5, 6), int)
    instance[1:3, 2:5] = 2
    assert boxes_of(instance).tolist() == [[1, 2, 3, 5]]
    assert boxes_of(instance * 0).shape == (0, 4)


def write_png(path, pixels):
    from matplotlib.image import imsave

    imsave(path, pixels)


def test_png_and_boxes_are_read_back(tmp_path):
    pixels = RNG(0).integers(0, 256, (6, 8, 3)).astype(np.uint8)
    write_png(tmp_path / "a.png", pixels)
    np.testing.assert_allclose(read_png(tmp_path / "a.png"), pixels / 255, atol=1e-6)
    (tmp_path / "boxes.csv").write_text(
        "image, top,left,bottom,right,class\na.png ,0,1, 5,8, dog \na.png,1,1,2,2,cat\n"
    )
    for read in (read_scenes, read_photographs):
        (scene,), classes = read(tmp_path)
        assert scene.boxes.tolist() == [[0, 1, 5, 8], [1, 1, 2, 2]]
        assert [classes[label] for label in scene.labels] == ["dog", "cat"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("a.png,0,1,7,8,cat", "outside of the image of 6 x 8"),
        ("a.png,0,1,x,8,cat", "row 2: could not convert"),
        ("a.png,0,1,5,8, ", "row 2: the object has no class"),
        ("a.png,0,1,5,8", "row 2: 5 cells, 6 expected"),
        ("b.png,0,1,5,8,cat", "b.png: no such file"),
        ("c.png,0,1,5,8,cat", "c.png: not readable as a PNG"),
        ("d.png,0,1,5,5,cat", "d.png has 9 x 5 pixels; no window is smaller than 6 x 6"),
        ("", "no box at all"),
    ],
)
def test_what_a_folder_of_boxes_is_refused_for(tmp_path, rows, message):
    write_png(tmp_path / "a.png", np.zeros((6, 8, 3)))
    write_png(tmp_path / "d.png", np.zeros((9, 5, 3)))
    whole = (tmp_path / "a.png").read_bytes()
    (tmp_path / "c.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "boxes.csv").write_text(f"image,top,left,bottom,right,class\n{rows}\n")
    with pytest.raises(UserError, match=message):
        read_scenes(tmp_path)
    (tmp_path / "boxes.csv").write_text("picture,box\n")
    with pytest.raises(UserError, match="row 1: the columns must be image, top"):
        read_scenes(tmp_path)


def test_pedestrians_are_read_and_damage_is_told(tmp_path):
    file = tmp_path / "pedestrians.npz"
    image, instance = np.zeros((2, 8, 8, 3), np.uint8), np.zeros((2, 8, 8), np.uint8)
    instance[0, 2:5, 1:3] = 1
    instance[1, 0:6, 4:6] = 1
    arrays = {"image": image, "instance": instance, "size": np.array([[6, 8], [8, 7]])}
    np.savez(file, **arrays)
    scenes = read_pedestrians(file)
    assert [scene.image.shape for scene in scenes] == [(6, 8, 3), (8, 7, 3)]
    assert scenes[1].boxes.tolist() == [[0, 4, 6, 6]]
    np.savez(file, **(arrays | {"instance": instance * 0}))
    with pytest.raises(UserError, match="photograph 1 has no pedestrian"):
        read_pedestrians(file)
    np.savez(file, image=image, size=arrays["size"])
    with pytest.raises(UserError, match=r"not readable as pedestrians.*instance"):
        read_pedestrians(file)
    for damaged in (file.read_bytes()[:200], b"# No archive\n"):
        file.write_bytes(damaged)
        with pytest.raises(UserError, match="is not an npz of image, instance and size") as caught:
            read_pedestrians(file)
        assert "pickle" not in str(caught.value)


def photographs():
    """Return the arrays of two photographs of 6 x 8 pixels, with a pedestrian in each."""
    image, instance = np.zeros((2, 6, 8, 3), np.uint8), np.zeros((2, 6, 8), np.uint8)
    instance[:, 2:5, 1:3] = 1
    return {"image": image, "instance": instance, "size": np.array([[6, 8], [6, 8]])}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_pedestrians_of_any_damage_are_refused_or_read(tmp_path, save):
    """Some bytes of a file's structure tell nothing, so a damaged file may be a good one."""
    file, rng, refused = tmp_path / "p.npz", RNG(0), 0
    save(file, **photographs())
    whole = np.frombuffer(file.read_bytes(), np.uint8)
    for _ in range(400):
        damaged = whole.copy()
        damaged[rng.integers(0, len(whole), 3)] = rng.integers(0, 256, 3)
        file.write_bytes(damaged.tobytes())
        try:
            read_pedestrians(file)
        except UserError as error:
            refused += str(error).startswith(f"{file}: ")
    assert refused > 200


def test_members_that_are_no_arrays_are_refused(tmp_path):
    with ZipFile(tmp_path / "p.npz", "w") as archive:
        for name in ("image", "instance", "size"):
            archive.writestr(name, "text")
    with pytest.raises(UserError, match="do not fit each other"):
        read_pedestrians(tmp_path / "p.npz")


def test_numbers_of_pedestrians_may_have_gaps(tmp_path):
    arrays = photographs()
    arrays["instance"] = arrays["instance"].astype(np.uint32) * 4_000_000_000
    arrays["instance"][0, 0, 5:] = 7
    np.savez(tmp_path / "p.npz", **arrays)
    first, second = read_pedestrians(tmp_path / "p.npz")
    assert first.boxes.tolist() == [[0, 5, 1, 8], [2, 1, 5, 3]]
    assert np.unique(first.instance).tolist() == [0, 1, 2]
    assert np.unique(second.instance).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"instance": np.ones((2, 5, 8), np.uint8)}, "do not fit each other"),
        ({"image": np.zeros((2, 6, 8), np.uint8)}, "do not fit each other"),
        ({"image": np.zeros((2, 6, 8, 3))}, "image must be uint8 .* not float64"),
        ({"size": np.array([[6, 8], [7, 8]])}, "photograph 2 has 7 x 8 pixels, its array 6 x 8"),
        ({"size": np.array([[6, 8], [5, 8]])}, "photograph 2 has 5 x 8 pixels; no window is"),
    ],
)
def test_photographs_of_the_wrong_size_or_kind_are_refused(tmp_path, change, message):
    np.savez(tmp_path / "p.npz", **(photographs() | change))
    with pytest.raises(UserError, match=message):
        read_pedestrians(tmp_path / "p.npz")


def test_the_smallest_image_has_a_window():
    image = RNG(0).random((LEAST_SIDE, LEAST_SIDE, 3))
    assert selective_search(image, RNG(0)).tolist() == [[0, 0, LEAST_SIDE, LEAST_SIDE]]
    assert not len(selective_search(image[1:], RNG(0)))
