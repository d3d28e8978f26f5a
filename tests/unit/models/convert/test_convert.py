"""`python -m dragnuwa.convert`: what it writes, what it proves, and what it refuses."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from dragnuwa.common.errors import InputError
from dragnuwa.models import checkpoint
from dragnuwa.models.checkpoint import UNET, CheckpointError
from dragnuwa.models.convert import convert
from dragnuwa.models.convert.split import main
from tests.support.commands import run_python
from tests.support.toy_svd import vision_weights
from tests.support.weights import plain_svd, saved, without

ROOT = Path(__file__).parents[4]
LAYER = "input_blocks.1.1.transformer_blocks.0.attn1.to_q"
VAE = "first_stage_model.decoder.conv_in.weight"
CLASS = "conditioner.embedders.0.open_clip.model.visual.class_embedding"
SECOND_ENCODER = "conditioner.embedders.3.encoder.encoder.conv_in.weight"  # in SVD's own files, and not used


@pytest.fixture(scope="module")
def released(golden_weights) -> dict[str, torch.Tensor]:
    """A DragNUWA checkpoint with the parts of a released one. Not to be changed in place."""
    torch.manual_seed(5)
    rest = {VAE: torch.randn(8, 4, 3, 3), **vision_weights(), "guassian_filter.weight": torch.ones(2, 1, 9, 9)}
    return golden_weights | {key: value.half() for key, value in rest.items()}


@pytest.fixture(scope="module")
def svd(released) -> dict[str, torch.Tensor]:
    """The plain SVD inside of it."""
    return plain_svd(released) | {SECOND_ENCODER: torch.ones(2)}


@pytest.fixture(scope="module")
def originals(released, svd, tmp_path_factory) -> tuple[Path, Path]:
    """Both as files."""
    folder = tmp_path_factory.mktemp("originals")
    return saved(released, folder / "drag_nuwa.safetensors"), saved(svd, folder / "svd.safetensors")


@pytest.fixture
def files(originals, tmp_path) -> tuple[Path, Path]:
    """Copies of them, one test's own."""
    return tuple(Path(shutil.copy(path, tmp_path)) for path in originals)


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_adapter_and_lora_are_those_of_the_file(suffix, released, files, tmp_path):
    source = saved(released, tmp_path / f"chosen{suffix}")
    done = convert(source, files[1], tmp_path / "new" / "out")
    assert sorted(path.name for path in (tmp_path / "new/out").iterdir()) == [done.adapter.name, done.lora.name]
    assert done.proof.exact == len(load_file(files[1])) - 1 and done.proof.rounded == 0 and done.proof.lacking == ()
    adapter, lora = load_file(done.adapter), load_file(done.lora)
    expected = {key.removeprefix(UNET): value for key, value in released.items() if "flow_" in key}
    assert adapter.keys() == expected.keys() and all(torch.equal(adapter[key], expected[key]) for key in adapter)
    factors = {f"diffusion_model.{key.removeprefix(UNET)}": value for key, value in released.items() if ".lora_" in key}
    alphas = {key: lora.pop(key) for key in list(lora) if key.endswith(".alpha")}
    assert lora.keys() == factors.keys() and all(torch.equal(lora[key], factors[key]) for key in lora)
    ranks = {key.replace("lora_down.weight", "alpha"): len(w) for key, w in factors.items() if "lora_down" in key}
    assert {key: value.item() for key, value in alphas.items()} == ranks  # so that alpha / rank is 1


def test_the_adapter_is_loaded_and_knows_how_it_was_trained(files, tmp_path):
    done = convert(*files, tmp_path / "out")
    adapter, whole = checkpoint.load_adapter(done.adapter), checkpoint.load(files[0])
    assert adapter.config.fusion == whole.config.fusion and adapter.config.num_head_channels == 64
    assert all(torch.equal(adapter.weights[key], value) for key, value in whole.adapter.items())
    assert [adapter.config.metadata[key] for key in ("kernel_size", "sigma", "frames")] == [199, 20.0, 14]


def test_what_a_trained_file_tells_of_itself_is_kept(released, files, tmp_path):
    told = {"num_head_channels": 32, "kernel_size": 79, "sigma": 8.0, "frames": 8, "steps": 3}
    source = saved(released, tmp_path / "trained.safetensors", {"config": json.dumps(told)})
    with safe_open(convert(source, files[1], tmp_path / "out").adapter, "pt") as file:
        assert json.loads(file.metadata()["config"]) == told


@pytest.mark.parametrize("wide", ["svd", "released"])
def test_a_file_in_float32_is_compared_in_float16(wide, released, svd, tmp_path):
    """The wider file has digits that float16 does not have."""
    both = {"svd": svd, "released": released}
    both[wide] = {
        key: value.float() * (1 + 1e-5) if "lora_" not in key else value.float() for key, value in both[wide].items()
    }
    paths = [saved(weights, tmp_path / f"{name}.safetensors") for name, weights in both.items()]
    done = convert(paths[1], paths[0], tmp_path / "out")
    assert (done.proof.exact, done.proof.rounded) == (0, len(svd) - 1)


def changed(weights: dict, key: str, by: float) -> dict:
    """The last number of one tensor changed."""
    tensor = weights[key].clone()
    tensor.view(-1)[-1] += by
    return weights | {key: tensor}


@pytest.mark.parametrize("key", [f"{UNET}{LAYER}.weight", f"{UNET}out.2.bias", VAE, CLASS])
def test_one_changed_number_is_found(key, released, svd, tmp_path):
    """In float32, where the difference is what was added."""
    wide = [{name: value.float() for name, value in weights.items()} for weights in (released, svd)]
    source = saved(wide[0], tmp_path / "drag_nuwa.safetensors")
    path = saved(changed(wide[1], key, 0.25), tmp_path / "svd_xt.safetensors")
    with pytest.raises(CheckpointError) as error:
        convert(source, path, tmp_path / "out")
    found = f"1 of {len(svd) - 1:,} tensors are not the same, of which the first, {key}, differs by up to 0.25"
    assert f"does not have svd_xt.safetensors inside: {found}. Give the" in str(error.value), str(error.value)
    assert not (tmp_path / "out").exists()


def test_the_smallest_step_of_float16_is_found(svd, files, tmp_path):
    tensor = svd[f"{UNET}out.2.weight"].clone()
    tensor.view(torch.int16).view(-1)[7] += 1
    path = saved(svd | {f"{UNET}out.2.weight": tensor}, tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match=r"1 of .* tensors are not the same"):
        convert(files[0], path, tmp_path / "out")


def test_a_part_that_only_the_checkpoint_has_is_told(svd, files, tmp_path):
    path = saved(without(svd, "first_stage", "conditioner"), tmp_path / "unet.safetensors")
    assert convert(files[0], path, tmp_path / "out").proof.lacking == ("CLIP vision model", "VAE")


def test_what_is_of_the_training_of_a_vae_is_not_asked_for(released, files, tmp_path):
    path = saved(released | {"first_stage_model.loss.logvar": torch.ones(1)}, tmp_path / "unpruned.safetensors")
    assert convert(path, files[1], tmp_path / "out").adapter.is_file()


NAN = torch.full((4,), float("nan")).half()
BAD_SVD = {
    "a tensor missing in the UNet": (lambda w: without(w, "out.2.bias"), "out.2.bias, is not in chosen.safetensors"),
    "a tensor too many in the UNet": (
        lambda w: w | {f"{UNET}more.weight": torch.ones(1)},
        "more.weight, is not in drag_nuwa.safetensors",
    ),
    "a tensor missing in the VAE": (
        lambda w: without(w, "decoder") | {"first_stage_model.encoder.x": torch.ones(1)},
        f"{VAE}, is not in chosen.safetensors",
    ),
    "another shape": (lambda w: w | {f"{UNET}out.2.bias": torch.ones(5)}, "has the shape [4] in one and [5]"),
    "another type of the same numbers": (lambda w: w | {VAE: w[VAE].bfloat16()}, f"{VAE}, differs by up to"),
    "NaN": (lambda w: w | {f"{UNET}out.2.bias": NAN}, "chosen.safetensors: model.diffusion_model.out.2.bias holds num"),
    "no video model": (lambda w: without(w, "time_stack"), "no layers over time"),
    "no UNet": (lambda w: {VAE: w[VAE]}, "no layers over time"),
    "DragNUWA": (lambda w: w | {f"{UNET}flow_blocks.0.0.weight": torch.ones(1)}, "is a DragNUWA checkpoint, where"),
}


@pytest.mark.parametrize("case", BAD_SVD)
def test_what_a_wrong_svd_is_told(case, svd, files, tmp_path):
    change, words = BAD_SVD[case]
    path = saved(change(svd), tmp_path / "chosen.safetensors")
    with pytest.raises(CheckpointError) as error:
        convert(files[0], path, tmp_path / "out")
    assert words in str(error.value), str(error.value)
    assert not (tmp_path / "out").exists()


BAD_RELEASED = {
    "plain SVD": (lambda w: without(w, "flow_", "lora_"), "is plain Stable Video Diffusion"),
    "no LoRA": (lambda w: without({k.replace(".linear.", "."): v for k, v in w.items()}, "lora_"), "has no LoRA"),
    "a weight twice": (
        lambda w: w | {f"{UNET}{LAYER}.weight": w[f"{UNET}{LAYER}.linear.weight"] + 0},
        "to_q.weight twice",
    ),
    "half a LoRA": (lambda w: without(w, f"{LAYER}.lora_up"), "without all of their parts"),
    "a LoRA that does not fit": (lambda w: w | {f"{UNET}{LAYER}.lora_up.weight": torch.ones(64, 5)}, "do not fit toge"),
    "half an adapter": (lambda w: without(w, "flow_blocks.2"), "incomplete"),
    "infinity in the adapter": (
        lambda w: changed(w, f"{UNET}flow_blocks.0.0.weight", float("inf")),
        "flow_blocks.0.0.weight holds numbers that are not finite",
    ),
}


@pytest.mark.parametrize("case", BAD_RELEASED)
def test_what_a_wrong_checkpoint_is_told(case, released, files, tmp_path):
    change, words = BAD_RELEASED[case]
    path = saved(change(released), tmp_path / "chosen.safetensors")
    with pytest.raises(CheckpointError) as error:
        convert(path, files[1], tmp_path / "out")
    assert words in str(error.value) and "chosen.safetensors" in str(error.value), str(error.value)
    assert not list(tmp_path.glob("out/*"))  # neither file, and no part of one


@pytest.mark.parametrize("place", [0, 1])
def test_what_is_no_weights_is_told(place, files, tmp_path):
    for content, words in ((b"<html>", "a web page"), (files[0].read_bytes()[:9999], "cut short"), (b"", "is empty")):
        given = list(files)
        given[place] = tmp_path / "download.pth"
        given[place].write_bytes(content)
        with pytest.raises(CheckpointError, match=words):
            convert(*given, tmp_path / "out")


def test_nothing_is_replaced_unasked(files, tmp_path):
    done = convert(*files, tmp_path / "out")
    done.adapter.unlink()
    done.lora.write_bytes(b"mine")
    with pytest.raises(InputError, match=r"There already is .*dragnuwa-lora\.safetensors.*--force"):
        convert(*files, tmp_path / "out")
    assert done.lora.read_bytes() == b"mine" and not done.adapter.exists()
    assert load_file(convert(*files, tmp_path / "out", overwrite=True).lora)
    with pytest.raises(InputError, match="is a file, where a folder"):
        convert(*files, done.lora)


@pytest.mark.parametrize("which", ["released", "svd"])
@pytest.mark.parametrize("how", ["itself", "symbolic link", "link in the folder", "hard link"])
@pytest.mark.parametrize("name", ["dragnuwa-adapter.safetensors", "dragnuwa-lora.safetensors"])
def test_a_file_that_is_read_is_never_overwritten(how, which, name, files, tmp_path):
    """Whatever the name by which it is given, and before anything is written."""
    out, place = tmp_path / "out", ("released", "svd").index(which)
    out.mkdir()
    given, kept = list(files), out / name
    if how == "link in the folder":
        kept.symlink_to(files[place])
    elif how == "hard link":
        kept.hardlink_to(files[place])
    else:
        files[place].rename(kept)
        given[place] = kept
        if how == "symbolic link":
            given[place] = tmp_path / "link.safetensors"
            given[place].symlink_to(kept)
    before = kept.read_bytes()
    for overwrite in (True, False):
        with pytest.raises(InputError, match=f"{name} is one of the files that are read, and would be overwritten"):
            convert(*given, out, overwrite=overwrite)
    assert [path.name for path in out.iterdir()] == [name] and kept.read_bytes() == before


def test_a_folder_in_the_place_of_a_result_is_named(files, tmp_path):
    (tmp_path / "out" / "dragnuwa-lora.safetensors").mkdir(parents=True)
    for overwrite in (True, False):
        with pytest.raises(InputError, match=r"lora\.safetensors is a folder, where a file is to be written"):
            convert(*files, tmp_path / "out", overwrite=overwrite)
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_what_a_killed_run_left_is_removed_by_the_next(files, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    left = [f"dragnuwa-{kind}.safetensors.{'0f' * 16}.part" for kind in ("adapter", "lora")]
    others = ["another.safetensors.part", "dragnuwa-lora.safetensors.part", f"another.{'0f' * 16}.part"]
    for name in (*left, *others):
        (out / name).write_bytes(b"half")
    convert(*files, out)
    assert {path.name for path in out.iterdir()} == {
        "dragnuwa-adapter.safetensors", "dragnuwa-lora.safetensors", *others,
    }  # fmt: skip


def ended(*arguments: object) -> object:
    """What the command leaves this process with, without the seconds that a Python of its own takes to start: an exit
    code, or the words of its end."""
    with pytest.raises(SystemExit) as end:
        main([*map(str, arguments)])
    return end.value.code


def test_the_command_says_what_it_did(files, svd, tmp_path, capsys):
    done = run_python("-m", "dragnuwa.convert", *files, tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    sizes = [(tmp_path / "out" / f"dragnuwa-{name}.safetensors").stat().st_size / 1e6 for name in ("adapter", "lora")]
    first, *lines = done.stdout.splitlines()
    assert first == f"{len(svd) - 1:,} tensors of the base are those of the SVD: {len(svd) - 1:,} exactly."
    assert [line.split(": ")[1] for line in lines[:2]] == [f"{size:.1f} MB" for size in sizes]
    assert lines[2] == f"Together {sum(sizes):.1f} MB, instead of {files[0].stat().st_size / 1e6:.1f} MB."
    assert ended(*files, tmp_path / "out").startswith("error: There already is ")
    assert capsys.readouterr().out == ""
    main([*map(str, files), str(tmp_path / "out"), "--force"])
    assert capsys.readouterr().out == done.stdout


def test_the_command_refuses_in_one_line(files, tmp_path, capsys):
    swapped = run_python("-m", "dragnuwa.convert", files[1], files[0], tmp_path / "out")
    assert swapped.returncode == 1 and len(swapped.stderr.splitlines()) == 1
    assert swapped.stderr.startswith("error: svd.safetensors is plain Stable Video Diffusion")
    assert "There is no file" in ended(files[0], tmp_path / "none", tmp_path / "out")
    assert ended("--help") == 0 and "dragnuwa-adapter.safetensors" in capsys.readouterr().out


ADD_LAYERS, LAYER_MEGABYTES = 24, 8


def test_a_large_base_is_never_in_memory(released, svd, tmp_path):
    """In a process of its own, of which another thread reads how much memory it has that is not a file's."""
    large = torch.zeros(2048, 2048, dtype=torch.float16)
    more = {f"{UNET}middle_block.9.{i}.weight": large.clone() for i in range(ADD_LAYERS)}
    paths = [saved(released | more, tmp_path / "a.safetensors"), saved(svd | more, tmp_path / "b.safetensors")]
    code = (
        "import re, sys, threading; from pathlib import Path; from dragnuwa.convert import convert\n"
        "def now(): return int(re.search(r'RssAnon:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]) / 1024\n"
        "seen, done = [now()], threading.Event()\n"
        "def watch():\n"
        "    while not done.wait(0.002): seen.append(now())\n"
        "thread = threading.Thread(target=watch); thread.start()\n"
        "convert(*sys.argv[1:])\n"
        "done.set(); thread.join(); print(max(seen) - seen[0], len(seen))\n"
    )
    done = run_python("-c", code, *paths, tmp_path / "out", check=True)
    megabytes, readings = map(float, done.stdout.split())
    assert readings > 10
    assert megabytes < ADD_LAYERS * LAYER_MEGABYTES / 3, f"{megabytes} MB beyond what the process began with"
