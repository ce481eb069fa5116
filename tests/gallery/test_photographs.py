"""Photographs of one's own: what vision's systems take, and what each refuses before it begins."""

from contextlib import nullcontext

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imsave

from rosenblatt.cli import main
from rosenblatt.detection import detector
from rosenblatt.detection.scenes import CLASSES, make_scene
from rosenblatt.errors import UserError
from rosenblatt.gallery import detection, runner, segmentation, windows
from rosenblatt.gallery.runner import Settings

SCENES = [make_scene(np.random.default_rng(seed), 32) for seed in range(5)]


def photographs(path, count, side=32):
    """Write so many scenes, padded to squares of `side` pixels that are said to be seen."""
    image, instance = np.zeros((count, side, side, 3), np.uint8), np.zeros((count, side, side))
    for n, scene in enumerate(SCENES[:count]):
        image[n, :32, :32], instance[n, :32, :32] = 255 * scene.image, scene.instance
    size = np.full((count, 2), side)
    np.savez(path, image=image, instance=instance.astype(np.uint8), size=size)
    return path


def folder(path):
    """Write the scenes as PNGs with their boxes.csv."""
    rows = ["image,top,left,bottom,right,class"]
    for n, scene in enumerate(SCENES):
        imsave(path / f"{n}.png", scene.image)
        for box, label in zip(scene.boxes, scene.labels, strict=True):
            rows.append(",".join(map(str, [f"{n}.png", *box, CLASSES[label]])))
    (path / "boxes.csv").write_text("\n".join(rows))
    return path


@pytest.mark.parametrize("system", ["detection", "segmentation"])
@pytest.mark.parametrize("quick", [True, False])
def test_too_few_photographs_are_refused_at_once(tmp_path, capsys, system, quick):
    data = photographs(tmp_path / "few.npz", 1 if quick else 4)
    command = ["gallery", system, "--data", str(data), "--out", str(tmp_path)]
    assert main([*command, *["--quick"] * quick]) == 2
    assert f"few.npz: the photographs, {1 if quick else 4}, are too few" in capsys.readouterr().err


def test_the_fewest_photographs_leave_no_fold_empty(tmp_path):
    for count, quick in ((2, True), (5, False)):
        data = photographs(tmp_path / "p.npz", count)
        plan = detection.plan(Settings("detection", tmp_path, data, quick))
        parts = [runner.split(plan.scenes, fold) for fold in range(plan.folds)]
        assert all(known and asked for known, asked in parts)
        with pytest.raises(UserError, match=f"at least {count}"):
            runner.check_count(Settings("detection", tmp_path, data), count - 1, plan.folds)


def test_a_photograph_that_has_no_room_is_named(tmp_path):
    data = photographs(tmp_path / "p.npz", 5, 193)
    with np.load(data) as archive:
        arrays = dict(archive)
    arrays["size"][:3] = 192
    np.savez(data, **arrays)
    with pytest.raises(UserError, match=r"p\.npz: photograph 4 has 193 x 193 .* 192 x 192 at most"):
        segmentation.plan(Settings("segmentation", tmp_path, data))


def test_windows_and_detection_take_a_folder_of_any_classes(tmp_path):
    data = folder(tmp_path)
    (data / "boxes.csv").write_text((data / "boxes.csv").read_text().replace("disc", "a wheel"))
    found = windows.scenes(Settings("windows", tmp_path, data))
    plan = detection.plan(Settings("detection", tmp_path, data))
    assert plan.classes == ("a wheel", "square", "triangle")
    for scenes in (found, plan.scenes):
        for scene, known in zip(scenes, SCENES, strict=True):
            np.testing.assert_array_equal(scene.boxes, known.boxes)
            np.testing.assert_array_equal(scene.labels, known.labels)
            np.testing.assert_allclose(scene.image, known.image, atol=1 / 255)


def test_what_is_found_is_called_by_its_class(tmp_path, monkeypatch):
    drawing = Figure()
    monkeypatch.setattr(detection, "figure", lambda *sizes: nullcontext(drawing))
    examples = [detector.example(scene, 10, 0) for scene in SCENES[:2]]
    found = np.array([[1, 2, 0.75, 3, 4, 9, 9]])  # scene, class, probability, box
    settings = Settings("detection", tmp_path)
    detection.draw(examples, found, ("cat", "cow", "dog"), settings)
    first, second = drawing.axes
    assert [text.get_text() for text in second.texts] == ["dog 0.75"]
    assert not first.texts


def test_segmentation_needs_pixels(tmp_path):
    with pytest.raises(
        UserError, match="is a folder, whose boxes do not tell the class of a pixel"
    ):
        segmentation.plan(Settings("segmentation", tmp_path, folder(tmp_path)))


def test_a_fold_is_of_its_folder(tmp_path):
    data = folder(tmp_path)
    before = runner.digest(data)
    assert runner.digest(data) == before
    image = (data / "0.png").read_bytes()
    (data / "0.png").write_bytes((data / "1.png").read_bytes())
    assert runner.digest(data) != before
    (data / "0.png").write_bytes(image)
    assert runner.digest(data) == before
    (data / "0.png").rename(data / "9.png")
    assert runner.digest(data) != before


SMALL = detector.Design(
    side=8, context=1, levels=(1,), filters=(4, 4), hidden=6, images=2, windows=6,
    sides=(16, 24, 32, 40, 48), seen=12, pretraining=2, steps=3, measured=2,
)  # fmt: skip


def test_a_class_counts_of_which_nothing_was_learned():
    known, asked = (
        detector.example(scene._replace(labels=np.full_like(scene.labels, label)), 10, 0)
        for label, scene in enumerate(SCENES[:2])
    )
    result = detection.learn([known], [asked], True, SMALL)
    assert 0 <= result.facts["softmax, one scale"] <= 1  # no mean of no class at all
