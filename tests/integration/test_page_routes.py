"""The routes of the editor's page in the running server: what they show is what a run loads, and nothing stops them."""

import json
import os

import numpy as np
import pytest
import requests
from PIL import Image

from dragnuwa.remote.client import ClientError
from tests.support.drawings import objects_value, rectangle_ring
from tests.support.picture_kinds import HEIGHT, WIDTH, picture_files
from tests.support.prompts import in_input_folder, node
from tests.web.composition_cases import parts_of, pixels_of

CLIP = {"width": 96, "height": 64, "fit": "crop"}
DRAGS = json.dumps([[[40, 30], [60, 40]]])
PLACE = {"x": 0.4, "y": 0.5}
# Nothing has to be looked for to move it.
OUTLINED = json.dumps(
    objects_value({"outline": [rectangle_ring(0.2, 0.2, 0.5, 0.5)], "edge": "exact", "motion": {"keys": [{"t": 1}]}})
)


def bodies(reference: dict, **fields) -> dict[str, dict]:
    """A request to each of the routes about a picture."""
    base = {"picture": reference, **CLIP, **fields}
    return {
        "pick": {**base, "points": [PLACE], "minus": []},
        "regions": {**base, "frames": 4, "text": DRAGS},
        "composition": {**base, "frames": 4, "text": DRAGS, "longest": 96},
    }


def post(host, route: str, body: dict, **headers) -> requests.Response:
    return requests.post(f"{host.url}/dragnuwa/{route}", json=body, headers=headers, timeout=60)


@pytest.fixture(scope="module")
def files(host):
    """Names in the input folder."""
    folder = host.input_directory / "kinds"
    folder.mkdir()
    for name, data in picture_files():
        (folder / name).write_bytes(data)
    return sorted(path.name for path in folder.iterdir())


def passed_on(client, tmp_path, name: str) -> np.ndarray | None:
    """The picture as the editor passes it on, or None where Load Image fails."""
    inputs = {"trajectories": "[]", **CLIP, "frames": 4, "image": ["load", 0]}
    prompt = {
        "load": {"class_type": "LoadImage", "inputs": {"image": f"kinds/{name}"}},
        "editor": {"class_type": "DragNUWATrajectoryEditor", "inputs": inputs},
        "first": node("ImageFromBatch", image=["editor", 1], batch_index=0, length=1),
        "show": node("PreviewImage", images=["first", 0]),
    }
    try:
        (file,) = client.run(prompt).files("show")
    except ClientError:
        return None
    return np.asarray(Image.open(client.download(file, tmp_path)).convert("RGB")).astype(int)


def test_the_page_sees_what_a_run_loads(client, host, files, tmp_path):
    """To the bit but for the host's own rounding of a preview, which cuts off where this pack rounds. What neither can
    load is refused by both."""
    loaded = 0
    for name in files:
        expected = passed_on(client, tmp_path, name)
        answer = post(host, "composition", {**bodies(in_input_folder(name, "kinds"))["composition"], "text": OUTLINED})
        if expected is None:
            assert answer.status_code == 422, name
            continue
        assert answer.status_code == 200, (name, answer.text)
        told, arrays = parts_of(answer.content)
        shown = pixels_of(arrays[told["image"]]).astype(int)
        assert shown.shape == (64, 96, 3) == expected.shape
        assert (shown - expected).min() >= 0 and (shown - expected).max() <= 1, name
        loaded += 1
    assert loaded >= 48, f"{loaded} of {len(files)}"


def hostile(host) -> dict[str, dict]:
    """References to files that were, or may be, the end of a request."""
    folder = host.input_directory / "hostile"
    folder.mkdir(exist_ok=True)
    picture = Image.new("RGB", (WIDTH, HEIGHT), "red")
    for name, form in (("icon.ico", "ICO"), ("icon.png", "ICO"), ("program.eps", "EPS"), ("program.png", "EPS")):
        picture.save(folder / name, form)
    for name, size in (("row.png", (300, 1)), ("column.png", (1, 300)), ("dot.png", (1, 1)), ("two.png", (2, 2))):
        Image.new("L", size).save(folder / name)
    Image.fromarray(np.full((HEIGHT, WIDTH), np.nan, np.float32)).save(folder / "nan.tif")
    (folder / "cut.jpg").write_bytes(dict(picture_files())["jpeg_420.jpg"][:200])
    (folder / "video.png").write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(100))
    (folder / "list.png").write_bytes(b"#EXTM3U\n#EXTINF:1,\n/etc/hostname\n")
    (folder / "empty.png").write_bytes(b"")
    os.mkfifo(folder / "pipe.png")
    inside = str(folder.resolve())
    references = {name: in_input_folder(name, "hostile") for name in sorted(path.name for path in folder.iterdir())}
    return references | {
        "an absolute subfolder": in_input_folder("two.png", inside),
        "another one": in_input_folder("two.png", f"/{inside}"),
        "outside": in_input_folder("hostname", "/etc"),
        "beside": in_input_folder("../server.py"),
        "a bracket": in_input_folder("two.png [output]", "hostile"),
    }


def test_no_file_ends_in_an_error_of_the_server(host):
    for name, reference in hostile(host).items():
        for route, body in bodies(reference).items():
            answer = post(host, route, body)
            assert answer.status_code in (200, 400, 404, 422), (name, route, answer.text)
            if answer.status_code != 200:
                message = answer.json()["error"]
                assert message.endswith(".") and len(message) > 20, (name, route, message)
                assert str(host.input_directory.parent) not in message and "/etc" not in message, (name, route)
    absolute = in_input_folder("two.png", str((host.input_directory / "hostile").resolve()))
    for route, body in bodies(in_input_folder("two.png", "hostile")).items():
        same = post(host, route, {**body, "picture": absolute})
        assert same.content == post(host, route, body).content


def test_a_picture_that_is_replaced_is_looked_at_again(host):
    """Also by one of the same size and time, as a copy with kept times leaves it."""
    path = host.input_directory / "replaced.bmp"
    answers = []
    for left in (10, 50):
        picture = Image.new("RGB", (96, 64), (120, 120, 120))
        picture.paste((220, 20, 20), (left, 20, left + 30, 44))
        picture.save(path)
        os.utime(path, (10**9, 10**9))
        body = {**bodies(in_input_folder(path.name))["pick"], "points": [{"x": (left + 15) / 96, "y": 0.5}]}
        (ring,) = post(host, "pick", body).json()["outline"]
        answers.append(min(place["x"] for place in ring) * 96)
    assert answers == pytest.approx([10, 50], abs=2)


OTHERS = {
    "another site": {"Origin": "http://example.com"},
    "no origin": {"Origin": "null"},
    "another port": {"Origin": "http://127.0.0.1:1"},
    "a name that leads here": {"Host": "example.com:8188", "Origin": "http://example.com:8188"},
    "a name without an origin": {"Host": "example.com"},
}


@pytest.mark.parametrize("case", OTHERS)
def test_pages_of_other_sites_are_refused(host, case):
    body = {"text": "[]", "width": 96, "height": 64}
    assert post(host, "parse", body, **OTHERS[case]).status_code == 403
    own = {"Origin": host.url}
    assert post(host, "parse", body, **own).status_code == 200
    assert post(host, "parse", body, Host=f"localhost:{host.url.rsplit(':')[-1]}").status_code == 200
