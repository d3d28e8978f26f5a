"""What scripts run on a ComfyUI for their pictures, and the sheets that they write."""

import numpy as np
import torch
from PIL import Image

from dragnuwa.common.images import to_bytes
from scripts.sheets import in_rows, run_pictures, write_sheet
from tests.support.prompts import node


def test_pictures_of_a_node_are_run_without_what_they_do_not_need(client, tmp_path):
    red = {"width": 64, "height": 32, "batch_size": 2, "color": 0xFF0000}
    prompt = {
        "1": {"class_type": "EmptyImage", "inputs": red},
        "2": node("ImageInvert", image=["1", 0]),
        "3": node("LoadImage", image="is not there.png"),
    }
    pictures = run_pictures(client, prompt, ["2", 0], tmp_path)
    assert pictures.shape == (2, 32, 64, 3)
    assert pictures[1, 0, 0].tolist() == [0, 1, 1]


def test_a_sheet_has_rows_of_pictures_and_white_between_them(tmp_path):
    pictures = torch.rand(5, 4, 6, 3)
    write_sheet(in_rows(pictures, 3), tmp_path / "sheet.png", gap=2)
    with Image.open(tmp_path / "sheet.png") as sheet:
        pixels = torch.from_numpy(np.array(sheet))
    assert pixels.shape == (2 * 6, 3 * 8, 3)
    assert torch.equal(pixels[6:10, 8:14], torch.from_numpy(to_bytes(pictures[4])))
    assert (pixels[4:6] == 255).all() and (pixels[:, 6:8] == 255).all()
    assert (pixels[6:10, 16:22] == 0).all()  # the last row is filled
