"""Several people at one ComfyUI, started with --multi-user: each gets their own picture and drags.

The pack is there twice, under names with dashes and dots, which both people and ComfyUI's managers give it: as a link,
and as a copy that may not be written to.
"""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import requests
from PIL import Image

from dragnuwa.remote.client import Client
from scripts.host import ROOT, HostProcess, find_installation
from tests.support.prompts import node
from tests.web.composition_cases import parts_of, pixels_of

SIZE = {"width": 64, "height": 64}
CLIP = {**SIZE, "frames": 2, "fit": "crop"}
# Of four people, each with a picture of one colour.
COLORS = {"ann": (250, 20, 20), "bob": (20, 250, 20), "eve": (20, 20, 250), "dan": (240, 240, 10)}
ROUNDS = 2
RING = ((0.4, 0.4), (0.6, 0.4), (0.5, 0.6))  # an outline in fractions of the clip
COPY, LINK = NAMES = ("drag-nuwa.v1.5", "my_drag-nuwa")
NOT_INSTALLED = shutil.ignore_patterns(".*", "__pycache__", "tests", "node_modules", "models")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    base = tmp_path_factory.mktemp("several")
    copy = base / "custom_nodes" / COPY
    shutil.copytree(ROOT, copy, ignore=NOT_INSTALLED)
    (base / "custom_nodes" / LINK).symlink_to(ROOT, target_is_directory=True)
    before = contents(copy)
    set_writable(copy, False)
    installation = find_installation()
    with HostProcess(installation.python, installation.comfyui, base, extra_args=["--multi-user"]) as server:
        yield server
    set_writable(copy, True)
    assert contents(copy) == before, "the pack wrote into its own folder"  # root may do it nevertheless


def contents(folder: Path) -> dict[Path, bytes]:
    """All files but what Python compiled."""
    files = (file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return {file: file.read_bytes() for file in files}


def set_writable(folder: Path, writable: bool) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode | 0o200 if writable else path.stat().st_mode & ~0o222)


@pytest.fixture(scope="module")
def users(server) -> dict[str, str]:
    """The id that the server gave to each person."""
    create = f"{server.url}/users"
    return {name: requests.post(create, json={"username": name}, timeout=10).json() for name in COLORS}


def prompt(picture: str, x: float) -> dict:
    """The picture turned round, so that it is no file that the page knows, and a drag that begins at `x`."""
    drags = json.dumps([[{"x": x, "y": 10}, {"x": 50, "y": 40}]])
    turned = node("ImageRotate", image=["1", 0], rotation="180 degrees")
    editor = {"trajectories": drags, **CLIP, "image": ["2", 0]}
    return {
        "1": node("LoadImage", image=picture),
        "2": turned,
        "3": {"class_type": "DragNUWATrajectoryEditor", "inputs": editor},
        "4": node("PreviewImage", images=["3", 1]),
        "5": node("PreviewAny", source=["3", 0]),
    }


def color(file: Path) -> tuple[int, ...]:
    with Image.open(file) as image:
        return tuple(np.asarray(image.convert("RGB")).reshape(-1, 3).mean(0).round().astype(int))


def picture_of(name: str, folder: Path) -> Path:
    path = folder / name / "my picture.png"
    path.parent.mkdir(parents=True)
    Image.new("RGB", (96, 96), COLORS[name]).save(path)
    return path


def place_of(name: str, number: int) -> int:
    """Where a person's drag of a round begins; no two have the same."""
    return 4 + 4 * number + list(COLORS).index(name)


def work(url: str, name: str, folder: Path, own_folder: bool) -> list[dict]:
    """What a person gets in each round: the colours of the canvas's picture and of the result, and the drags' start."""
    client, found = Client(url), []
    picture = client.upload_image(picture_of(name, folder), subfolder=name if own_folder else "")
    for number in range(ROUNDS):
        result = client.run(prompt(picture, place_of(name, number)), timeout=120)
        (shown,), (made,) = result.outputs["3"]["dragnuwa_picture"], result.files("4")
        colors = [color(client.download(item, folder / name / "got")) for item in (shown, made)]
        start = json.loads(result.outputs["5"]["text"][0])["tracks"][0]["points"][0]["x"] * SIZE["width"]
        found.append({"shown": colors[0], "made": colors[1], "start": round(start)})
    return found


@pytest.mark.parametrize("own_folder", [True, False], ids=["in folders of their own", "in one folder"])
def test_nobody_gets_the_picture_or_the_drags_of_another(own_folder, server, tmp_path):
    """All have a picture of one name and queue at the same time."""
    with ThreadPoolExecutor(len(COLORS)) as pool:
        jobs = {name: pool.submit(work, server.url, name, tmp_path, own_folder) for name in COLORS}
    for name, job in jobs.items():
        own = {"shown": COLORS[name], "made": COLORS[name]}
        assert job.result() == [{**own, "start": place_of(name, number)} for number in range(ROUNDS)]


def test_the_routes_answer_each_person_with_their_own_picture(server, users, tmp_path):
    client = Client(server.url)
    pictures = {name: client.upload_image(picture_of(name, tmp_path), subfolder=f"of {name}") for name in COLORS}
    drags = json.dumps([[[10, 10], [20, 20]]])
    clip = {**SIZE, "fit": "crop", "frames": 2, "text": drags, "longest": max(SIZE.values())}

    def seen(name: str) -> tuple[int, ...]:
        folder, _, file = pictures[name].rpartition("/")
        body = {"picture": {"filename": file, "subfolder": folder, "type": "input"}, **clip}
        headers = {"comfy-user": users[name]}
        answer = requests.post(f"{server.url}/dragnuwa/composition", json=body, headers=headers, timeout=60)
        assert answer.status_code == 200, answer.text
        told, arrays = parts_of(answer.content)
        Image.fromarray(pixels_of(arrays[told["image"]])).save(tmp_path / f"{name}.png")
        return color(tmp_path / f"{name}.png")

    assert {name: seen(name) for name in COLORS} == COLORS


def test_a_picture_of_the_canvas_has_a_name_that_never_comes_again(server, tmp_path):
    """ComfyUI empties the folder when it starts, and would count from 1 again, with a page still open."""
    client, names = Client(server.url), []
    for name in ("ann", "bob"):
        picture = client.upload_image(picture_of(name, tmp_path), subfolder=f"again {name}")
        (shown,) = client.run(prompt(picture, 20), timeout=60).outputs["3"]["dragnuwa_picture"]
        names.append(shown["filename"])
        (server.base_directory / "temp" / shown["filename"]).unlink()
    assert names[0] != names[1]


def test_a_pack_that_is_there_twice_is_told_once(server):
    assert server.boot_log.count("the pack is in custom_nodes 2 times") == 1
    assert all(f'"{name}"' in server.boot_log for name in NAMES)
