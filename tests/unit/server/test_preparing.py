"""The route that prepares a picture for clicks, in a real aiohttp server, on real files."""

import json
import os
import sys

import pytest
import torch

from dragnuwa.server import requests
from dragnuwa.server.requests import Job, Route
from dragnuwa.vision.click_network.network import ClickNetwork
from dragnuwa.vision.click_network.weights import Networks, SaliencyNetwork
from dragnuwa.vision.segmentation import closer
from dragnuwa.vision.segmentation import prepared as prepared_module
from tests.support.drawings import tracks_value
from tests.support.page_routes import click, likeness_to_disc, post

DRAG = {"points": [{"x": 0.3, "y": 0.5}, {"x": 0.6, "y": 0.5}]}


@pytest.fixture
def network(monkeypatch):
    """Random weights in place of those that ship; gives how many pictures it has encoded."""
    torch.manual_seed(0)
    random = Networks(*(each.requires_grad_(False).train(False) for each in (ClickNetwork(), SaliencyNetwork())))
    encode, encoded = random.click.encode, []
    random.click.encode = lambda pictures: encoded.append(1) or encode(pictures)
    monkeypatch.setattr(prepared_module, "shipped", lambda: random)
    return encoded


@pytest.fixture
def no_network(monkeypatch):
    monkeypatch.setattr(prepared_module, "shipped", lambda: None)


def shown(**changed) -> dict:
    fields = click((0.3, 0.5))
    return {name: fields[name] for name in ("picture", "width", "height", "fit")} | changed


def test_it_says_whether_the_network_is_there(folders, network):
    ((status, media, body),) = post(folders, "/dragnuwa/prepare", shown())
    assert (status, media, json.loads(body)) == (200, "application/json", {"learned": True})


def test_it_says_that_the_network_is_missing(folders, no_network):
    ((status, _, body),) = post(folders, "/dragnuwa/prepare", shown())
    assert (status, json.loads(body)) == (200, {"learned": False})


def test_a_guess_is_by_colours_and_edges_until_the_picture_is_encoded(folders, network):
    guess = {**click((0.3, 0.5)), "preview": "guess"}
    ((status, _, body),) = post(folders, "/dragnuwa/pick", guess)
    assert status == 200 and network == []
    assert likeness_to_disc(body) > 0.95


def test_clicks_do_not_encode_a_prepared_picture_again(folders, network, monkeypatch):
    monkeypatch.setattr(closer, "seen_closer", lambda picture, point: None)  # which encodes parts of it
    requests_ = [("/dragnuwa/prepare", shown()), ("/dragnuwa/pick", click((0.3, 0.5)))]
    requests_.append(("/dragnuwa/pick", {**click((0.3, 0.5)), "preview": "guess"}))
    answers = post(folders, None, *requests_)
    assert [status for status, _, _ in answers] == [200, 200, 200]
    assert network == [1]


def test_things_are_looked_for_once_for_a_picture_and_its_compositions(folders, network, monkeypatch):
    looked = []
    monkeypatch.setattr(prepared_module.Shown, "things", lambda shown: looked.append(1) or shown.salient > 2)
    drawn = {**shown(), "frames": 4, "text": json.dumps(tracks_value(DRAG)), "longest": 128}
    answers = post(folders, "/dragnuwa/prepare", shown())
    assert looked == []
    answers += post(folders, None, ("/dragnuwa/prepare", shown(things=True)), ("/dragnuwa/composition", drawn))
    assert [status for status, _, _ in answers] == [200, 200, 200]
    assert looked == [1]


@pytest.mark.parametrize(
    "fields", [{"fit": "other"}, {"width": 0}, {"picture": {"filename": "disc.png"}}, {"things": 1}]
)
def test_what_cannot_be_prepared_is_refused(folders, fields):
    ((status, _, body),) = post(folders, "/dragnuwa/prepare", shown(**fields))
    assert status == 400 and json.loads(body)["error"].endswith(".")


def test_a_job_in_the_background_lets_others_first():
    """And only that one."""

    def nicer(background: bool) -> int:
        job = Job("/a", lambda body, check: b"", "text/plain", 1, "", "", background=background)
        route = Route(job, lambda request: None)
        return route._thread.submit(lambda: os.getpriority(os.PRIO_PROCESS, 0)).result()

    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert nicer(False) == own
    assert nicer(True) == (min(own + requests.LOWER, 19) if sys.platform == "linux" else own)
