"""DragNUWA Carry on a real server: with DragNUWA Apply, alone, and what a user is told when something is off."""

import json

import numpy as np
import pytest
import requests

from dragnuwa.remote.client import NodeError
from dragnuwa.trajectory.objects.masks import outline_mask
from scripts.host import PICTURES
from tests.support.drawings import tracks_value
from tests.support.prompts import downloaded, node

WIDTH, HEIGHT, FRAMES = 96, 64, 3
SIZE = {"width": WIDTH, "height": HEIGHT, "frames": FRAMES}
DRAG = json.dumps([[{"x": 30, "y": 32}, {"x": 60, "y": 32}]])


@pytest.fixture(scope="module")
def picture(place_input) -> str:
    return place_input(PICTURES / "dragnuwa-rocket.jpg", "carry_rocket.jpg")


@pytest.fixture
def prompt(checkpoint, picture) -> dict:
    """Drags on random weights, the picture carried, Multiscale Fusion at strength 1. Nothing is looked for to fill in
    what is uncovered, which takes the longest of all."""
    return {
        "picture": node("LoadImage", image=picture),
        "load": node("DragNUWALoadCheckpoint", ckpt_name=checkpoint),
        "editor": node("DragNUWATrajectoryEditor", trajectories=DRAG, fit="crop", image=["picture", 0], **SIZE),
        "encode": node("DragNUWAEncodeTrajectories", trajectories=["editor", 0], kernel_size=79, sigma=8.0, **SIZE),
        "text": node("CLIPTextEncode", text="a rocket", clip=["load", 1]),
        "conditioning": node(
            "DragNUWAConditioning", vae=["load", 3], fps=5, motion_bucket_id=4, augmentation_level=0.02,
            start_image=["editor", 1], positive=["text", 0], **SIZE,
        ),
        "apply": node(
            "DragNUWAApply", model=["load", 0], adapter=["load", 4], flow=["encode", 0],
            strength=1.0, start_percent=0.0, end_percent=1.0,
        ),
        "carry": node(
            "DragNUWACarry", image=["picture", 0], trajectories=["editor", 0], vae=["load", 3],
            latent=["conditioning", 2], radius=12.0, hold=0.6, ground=0.0, carries="surroundings",
            fill="neutral", **SIZE,
        ),
        "differential": node("DifferentialDiffusion", model=["apply", 0], strength=1.0),
        "sampler": node(
            "KSampler", model=["differential", 0], seed=1, steps=2, cfg=1.0, sampler_name="euler", scheduler="karras",
            positive=["conditioning", 0], negative=["conditioning", 1], latent_image=["carry", 0], denoise=1.0,
        ),
        "decode": node("VAEDecode", samples=["sampler", 0], vae=["load", 3]),
        "show": node("PreviewImage", images=["decode", 0]),
        "crude": node("PreviewImage", images=["carry", 1]),
        "mask": node("MaskPreview", mask=["carry", 2]),
    }  # fmt: skip


def shown_by(prompt, client, folder) -> dict[str, np.ndarray]:
    result = client.run(prompt)
    return {name: downloaded(client, result, name, folder) for name in ("show", "crude", "mask") if name in prompt}


def test_the_carried_picture_becomes_a_video(prompt, client, tmp_path):
    prompt["carry"]["inputs"]["fill"] = "inpaint"  # as by default
    shown = shown_by(prompt, client, tmp_path)
    assert {name: frames.shape for name, frames in shown.items()} == dict.fromkeys(shown, (FRAMES, HEIGHT, WIDTH, 3))
    first, last = shown["crude"][0].astype(int), shown["crude"][-1].astype(int)
    assert np.abs(last[26:39, 54:67] - first[26:39, 24:37]).max() <= 2  # what was around (30, 32) is around (60, 32)
    assert shown["mask"][-1, 32, 60].min() > 250 and shown["mask"][-1, 32, 30].max() < 5


def tied(prompt: dict, **inputs) -> dict:
    """The same with the model tied by Carry itself, after DragNUWA Apply."""
    carry = node("DragNUWACarry", **{**prompt["carry"]["inputs"], "model": ["apply", 0], **inputs})
    sampler = node("KSampler", **{**prompt["sampler"]["inputs"], "model": ["carry", 4]})
    return {name: step for name, step in prompt.items() if name != "differential"} | {
        "carry": carry,
        "sampler": sampler,
    }


def test_the_model_tied_by_itself_gives_what_the_noise_mask_gives(prompt, client, tmp_path):
    by_mask = shown_by(prompt, client, tmp_path / "mask")["show"].astype(int)
    by_model = shown_by(tied(prompt), client, tmp_path / "model")["show"].astype(int)
    free = shown_by(tied(prompt, hold=0.0), client, tmp_path / "free")["show"].astype(int)
    assert np.abs(by_model - by_mask).max() <= 2
    assert np.abs(by_model - free).max() > 8


def test_steps_are_held_with_a_model_alone(prompt, client):
    client.run(tied(prompt, hold_steps=1))
    prompt["carry"]["inputs"]["hold_steps"] = 1
    with pytest.raises(NodeError, match="hold_steps is 1, and no model is connected"):
        client.run(prompt)


def test_with_nothing_held_it_is_the_plain_run(prompt, client, tmp_path):
    """To the bit, with DragNUWA Apply and without."""
    for model in (["apply", 0], ["load", 0]):
        prompt["differential"]["inputs"]["model"] = model
        prompt["carry"]["inputs"].update(hold=0.0, ground=0.0)
        nothing = shown_by(prompt, client, tmp_path / "nothing")["show"]
        plain = {name: step for name, step in prompt.items() if name not in ("carry", "crude", "mask", "differential")}
        plain["sampler"] = node(
            "KSampler", **{**prompt["sampler"]["inputs"], "model": model, "latent_image": ["conditioning", 2]}
        )
        assert (shown_by(plain, client, tmp_path / "plain")["show"] == nothing).all()
        prompt["carry"]["inputs"].update(hold=1.0, ground=1.0)
        assert (shown_by(prompt, client, tmp_path / "all")["show"] != nothing).any()


def test_a_mask_carries_a_whole_object(prompt, client, tmp_path):
    """A mask of the picture's own size, and the picture as it is loaded."""
    prompt["solid"] = node("ImageToMask", image=["threshold", 0], channel="red")
    prompt["threshold"] = node("EmptyImage", width=WIDTH, height=HEIGHT, batch_size=1, color=0xFF0000)
    prompt["carry"]["inputs"].update(masks=["solid", 0])
    mask = shown_by(prompt, client, tmp_path)["mask"]
    assert mask[-1, :, 32:].min() > 250 and mask[-1, :, :28].max() < 5  # the whole picture, 30 px to the right


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_the_whole_picture_is_fitted_as_in_the_editor(fit, prompt, client, tmp_path):
    """A picture straight from Load Image: the drags act on it where they were drawn."""
    prompt = {name: prompt[name] for name in ("picture", "load", "editor", "conditioning", "text", "carry", "crude")}
    prompt["editor"]["inputs"]["fit"] = prompt["carry"]["inputs"]["fit"] = fit
    prompt["shown"] = node("PreviewImage", images=["editor", 1])
    result = client.run(prompt)
    edited, carried = (downloaded(client, result, name, tmp_path) for name in ("shown", "crude"))
    assert (edited[0] == carried[0]).all()


def test_the_page_is_told_what_a_run_carries(prompt, client, host, picture, tmp_path):
    """The outline that the editor shows for a drag is that of the object which Carry takes in a run."""
    drag = json.dumps([[{"x": 48, "y": 30}, {"x": 70, "y": 30}]])
    prompt["editor"]["inputs"]["trajectories"] = drag
    prompt["carry"]["inputs"].update(carries="object", fit="stretch")
    prompt["taken"] = node("MaskPreview", mask=["carry", 3])
    kept = {name: prompt[name] for name in ("picture", "load", "editor", "text", "conditioning", "carry", "taken")}
    taken = downloaded(client, client.run(kept), "taken", tmp_path)[0, :, :, 0] > 127  # of the picture's own size
    reference = {"filename": picture, "subfolder": "", "type": "input"}
    body = {"picture": reference, **SIZE, "fit": "stretch", "text": drag}
    answer = requests.post(f"{host.url}/dragnuwa/regions", json=body, timeout=60)
    assert answer.status_code == 200, answer.text
    (found,) = answer.json()["regions"]
    told = outline_mask(found["seen"][0], *taken.shape[::-1]) > 0.5
    assert taken.any() and (told & taken).sum() / (told | taken).sum() > 0.97


def test_the_number_of_frames_can_come_from_the_latent(prompt, client, tmp_path):
    asked = shown_by(prompt, client, tmp_path)["crude"]
    prompt["carry"]["inputs"]["frames"] = 0
    assert np.array_equal(shown_by(prompt, client, tmp_path)["crude"], asked)


def broken(prompt: dict, case: str) -> str:
    """Breaks the prompt; gives what has to be said."""
    carry = prompt["carry"]["inputs"]
    if case == "no tracks":
        prompt["editor"]["inputs"]["trajectories"] = json.dumps(tracks_value())
        return "There is nothing to move: nothing is drawn yet."
    if case == "tracks outside":
        carry["trajectories"] = json.dumps([[{"x": -30, "y": 32}, {"x": 60, "y": 32}]])
        return "starts outside the picture"
    if case == "masks of another size":
        prompt["solid"] = node("SolidMask", value=1.0, width=40, height=40)
        carry["masks"] = ["solid", 0]
        return "The masks are 40x40 pixels"
    if case == "another number of frames":
        carry["frames"] = 5
        return "The latent has 3 frames, which stand for 3 frames of a clip; here the clip has 5, which make 5."
    if case == "another size":
        carry["width"] = 128
        return "The latent is for 96x64 pixels, the clip has 128x64."
    prompt["trajectories"] = node("EmptyLatentAudio", seconds=5.0, batch_size=1)
    carry["latent"] = ["trajectories", 0]
    return "Expected the latent of a video"


@pytest.mark.parametrize(
    "case",
    ["no tracks", "tracks outside", "masks of another size", "another number of frames", "another size", "no video"],
)
def test_bad_input_is_one_clear_sentence(case, prompt, client):
    words = broken(prompt, case)
    with pytest.raises(NodeError) as error:
        client.run(prompt)
    assert error.value.class_type == "DragNUWACarry"
    assert words in error.value.message and "Traceback" not in error.value.message
