"""Files in the folders of ComfyUI: exports that fail in the middle leave nothing, and fingerprints name no place."""

import folder_paths
import numpy as np
import pytest

from dragnuwa.host import files


@pytest.fixture
def output(tmp_path):
    before = folder_paths.get_output_directory()
    folder_paths.set_output_directory(str(tmp_path))
    yield tmp_path
    folder_paths.set_output_directory(before)


def test_a_text_that_cannot_be_encoded_leaves_no_file(output):
    with pytest.raises(UnicodeEncodeError):
        files.save_text("a lone surrogate: \ud800", "drags/wing", ".csv")
    assert list(output.iterdir()) == []
    assert files.save_text("wing", "drags/wing", ".csv") == "drags/wing_00001_.csv"


def test_flows_that_fail_in_the_middle_leave_no_folder(output):
    def flows():
        yield np.zeros((4, 4, 2), np.float32)
        raise MemoryError("says the test")

    with pytest.raises(MemoryError):
        files.save_flows(flows(), "flow")
    assert list(output.iterdir()) == []
    assert files.save_flows([np.zeros((4, 4, 2), np.float32)] * 2, "flow") == "flow_00001_"
    assert [path.name for path in output.iterdir()] == ["flow_00001_"]


def test_a_fingerprint_changes_with_the_files_and_has_no_path(output):
    """ComfyUI writes it into the files that it saves, which people share."""
    name = files.save_flows([np.zeros((4, 4, 2), np.float32)] * 2, "flow") + " [output]"
    before = files.fingerprint(name)
    assert len(before) == 2 and str(output) not in repr(before)
    files.save_flows([np.zeros((8, 8, 2), np.float32)] * 2, "flow")
    (output / "flow_00002_").rename(output / "other")
    assert files.fingerprint("other [output]") != before
