"""Networks in use: summary, prediction, and files, whole or refused."""

import io
import json
import zipfile

import numpy as np
import pytest

from rosenblatt.data.archive import write_archive
from rosenblatt.errors import UserError
from rosenblatt.layers import (
    BatchNormalisation,
    Concat,
    Convolution,
    Dense,
    Flatten,
    GlobalAverage,
    MaxPooling,
    ReLU,
    Residual,
)
from rosenblatt.train import Network, Plan
from rosenblatt.train.summary import rows


def lenet():
    """LeNet-5 (LeCun et al. 1998) in today's form."""
    layers = [
        Convolution(6, 5, activation="relu"),
        MaxPooling(2),
        Convolution(16, 5, activation="relu"),
        MaxPooling(2),
        Flatten(),
        Dense(120, "relu"),
        Dense(84, "relu"),
        Dense(10),
    ]
    return Network(layers, (32, 32, 1))


def graph(classes=("a", "b")):
    layers = [
        Convolution(3, 3, padding="same"),
        BatchNormalisation(),
        ReLU(),
        Residual([Convolution(3, 3, padding="same")]),
        Concat([[Convolution(2, 1)], [MaxPooling(3, 1), Convolution(2, 1)]][:1]),
        GlobalAverage(),
        Dense(2),
    ]
    return Network(layers, (5, 5, 1), classes)


def test_summary_of_lenet_counts_as_by_hand():
    table = rows(lenet())
    assert [row.output for row in table[:5]] == [
        (28, 28, 6),
        (14, 14, 6),
        (10, 10, 16),
        (5, 5, 16),
        (400,),
    ]
    assert [row.parameters for row in table] == [
        6 * (25 + 1), 0, 16 * (6 * 25 + 1), 0, 0, 401 * 120, 121 * 84, 85 * 10,
    ]  # fmt: skip
    assert [row.multiply_adds for row in table] == [
        28 * 28 * 6 * 25, 0, 10 * 10 * 16 * 150, 0, 0, 400 * 120, 120 * 84, 84 * 10,
    ]  # fmt: skip
    assert [row.field for row in table[:5]] == [(5, 1), (6, 2), (14, 2), (16, 4), (16, 4)]
    assert table[5].field is None
    text = lenet().summary()
    assert "61,706" in text
    assert "16 every 4" in text


def test_the_field_is_what_an_output_depends_on():
    network = Network([Convolution(2, 3, 2), MaxPooling(2, 1), Convolution(1, 2)], (15, 15, 1))
    size, step = rows(network)[-1].field
    x = np.random.default_rng(0).random((1, 15, 15, 1)).astype(np.float32)
    base = network.outputs(x)[0, :, :, 0]
    moved = np.zeros((15, 15), bool)
    for y, p in np.ndindex(15, 15):
        for change in (-9.0, 9.0):
            other = x.copy()
            other[0, y, p, 0] += change
            moved[y, p] |= network.outputs(other)[0, 1, 2, 0] != base[1, 2]
    ys, ps = np.nonzero(moved)
    assert (ys.min(), ys.max()) == (step, step + size - 1)
    assert (ps.min(), ps.max()) == (2 * step, 2 * step + size - 1)


def test_a_shared_layer_is_counted_once_and_memory_is_told():
    dense = Dense(4)
    network = Network([dense, ReLU(), dense], (4,))
    assert [row.parameters for row in rows(network)] == [20, 0, 0]
    network.outputs(np.zeros((3, 4), np.float32))
    assert network.arena.bytes == 2 * (3 * 4 * 4)  # what a layer reads, and what it writes


def test_predictions_do_not_depend_on_the_batch():
    x = np.random.default_rng(0).random((600, 5, 5, 1)).astype(np.float32)
    network = graph()
    probabilities = network.predict_proba(x)
    one_by_one = np.concatenate([network.predict_proba(x[i : i + 1]) for i in (0, 300, 599)])
    np.testing.assert_array_equal(probabilities[[0, 300, 599]], one_by_one)
    labels = network.predict(x)
    assert set(labels) <= {"a", "b"}
    assert network.score(x, labels) == 1


def test_inputs_of_other_types_and_layouts_are_taken():
    x = np.random.default_rng(0).integers(0, 9, (4, 5, 5, 1))
    network = graph()
    np.testing.assert_array_equal(network.outputs(x), network.outputs(x.astype(np.float32)))
    turned = np.asfortranarray(x)
    np.testing.assert_array_equal(network.outputs(turned), network.outputs(x))


def test_no_rows_give_no_predictions():
    assert graph().predict_proba(np.zeros((0, 5, 5, 1))).shape == (0, 2)


def test_what_does_not_fit_is_refused():
    with pytest.raises(UserError, match=r"shape \(5, 5, 1\), not \(5, 4, 1\)"):
        graph().predict(np.zeros((2, 5, 4, 1)))
    with pytest.raises(UserError, match="label 'c' is not one of"):
        graph().fit(np.zeros((1, 5, 5, 1)), ["c"])
    with pytest.raises(ValueError, match="2 outputs for 3 classes"):
        graph(classes=("a", "b", "c"))


@pytest.fixture
def saved(tmp_path):
    network = graph()
    x = np.random.default_rng(0).random((8, 5, 5, 1)).astype(np.float32)
    network.fit(x, ["a", "b"] * 4, Plan(epochs=2, batch_size=4))
    path = tmp_path / "network.npz"
    network.save(path)
    return network, x, path


def test_a_saved_network_is_the_same_again(saved):
    network, x, path = saved
    again = Network.load(path)
    np.testing.assert_array_equal(again.predict_proba(x), network.predict_proba(x))
    assert (again.classes, again.seed) == (["a", "b"], 0)
    assert again.describe() == network.describe()
    again.save(path.with_name("again.npz"))
    assert path.with_name("again.npz").read_bytes() == path.read_bytes()
    with np.load(path, allow_pickle=False) as archive:  # numpy reads the arrays too
        np.testing.assert_array_equal(archive["layers.6.bias"], network.layers.layers[6].bias.value)


def test_a_missing_file_and_another_kind_of_file(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        Network.load(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("Id,Prediction")
    with pytest.raises(UserError, match="not a file of this program, or is damaged"):
        Network.load(tmp_path / "text.npz")
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(UserError, match="not a file of this program"):
        Network.load(tmp_path / "other.npz")
    write_archive(tmp_path / "other.npz", {"key": "of a training"}, {"a": np.zeros(3)})
    with pytest.raises(UserError, match="not a network"):
        Network.load(tmp_path / "other.npz")


def test_any_damaged_byte_or_lost_end_is_noticed(saved):
    network, x, path = saved
    content = path.read_bytes()
    expected = network.predict_proba(x)
    rng = np.random.default_rng(0)
    refused = 0
    for place in rng.integers(0, len(content), 60):
        damaged = bytearray(content)
        damaged[place] ^= 0x55
        path.write_bytes(damaged)
        try:
            again = Network.load(path)
        except UserError:
            refused += 1
        else:  # a byte of the zip's dates, flags or names in duplicate may not matter
            np.testing.assert_array_equal(again.predict_proba(x), expected)
    assert refused > 30
    for length in (0, 10, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(UserError):
            Network.load(path)


def rewritten(path, change, compression=zipfile.ZIP_STORED):
    """Write the file again, its entries passed through `change`, a function of a dictionary."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    change(entries)
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)


def description_with(**settings):
    def change(entries):
        description = json.loads(entries["description.json"])
        description["module"] |= settings
        entries["description.json"] = json.dumps(description).encode()

    return change


def array_bytes(array):
    content = io.BytesIO()
    np.save(content, array, allow_pickle=True)
    return content.getvalue()


HOSTILE = {
    "unknown layer": description_with(layers=[{"type": "os.system"}]),
    "no network": description_with(type="Dense", units=3),
    "huge": description_with(layers=[{"type": "Dense", "units": 10**15}]),
    "large": description_with(layers=[{"type": "Flatten"}, {"type": "Dense", "units": 10**9}]),
    "alien setting": description_with(arena=3),
    "text for a number": description_with(input_shape="many"),
    "deep": lambda entries: entries.update({"description.json": b"[" * 10**5}),
    "format": lambda entries: entries.update({"description.json": b'{"format": 2, "module": {}}'}),
    "no description": lambda entries: entries.pop("description.json"),
    "lost array": lambda entries: entries.pop("layers.6.bias.npy"),
    "extra array": lambda entries: entries.update({"more.npy": array_bytes(np.zeros(1))}),
    "shape": lambda entries: entries.update(
        {"layers.6.bias.npy": array_bytes(np.zeros(3, np.float32))}
    ),
    "pickle": lambda entries: entries.update(
        {"layers.6.bias.npy": array_bytes(np.array([print, print]))}
    ),
    "swollen": lambda entries: entries.update({"layers.6.bias.npy": bytes(10**6)}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused(saved, name):
    path = saved[2]
    rewritten(path, HOSTILE[name])
    with pytest.raises(UserError, match=r"damaged|not a network|unknown layer"):
        Network.load(path)


def test_compressed_entries_are_refused(saved):
    rewritten(saved[2], lambda entries: None, zipfile.ZIP_DEFLATED)
    with pytest.raises(UserError, match="compressed"):
        Network.load(saved[2])


def test_a_file_that_cannot_be_written_leaves_the_earlier_one(saved, tmp_path):
    network, _, path = saved
    before = path.read_bytes()
    with pytest.raises(UserError, match="cannot be written"):
        network.save(path / "below.npz")
    assert path.read_bytes() == before


def test_fewer_rows_are_predicted_at_a_time_where_maps_are_large():
    layers = [Residual([Convolution(33, 3, padding="same"), Convolution(2, 1)]), GlobalAverage()]
    network = Network([*layers, Dense(2)], (32, 32, 2))
    x = np.random.default_rng(0).random((70, 32, 32, 2), np.float32)
    assert network._rows_at_a_time(70) == 64
    assert lenet()._rows_at_a_time(300) == 256
    np.testing.assert_array_equal(network.outputs(x)[64:], network.outputs(x[64:]))
    assert [row.output for row in rows(network)][1] == (32, 32, 2)
