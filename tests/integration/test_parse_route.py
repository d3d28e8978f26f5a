"""The editor's route in the real server."""

import json

import requests

from dragnuwa.trajectory import parse

TEXT = '[[{"x": 115, "y": 192}, {"x": 288, "y": 96}]]'


def test_the_running_host_reads_pasted_text(host):
    answer = requests.post(f"{host.url}/dragnuwa/parse", json={"text": TEXT, "width": 576, "height": 320}, timeout=10)
    assert answer.status_code == 200
    assert answer.json() == {"trajectories": json.loads(parse(TEXT, width=576, height=320).to_json())}


def test_the_running_host_says_what_is_wrong(host):
    answer = requests.post(f"{host.url}/dragnuwa/parse", json={"text": "[[", "width": 576, "height": 320}, timeout=10)
    assert answer.status_code == 400
    assert "cannot be read" in answer.json()["error"]
