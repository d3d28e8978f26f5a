"""Loading: what comes out of a good file, and what a bad one is told."""

import json
import pickle
import zipfile
from itertools import product

import pytest
import torch
from safetensors.torch import save_file

from dragnuwa.models import checkpoint
from dragnuwa.models.adapter import MultiscaleFusion
from dragnuwa.models.checkpoint import UNET, CheckpointError
from tests.support.commands import run_python
from tests.support.exhaustive import some
from tests.support.weights import without

QUERY = f"{UNET}input_blocks.1.1.transformer_blocks.0.attn1.to_q"


@pytest.fixture(scope="module")
def loaded(golden_file) -> checkpoint.Checkpoint:
    return checkpoint.load(golden_file)


def test_lora_is_merged_in_float32_and_stored_as_the_file_stores_it(loaded, golden_weights):
    up, down = (golden_weights[f"{QUERY}.lora_{name}.weight"].float() for name in ("up", "down"))
    expected = golden_weights[f"{QUERY}.linear.weight"].float() + up @ down
    assert loaded.base[f"{QUERY}.weight"].dtype == torch.float16
    assert torch.equal(loaded.base[f"{QUERY}.weight"], expected.half())


def test_lora_can_be_kept_in_a_wider_dtype(golden_file, golden_weights):
    up, down = (golden_weights[f"{QUERY}.lora_{name}.weight"].float() for name in ("up", "down"))
    wide = checkpoint.load(golden_file, merged_dtype=torch.float32)
    assert torch.allclose(wide.base[f"{QUERY}.weight"], golden_weights[f"{QUERY}.linear.weight"].float() + up @ down)
    assert wide.base[f"{UNET}out.2.weight"].dtype == torch.float16  # no LoRA there: as the file has it


def test_base_has_plain_svd_keys(loaded, golden_weights):
    assert not [key for key in loaded.base if "lora" in key or ".linear." in key or "flow" in key]
    linears = [key for key in golden_weights if key.endswith(".linear.bias")]
    assert linears and all(key.replace(".linear.", ".") in loaded.base for key in linears)


def test_every_tensor_of_the_file_is_used_once(loaded, golden_weights):
    merged = sum(key.endswith("lora_up.weight") for key in golden_weights)
    assert len(loaded.base) + len(loaded.adapter) + 2 * merged == len(golden_weights)


def test_the_adapter_fits_its_module(loaded):
    module = MultiscaleFusion(loaded.config.fusion)
    module.load_state_dict(loaded.adapter)
    assert loaded.config.fusion.level_channels == (64, 64, 64, 64)
    assert loaded.config.num_head_channels == 64


FEW = [(".pth", True, False), (".ckpt", False, True)]


@pytest.mark.parametrize(
    ("suffix", "wrapped", "zipped"), some(FEW, list(product([".pth", ".ckpt"], [True, False], [True, False])))
)
def test_torch_files_give_the_same(suffix, wrapped, zipped, loaded, golden_weights, tmp_path):
    path = tmp_path / f"model{suffix}"
    content = {"state_dict": golden_weights, "epoch": 3} if wrapped else golden_weights
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    again = checkpoint.load(path)
    for part in ("base", "adapter"):
        want, found = getattr(loaded, part), getattr(again, part)
        assert want.keys() == found.keys() and all(torch.equal(want[key], found[key]) for key in want)


def test_a_file_without_lora_is_taken_too(loaded, tmp_path):
    path = tmp_path / "merged.safetensors"
    save_file(loaded.base | {UNET + key: value for key, value in loaded.adapter.items()}, path)
    again = checkpoint.load(path)
    assert again.base.keys() == loaded.base.keys()
    assert torch.equal(again.base[f"{QUERY}.weight"], loaded.base[f"{QUERY}.weight"])


def test_the_released_name_of_the_blur_is_ignored(golden_weights, tmp_path):
    path = tmp_path / "with_blur.safetensors"
    save_file(golden_weights | {"guassian_filter.weight": torch.ones(1)}, path)
    assert "guassian_filter.weight" not in checkpoint.load(path).base


def test_loading_holds_one_tensor_beside_the_model(tmp_path):
    """In a process of its own, whose peak is measured: 10 linear layers of 8 MB each."""
    weights = {f"{UNET}flow_blocks.0.0.weight": torch.zeros(1)}
    for i in range(10):
        weights[f"{UNET}middle_block.{i}.linear.weight"] = torch.zeros(2048, 1024, dtype=torch.float32)
        weights[f"{UNET}middle_block.{i}.lora_down.weight"] = torch.zeros(4, 1024)
        weights[f"{UNET}middle_block.{i}.lora_up.weight"] = torch.zeros(2048, 4)
    path = tmp_path / "large.safetensors"
    save_file(weights, path)
    code = (
        "import resource, sys, torch; from dragnuwa.models import checkpoint\n"
        "from dragnuwa.models.weights import CheckpointError\n"
        "torch.addmm(torch.zeros(64, 64), torch.zeros(64, 8), torch.zeros(8, 64))\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: checkpoint.load(sys.argv[1])\n"
        "except CheckpointError as error: assert 'pyramid' in str(error)\n"
        "else: raise SystemExit('the adapter is incomplete and was taken')\n"
        "after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print((after - before) / 1024)\n"
    )
    run = run_python("-c", code, path, check=True)
    model = 10 * 8
    # The file is mapped, so its pages may count once beside the merged copies, never twice.
    assert float(run.stdout) < 2 * model + 2 * 8, f"{run.stdout} MB for a model of {model} MB"


class Bomb:
    """A pickle that would write a file when it is loaded."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_no_pickle_is_executed(golden_weights, tmp_path):
    canary = tmp_path / "canary"
    torch.save(golden_weights | {"x": Bomb(canary)}, tmp_path / "bomb.pth")
    (tmp_path / "bomb.ckpt").write_bytes(pickle.dumps(Bomb(canary)))
    for name in ("bomb.pth", "bomb.ckpt"):
        with pytest.raises(CheckpointError, match=r"Python objects other than tensors.*safetensors"):
            checkpoint.load(tmp_path / name)
    assert not canary.exists()


BAD_WEIGHTS = {
    "plain SVD": (
        lambda w: without(w, "flow_", "lora_"),
        ["is plain Stable Video Diffusion", "flow_blocks", "drag_nuwa_svd.pth", "Image Only Checkpoint Loader"],
    ),
    "another model": (lambda w: without(w, "flow_", "time_stack"), ["another model", "drag_nuwa_svd.pth"]),
    "a LoRA file": (
        lambda w: {key.removeprefix(UNET): value for key, value in w.items() if ".lora_" in key},
        ["is a LoRA file", "no model of its own"],
    ),
    "no model at all": (lambda w: {"encoder.weight": torch.zeros(2)}, ["no diffusion model", "encoder.weight"]),
    "stray keys": (lambda w: w | {"optimizer.step": torch.zeros(1)}, ["1 keys that no part", "optimizer.step"]),
    "half a LoRA": (lambda w: without(w, f"{QUERY}.lora_up"), ["LoRA", f"{QUERY}.lora_up.weight"]),
    "no linear under LoRA": (lambda w: without(w, f"{QUERY}.linear.weight"), [f"{QUERY}.linear.weight"]),
    "a level without its end": (
        lambda w: without(w, "flow_blocks.2.4.op.weight"),
        ["incomplete", "flow_blocks.2.4.op.weight"],
    ),
    "a head missing": (lambda w: without(w, "output_blocks.9.0.flow_cond_norm"), ["4 input and 3 output"]),
    "an adapter key missing": (
        lambda w: without(w, "input_blocks.4.0.flow_gamma_spatial.bias"),
        ["input_blocks.4.0.flow_gamma_spatial.bias", "found None"],
    ),
    "half a LoRA's shape": (
        lambda w: w | {f"{QUERY}.lora_up.weight": torch.zeros(3, 5)},
        [f"{QUERY}'s linear weight, lora_up and lora_down do not fit together", "[3, 5]"],
    ),
    "a LoRA whose sum overflows": (
        lambda w: w | {key: torch.full_like(w[key], 300) for key in w if key.startswith(f"{QUERY}.lora_")},
        [f"{QUERY}.weight (LoRA merged)", "not finite"],
    ),
    "NaN": (lambda w: w | {f"{UNET}out.2.bias": torch.full((4,), float("nan")).half()}, ["out.2.bias", "not finite"]),
    "whole numbers": (lambda w: w | {f"{UNET}out.2.bias": torch.ones(4, dtype=torch.int8)}, ["out.2.bias", "int8"]),
    "complex numbers": (lambda w: w | {f"{UNET}out.2.bias": torch.ones(4, dtype=torch.complex64)}, ["complex64"]),
    "a flat pyramid": (
        lambda w: w | {f"{UNET}flow_blocks.0.0.weight": torch.tensor(1.0)},
        ["incomplete"],
    ),
    "a pyramid of odd width": (
        lambda w: w | {f"{UNET}flow_blocks.1.4.op.weight": torch.zeros(63, 63, 3, 3)},
        ["incomplete", "num_channels"],
    ),
    "an adapter shape wrong": (
        lambda w: w | {f"{UNET}flow_blocks.1.2.weight": torch.zeros(64, 32, 3, 3)},
        ["flow_blocks.1.2.weight", "expected (64, 64, 3, 3), found (64, 32, 3, 3)"],
    ),
}


@pytest.mark.parametrize("case", BAD_WEIGHTS)
def test_what_a_wrong_file_is_told(case, golden_weights, tmp_path):
    change, words = BAD_WEIGHTS[case]
    path = tmp_path / "chosen.safetensors"
    save_file(change(golden_weights), path)
    with pytest.raises(CheckpointError) as error:
        checkpoint.load(path)
    assert all(word in str(error.value) for word in ["chosen.safetensors", *words]), str(error.value)


BAD_BYTES = {
    "eight bytes": (b"\x10\0\0\0\0\0\0\0", "damaged or cut short"),
    "a header that is no JSON": (b"\x08\0\0\0\0\0\0\0{{{{{{{{", "damaged or cut short"),
    "a web page": (b"<!DOCTYPE html><html><body>Sign in</body></html>", "a web page"),
    "a web page after spaces": (b"\n\n  <html>", "a web page"),
    "a Git LFS pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00", "Git LFS pointer"),
    "an empty file": (b"", "is empty"),
    "a JSON text": (b'{"error": "not found"}', "JSON"),
    "noise": (bytes(range(1, 250)), "damaged or cut short"),
}


@pytest.mark.parametrize("case", BAD_BYTES)
def test_what_is_not_weights_at_all_is_told(case, tmp_path):
    content, words = BAD_BYTES[case]
    path = tmp_path / "drag_nuwa_svd.pth"
    path.write_bytes(content)
    with pytest.raises(CheckpointError) as error:
        checkpoint.load(path)
    assert words in str(error.value) and "drag_nuwa_svd.pth" in str(error.value)


BAD_PICKLES = {
    "a dictionary of numbers": ({1: torch.zeros(2)}, "keys that are no plain text"),
    "half a character": ({"\ud800": torch.zeros(2)}, "keys that are no plain text"),
    "a number": ({"a": 1}, "keys that hold no tensor: a"),
}


@pytest.mark.parametrize("case", BAD_PICKLES)
def test_what_a_torch_file_of_other_things_is_told(case, tmp_path):
    value, words = BAD_PICKLES[case]
    torch.save(value, tmp_path / "odd.pth")
    with pytest.raises(CheckpointError, match=words):
        checkpoint.load(tmp_path / "odd.pth")


def test_weights_wrapped_in_themselves_are_no_loop(tmp_path):
    wrapped = {}
    wrapped["state_dict"] = wrapped
    torch.save(wrapped, tmp_path / "loop.pth")
    with pytest.raises(CheckpointError, match="hold no tensor: state_dict"):
        checkpoint.load(tmp_path / "loop.pth")


MARKS = b"\x80\x02" + b"(" * 2_000_000 + b"."


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_that_would_keep_torch_busy_is_refused(zipped, tmp_path):
    """200 MB of it took more than a minute; what is counted does not depend on its length."""
    path = tmp_path / "marks.pth"
    if zipped:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("archive/data.pkl", MARKS)
            archive.writestr("archive/version", "3")
    else:
        path.write_bytes(MARKS)
    with pytest.raises(CheckpointError, match="far more Python objects than a checkpoint needs"):
        checkpoint.load(path)


def test_a_pickle_that_unpacks_to_a_large_one_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "large.pth", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02" + b"0" * (2**26 + 1))
    with pytest.raises(CheckpointError, match="far more Python objects"):
        checkpoint.load(tmp_path / "large.pth")


@pytest.mark.parametrize("share", [0.0001, 0.3, 0.999])
@pytest.mark.parametrize("kind", ["safetensors", "zip", "legacy"])
def test_a_file_that_was_cut_short_is_told(kind, share, golden_file, golden_weights, tmp_path):
    path = tmp_path / "part.pth"
    if kind == "safetensors":
        path.write_bytes(golden_file.read_bytes())
    else:
        torch.save(golden_weights, path, _use_new_zipfile_serialization=kind == "zip")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(CheckpointError, match=r"damaged or cut short.*Get the file again"):
        checkpoint.load(path)


SAID = {
    "repeated": lambda: torch.zeros(1).expand(1 << 40),
    "strided": lambda: torch.zeros(1).as_strided((1 << 30, 1 << 25), (0, 0)),
    "sparse": lambda: torch.sparse_coo_tensor(torch.zeros(1, 1, dtype=torch.long), torch.zeros(1), (1 << 40,)),
    "sparse rows": lambda: torch.eye(3).to_sparse_csr(),
    "without numbers": lambda: torch.zeros(1 << 40, device="meta"),
}


@pytest.mark.filterwarnings("ignore")  # of torch, about kinds of tensors that are in beta state
@pytest.mark.parametrize("kind", SAID)
def test_a_tensor_of_more_numbers_than_the_file_has_is_refused_before_they_are_looked_at(kind, tmp_path):
    path = tmp_path / "bomb.pth"
    torch.save({f"{UNET}input_blocks.0.0.weight": SAID[kind]()}, path)
    with pytest.raises(CheckpointError, match="for which the file does not hold the numbers"):
        checkpoint.load(path)
    with pytest.raises(CheckpointError, match="for which the file does not hold the numbers"):
        checkpoint.load_adapter(path)


def test_many_tensors_of_the_same_numbers_are_refused(tmp_path):
    numbers = torch.zeros(1 << 16)
    torch.save({f"{UNET}input_blocks.{n}.0.weight": numbers.view(-1) for n in range(2000)}, tmp_path / "bomb.pth")
    with pytest.raises(CheckpointError, match="for which the file does not hold the numbers"):
        checkpoint.load(tmp_path / "bomb.pth")


def test_noise_that_is_named_as_safetensors_is_told(tmp_path):
    """torch gives it to safetensors, whose error is none of torch's."""
    (tmp_path / "noise.safetensors").write_bytes(b"\x07" * 500)
    with pytest.raises(CheckpointError, match="is damaged or cut short"):
        checkpoint.load(tmp_path / "noise.safetensors")


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(CheckpointError, match="no file"):
        checkpoint.load(tmp_path / "nothing.pth")


def test_a_list_is_told(tmp_path):
    torch.save([torch.zeros(2)], tmp_path / "list.pth")
    with pytest.raises(CheckpointError, match="holds a list"):
        checkpoint.load(tmp_path / "list.pth")


@pytest.mark.parametrize(
    "config", ["[]", "{", "[" * 100_000, '{"num_head_channels": "many"}', '{"num_head_channels": 0}']
)
def test_bad_metadata_is_told(config, golden_weights, tmp_path):
    save_file(golden_weights, tmp_path / "x.safetensors", metadata={"config": config})
    with pytest.raises(CheckpointError, match=r"metadata"):
        checkpoint.load(tmp_path / "x.safetensors")


def test_metadata_tells_the_channels_per_head(golden_weights, tmp_path):
    config = json.dumps({"num_head_channels": 32})
    save_file(golden_weights, tmp_path / "x.safetensors", metadata={"config": config})
    assert checkpoint.load(tmp_path / "x.safetensors").config.num_head_channels == 32
