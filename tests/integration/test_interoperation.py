"""Drags in everybody's formats, in queued prompts: the host's nodes take what we write, and we read what they give."""

import io
import json
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest

from dragnuwa.trajectory import parse, write_flo
from dragnuwa.trajectory.formats.registry import FILE_WRITERS, WRITERS
from tests.support.drawings import objects_value, rectangle_ring, tracks_value
from tests.support.prompts import downloaded, node_error

SIZE = {"width": 96, "height": 64}
DRAGS = json.dumps([[{"x": 20, "y": 30}, {"x": 60, "y": 30}], [{"x": 10, "y": 50}, {"x": 10, "y": 20}]])
POSES = {"people": [{"pose_keypoints_2d": [0.5, 0.25, 1]}]}


def exported(trajectories: str, form: str = "dragnuwa", frames: int = 5, **more) -> dict:
    """A prompt that exports; "text" and "report" are shown."""
    inputs = {"trajectories": ["import", 0], "frames": frames, "format": form, "filename_prefix": "", **SIZE, **more}
    return {
        "import": imported(text=trajectories),
        "export": {"class_type": "DragNUWAExportTrajectories", "inputs": inputs},
        "text": {"class_type": "PreviewAny", "inputs": {"source": ["export", 0]}},
        "report": {"class_type": "PreviewAny", "inputs": {"source": ["export", 2]}},
    }


def imported(**inputs) -> dict:
    inputs = {"text": "", "flo": "", "interval": 16, **SIZE, **inputs}
    return {"class_type": "DragNUWAImportTrajectories", "inputs": inputs}


def shown(client, prompt: dict, *names: str) -> list[str]:
    outputs = client.run(prompt).outputs
    return [outputs[name]["text"][0] for name in names]


def read(client, **inputs) -> tuple[str, str]:
    """The trajectories and the report of the import node; a list in `inputs` is a link to a node of `with_nodes`."""
    more = inputs.pop("with_nodes", {})
    prompt = {
        **more,
        "import": imported(**inputs),
        "value": {"class_type": "PreviewAny", "inputs": {"source": ["import", 0]}},
        "report": {"class_type": "PreviewAny", "inputs": {"source": ["import", 1]}},
    }
    value, report = shown(client, prompt, "value", "report")
    return value, report


# --- the host's nodes


def test_tracks_of_the_host_are_read(client):
    generate = {
        "width": 96, "height": 64, "start_x": 0.25, "start_y": 0.5, "end_x": 0.75, "end_y": 0.5, "num_frames": 9,
        "num_tracks": 3, "track_spread": 0.1, "bezier": False, "mid_x": 0.5, "mid_y": 0.5, "interpolation": "linear",
    }  # fmt: skip
    nodes = {"generate": {"class_type": "GenerateTracks", "inputs": generate}}
    value, report = read(client, tracks=["generate", 0], with_nodes=nodes)
    assert report.startswith("Read TRACKS of ComfyUI: 3 tracks of 9 points.")
    points, visible = parse(value, **SIZE).sample(9, **SIZE)
    assert visible.all()
    np.testing.assert_allclose(points[1], np.stack([np.linspace(24, 72, 9), np.full(9, 32)], 1), atol=1e-4)


@pytest.fixture(scope="module")
def wan_vae(host) -> str:
    """A VAE that ComfyUI takes for Wan's."""
    folder = host.base_directory / "models" / "vae"
    folder.mkdir(parents=True, exist_ok=True)
    script = Path(__file__).with_name("wan_vae.py")
    subprocess.run([host.python, script, host.comfyui_dir, folder / "tiny_wan.safetensors"], check=True)
    return "tiny_wan.safetensors"


def start_picture(checkpoint: str, wan_vae: str, x: float, y: float, form: str, node: str, **inputs) -> dict:
    """A prompt of one drag, from (4, 12) to (x, y), that gives a start picture's conditioning to a node of the host's;
    what comes of it is shown as "positive"."""
    shared = {
        "positive": ["text encoded", 0], "negative": ["text encoded", 0], "vae": ["vae", 0], **SIZE, "length": 5,
        "batch_size": 1, "start_image": ["picture", 0],
    }  # fmt: skip
    return exported(json.dumps([[{"x": 4, "y": 12}, {"x": x, "y": y}]]), form) | {
        "checkpoint": {"class_type": "DragNUWALoadCheckpoint", "inputs": {"ckpt_name": checkpoint}},
        "text encoded": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["checkpoint", 1], "text": "a thing"}},
        "vae": {"class_type": "VAELoader", "inputs": {"vae_name": wan_vae}},
        "picture": {"class_type": "EmptyImage", "inputs": {**SIZE, "batch_size": 1, "color": 0xFF8040}},
        "host": {"class_type": node, "inputs": {**shared, **inputs}},
        "positive": {"class_type": "PreviewAny", "inputs": {"source": ["host", 0]}},
    }


def test_wan_move_drags_the_latent_along_our_tracks(client, checkpoint, wan_vae):
    """The start picture's latent, which the conditioning holds, is another one than without tracks."""

    def latent(**inputs) -> str:
        prompt = start_picture(checkpoint, wan_vae, 20, 12, "dragnuwa", "WanMoveTrackToVideo", **inputs)
        return shown(client, prompt, "positive")[0]

    moved, resting = latent(tracks=["export", 1], strength=1.0), latent(strength=1.0)
    assert "concat_latent_image" in moved
    assert moved != resting == latent(tracks=["export", 1], strength=0.0)


def test_ati_takes_our_121_positions(client, checkpoint, wan_vae):
    """ComfyUI's node for ATI, on the text of the form "ati": another drag gives another latent."""

    def latent(x: float, y: float) -> str:
        inputs = {"tracks": ["export", 0], "temperature": 220.0, "topk": 2}
        prompt = start_picture(checkpoint, wan_vae, x, y, "ati", "WanTrackToVideo", **inputs)
        return shown(client, prompt, "positive")[0]

    assert "concat_latent_image" in latent(20, 12)
    assert latent(20, 12) != latent(4, 60)


@pytest.mark.parametrize("drags", [DRAGS, json.dumps(json.loads(DRAGS)[:1])])
def test_coordinates_become_tracks_in_the_hosts_node(client, drags):
    """The form "kjnodes" through WanMoveTracksFromCoords, and back; one track is a flat list."""
    prompt = exported(drags, "kjnodes") | {
        "tracks": {"class_type": "WanMoveTracksFromCoords", "inputs": {"track_coords": ["export", 0]}},
        "back": imported(tracks=["tracks", 0]),
        "value": {"class_type": "PreviewAny", "inputs": {"source": ["back", 0]}},
    }
    (value,) = shown(client, prompt, "value")
    expected, _ = parse(drags, **SIZE).sample(5, **SIZE)
    np.testing.assert_allclose(parse(value, **SIZE).sample(5, **SIZE)[0], expected, atol=1e-4)


def test_wan_move_draws_and_joins_our_tracks(client):
    prompt = exported(DRAGS) | {
        "black": {"class_type": "EmptyImage", "inputs": {**SIZE, "batch_size": 1, "color": 0}},
        "joined": {
            "class_type": "WanMoveConcatTrack", "inputs": {"tracks_1": ["export", 1], "tracks_2": ["export", 1]},
        },
        "drawn": {
            "class_type": "WanMoveVisualizeTracks",
            "inputs": {"images": ["black", 0], "tracks": ["joined", 0], "line_resolution": 24, "circle_size": 4,
                       "opacity": 1.0, "line_width": 4},
        },
        "back": imported(tracks=["joined", 0]),
        "value": {"class_type": "PreviewAny", "inputs": {"source": ["back", 0]}},
        "save": {"class_type": "PreviewImage", "inputs": {"images": ["drawn", 0]}},
    }  # fmt: skip
    result = client.run(prompt)
    assert len(result.outputs["save"]["images"]) == 5
    points, _ = parse(result.outputs["value"]["text"][0], **SIZE).sample(5, **SIZE)
    expected, _ = parse(DRAGS, **SIZE).sample(5, **SIZE)
    np.testing.assert_allclose(points, np.concatenate([expected, expected]), atol=1e-4)


# --- text


@pytest.mark.parametrize("form", sorted(WRITERS.keys() - {"svg"}))
def test_a_form_comes_back(form, client):
    (text,) = shown(client, exported(DRAGS, form), "text")
    value, report = read(client, text=text)
    assert report.startswith("Read ")
    found, _ = parse(value, **SIZE).sample(5, **SIZE)
    expected, _ = parse(DRAGS, **SIZE).sample(5, **SIZE)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_no_track_is_refused_where_the_readers_fail_on_it(client):
    """ComfyUI's WanMoveTracksFromCoords ends with "list index out of range" on an empty list."""
    error = node_error(client, exported("[]", "kjnodes"))
    assert "at least one track for the format kjnodes" in str(error)


def test_the_node_says_what_a_format_cannot_hold(client):
    one = {"points": [{"x": 0.2, "y": 0.5}, {"x": 0.8, "y": 0.5}], "name": "wing", "visible": [[0, 0.5]]}
    value = tracks_value(one, {**one, "enabled": False})
    result = client.run(exported(json.dumps(value), "kjnodes"))
    said = result.outputs["export"]["text"][0]  # what stands on the node
    assert said == result.outputs["report"]["text"][0]
    for words in ("Wrote kjnodes.", "1 track disabled", "1 track hidden in some frames", "No names"):
        assert words in said


def test_files_are_written_and_flow_comes_back(client, host, tmp_path):
    (text, report) = shown(client, exported(DRAGS, "csv", filename_prefix="trajectories/wing"), "text", "report")
    (file,) = (host.base_directory / "output" / "trajectories").glob("wing_*.csv")
    assert file.read_text() == text and f"trajectories/{file.name}" in report
    (folder, report) = shown(client, exported(DRAGS, "flo"), "text", "report")
    assert folder.endswith(" [output]") and "4 .flo files" in report
    value, report = read(client, flo=folder, interval=10)
    assert report.startswith("Read 4 .flo files: ")
    points, _ = parse(value, **SIZE).sample(5, **SIZE)
    near = np.abs(points[:, 0] - (25, 25)).max(1) < 1  # near the first drag, which goes to the right
    assert near.any() and (points[near, -1, 0] - points[near, 0, 0] > 5).all()


THING = {"outline": [rectangle_ring(0.0, 0.25, 0.25, 0.75)], "motion": {"keys": [{"t": 1, "x": 0.5}]}}
THINGS = json.dumps(objects_value({**THING, "text": "a red bird"}))


def test_boxes_of_objects_are_drawn_by_the_host(client, tmp_path):
    """Its Draw BBoxes takes the output, and Create Bounding Boxes the text of the first frame, with what it says."""
    prompt = {
        **exported(THINGS, "boxes"),
        "blank": {"class_type": "EmptyImage", "inputs": {"batch_size": 5, "color": 0, **SIZE}},
        "draw": {"class_type": "DrawBBoxes", "inputs": {"image": ["blank", 0], "bboxes": ["export", 3]}},
        "save": {"class_type": "SaveImage", "inputs": {"images": ["draw", 0], "filename_prefix": "boxes"}},
        "create": {"class_type": "CreateBoundingBoxes", "inputs": {
            "bboxes": ["export", 0], "editor_state": {"__value__": []}, "width": 96, "height": 64,
        }},
        "elements": {"class_type": "PreviewAny", "inputs": {"source": ["create", 2]}},
    }  # fmt: skip
    result = client.run(prompt)
    drawn = downloaded(client, result, "save", tmp_path)
    lit = [np.flatnonzero(frame.max(-1).any(0))[[0, -1]].tolist() for frame in drawn]
    for time, (left, right) in enumerate(lit):  # its lines are 3 pixels thick
        assert abs(left - 12 * time) <= 1 and abs(right - (12 * time + 24)) <= 1
    assert '"desc": "a red bird"' in result.outputs["elements"]["text"][0]


@pytest.mark.parametrize("form", FILE_WRITERS)
def test_files_of_arrays_are_written_and_come_back(form, client):
    name, report = shown(client, exported(DRAGS, form), "text", "report")
    file = name.removesuffix(" [output]")
    assert file.startswith("trajectories/tracks_") and f"Wrote {form} to {file}." in report
    value, report = read(client, flo=name)
    frames = 121 if form == "ati_pth" else 5
    assert f"2 tracks of {frames} points" in report
    expected, _ = parse(DRAGS, **SIZE).sample(frames, **SIZE)
    np.testing.assert_allclose(parse(value, **SIZE).sample(frames, **SIZE)[0], expected, atol=1e-4)


def test_what_positions_are_can_be_said(client):
    centred = json.dumps([[{"x": x - 48, "y": 32 - y} for x, y in ((20, 30), (60, 30), (10, 50))]])
    value, report = read(client, text=centred)
    assert 'set positions to "pixels from the centre"' in report
    value, report = read(client, text=centred, positions="pixels from the centre", y_counts="from the bottom")
    assert "As asked, positions are read as pixels from the centre, and y counts from the bottom." in report
    points, _ = parse(value, **SIZE).sample(3, **SIZE)
    np.testing.assert_allclose(points[0], [(20, 30), (60, 30), (10, 50)], atol=1e-6)


# --- bad input


def test_a_file_is_read_as_what_it_contains(client, place_input):
    """Arrays of a point tracker, and text, whatever their names end with."""
    tracks = np.array([[[20.0, 20], [30, 25]], [[90, 60], [95, 60]]])
    file = io.BytesIO()
    np.savez(file, tracks=tracks, visibility=np.array([[1, 1], [1, 0]]))
    place_input(file.getvalue(), "cotracker.npz")
    value, report = read(client, flo="cotracker.npz")
    assert report.startswith("Read arrays of NumPy: 2 tracks of 2 points.")
    points, visible = parse(value, **SIZE).sample(2, *SIZE.values())
    np.testing.assert_allclose(points, tracks, atol=1e-3)
    assert np.asarray(visible).tolist() == [[True, True], [True, False]]
    place_input("frame,x,y\n1,20,20\n2,30,25\n".encode("utf-16"), "table.dat")
    assert read(client, flo="table.dat")[1].startswith("Read a table (CSV): 1 track of 2 points.")


def flo_header(width: int, height: int) -> bytes:
    return b"PIEH" + struct.pack("<ii", width, height)


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({}, "Expected one source of trajectories: text, flo, tracks or keypoints; but nothing is given."),
        ({"text": "[]", "flo": "a.flo"}, "text and flo are given"),
        ({"text": "[[{"}, "cannot be read"),
        ({"flo": "../../secret.flo"}, "Expected a .flo file or a folder of them inside of ComfyUI's input folder"),
        ({"flo": "/etc/passwd"}, "inside of ComfyUI's input folder"),
        ({"flo": "link.flo"}, "inside of ComfyUI's input folder"),
        ({"flo": "nowhere.flo"}, 'There is no "nowhere.flo"'),
        ({"flo": "without"}, "holds no .flo file"),
        ({"flo": "hostile.flo"}, "2147483647 x 2147483647"),
        ({"flo": "short.flo"}, "It is damaged"),
        ({"flo": "mixed"}, '"2.flo" is 8 x 4, but "1.flo" is 4 x 4'),
    ],
)
def test_bad_sources_are_told_in_the_node(inputs, words, client, host, place_input):
    place_input(flo_header(2**31 - 1, 2**31 - 1), "hostile.flo")
    place_input(flo_header(64, 64), "short.flo")
    (host.input_directory / "without").mkdir(exist_ok=True)
    (host.input_directory / "mixed").mkdir(exist_ok=True)
    for name, width in (("1", 4), ("2", 8)):
        (host.input_directory / "mixed" / f"{name}.flo").write_bytes(write_flo(np.zeros((4, width, 2))))
    link = host.input_directory / "link.flo"
    if not link.is_symlink():
        link.symlink_to(Path("/etc/passwd"))
    prompt = {"import": imported(**inputs), "show": {"class_type": "PreviewAny", "inputs": {"source": ["import", 0]}}}
    error = node_error(client, prompt)
    assert error.class_type == "DragNUWAImportTrajectories" and words in error.message, error.message
    assert len(error.message) < 500


def test_a_prefix_outside_of_the_output_folder_is_refused(client):
    error = node_error(client, exported(DRAGS, "csv", filename_prefix="../../wing"))
    assert "Expected a filename_prefix inside of ComfyUI's output folder" in error.message
