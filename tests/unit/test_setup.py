"""The set-up's own code: what it unpacks, which Python it takes, how it puts the pack into a ComfyUI."""

import ast
import io
import sys
import tarfile
from pathlib import Path, PurePosixPath

import pytest
from packaging.requirements import Requirement

from scripts import host, progress, project, run_tests, setup, unmet

PREFIX = PurePosixPath("package-1.0/vendor/ComfyUI")


def archive_of(folder: Path, *members: tuple[str, bytes | None, bytes]) -> Path:
    """A .tar.gz of (name, content or None, type)."""
    path = folder / "archive.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, content, kind in members:
            member = tarfile.TarInfo(name)
            member.type = kind
            member.size = len(content or b"")
            member.linkname = "/etc/passwd"
            archive.addfile(member, io.BytesIO(content or b""))
    return path


def test_only_the_wanted_folder_is_extracted(tmp_path):
    archive = archive_of(
        tmp_path,
        ("package-1.0/setup.py", b"no", tarfile.REGTYPE),
        (f"{PREFIX}/input", None, tarfile.DIRTYPE),
        (f"{PREFIX}/comfy/utils.py", b"yes", tarfile.REGTYPE),
        (f"{PREFIX}-other/file", b"no", tarfile.REGTYPE),
    )
    setup.extract_folder(archive, PREFIX, tmp_path / "out")
    found = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*")}
    assert found == {"input", "comfy", "comfy/utils.py"}
    assert (tmp_path / "out/comfy/utils.py").read_bytes() == b"yes"


@pytest.mark.parametrize(
    "member",
    [
        ("/absolute", b"x", tarfile.REGTYPE),
        (f"{PREFIX}/../../../../outside", b"x", tarfile.REGTYPE),
        (f"{PREFIX}/link", None, tarfile.SYMTYPE),
        (f"{PREFIX}/hard", None, tarfile.LNKTYPE),
        (f"{PREFIX}/pipe", None, tarfile.FIFOTYPE),
    ],
    ids=lambda member: member[0].rsplit("/", 1)[-1],
)
def test_a_hostile_archive_is_refused(tmp_path, member):
    with pytest.raises(progress.SetupError, match=member[0].rsplit("/", 1)[-1]):
        setup.extract_folder(archive_of(tmp_path, member), PREFIX, tmp_path / "out")
    assert not (tmp_path / "outside").exists()


def test_an_archive_without_the_folder_is_refused(tmp_path):
    with pytest.raises(progress.SetupError, match="holds no"):
        setup.extract_folder(archive_of(tmp_path, ("other/file", b"", tarfile.REGTYPE)), PREFIX, tmp_path / "out")


def test_comfyui_is_compiled_once_for_each_python(tmp_path, monkeypatch):
    for name, path in {"COMFYUI": tmp_path, "COMFYUI_STAMP": tmp_path / "stamp.json"}.items():
        monkeypatch.setattr(setup, name, path)
    monkeypatch.setattr(progress, "LOG", tmp_path / "setup.log")
    monkeypatch.setattr(setup, "venv_python", lambda folder: sys.executable)
    setup._write_stamp(setup.COMFYUI_STAMP, {"archive": "x"})
    (tmp_path / "main.py").write_text("number = 1")
    for python, compiled in (((3, 98), True), ((3, 98), False), ((3, 99), True)):
        monkeypatch.setattr(sys, "version_info", python)
        setup.compile_comfyui()
        (found,) = [*tmp_path.glob("__pycache__/main.*.pyc"), *[None] * (not compiled)]
        assert setup._read_stamp(setup.COMFYUI_STAMP)["archive"] == "x" and bool(found) == compiled
        if found:
            found.unlink()


def test_a_link_leads_to_this_checkout_and_is_made_once(tmp_path):
    link = host.link_pack(tmp_path / "custom_nodes")
    assert link.name == "ComfyUI-DragNUWA"
    assert link.resolve() == host.ROOT
    assert host.link_pack(tmp_path / "custom_nodes") == link
    assert [entry.name for entry in (tmp_path / "custom_nodes").iterdir()] == [link.name]


def test_a_checkout_under_another_name_is_left_as_it_is(tmp_path):
    (tmp_path / "my-dragnuwa").symlink_to(host.ROOT)
    assert host.link_pack(tmp_path).name == "my-dragnuwa"


def test_a_link_to_a_checkout_that_is_gone_is_replaced(tmp_path):
    (tmp_path / "ComfyUI-DragNUWA").symlink_to(tmp_path / "gone")
    assert host.link_pack(tmp_path).resolve() == host.ROOT


def test_another_copy_of_the_pack_is_never_touched(tmp_path):
    other = tmp_path / "ComfyUI-DragNUWA" / "mine.txt"
    other.parent.mkdir()
    other.write_text("kept")
    with pytest.raises(host.HostProcessError, match="another copy"):
        host.link_pack(tmp_path)
    assert other.read_text() == "kept"


def test_where_links_cannot_be_made_the_pack_is_copied_and_renewed(tmp_path, monkeypatch):
    def refuse(*arguments, **options):
        raise OSError("no links here")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    copy = host.link_pack(tmp_path)
    assert not copy.is_symlink()
    assert (copy / "__init__.py").read_bytes() == (host.ROOT / "__init__.py").read_bytes()
    assert not (copy / ".host").exists()
    (copy / "stale.py").touch()
    assert host.link_pack(tmp_path) == copy
    assert not (copy / "stale.py").exists()


def existing_comfyui(folder: Path, *files: str) -> Path:
    for name in ("main.py", *files):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o755)
    return folder


@pytest.mark.parametrize("environment", ["venv", ".venv"])
def test_an_existing_comfyui_brings_its_python(tmp_path, monkeypatch, environment):
    python = host.venv_python(Path(environment))
    monkeypatch.setenv("COMFYUI", str(existing_comfyui(tmp_path, str(python))))
    monkeypatch.delenv("COMFYUI_PYTHON", raising=False)
    assert host.find_installation() == host.Installation(tmp_path, tmp_path / python)


def test_the_python_of_a_comfyui_can_be_named(tmp_path, monkeypatch):
    monkeypatch.setenv("COMFYUI", str(existing_comfyui(tmp_path, str(host.venv_python(Path("venv"))))))
    monkeypatch.setenv("COMFYUI_PYTHON", sys.executable)
    assert host.find_installation().python == Path(sys.executable)
    monkeypatch.setenv("COMFYUI_PYTHON", "no-such-python")
    with pytest.raises(host.HostProcessError, match="no-such-python"):
        host.find_installation()


def test_a_folder_without_comfyui_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("COMFYUI", str(tmp_path))
    with pytest.raises(host.HostProcessError, match=r"holds no main\.py"):
        host.find_installation()


def test_unmet_requirements_are_named(tmp_path):
    wanted = tmp_path / "requirements.txt"
    wanted.write_text("# a remark\npytest>=1  # met\npytest>=9999\nno-such-package\nabsent; python_version < '3'\n\n")
    assert setup.unmet_requirements(Path(sys.executable), [wanted]) == ["pytest>=9999", "no-such-package"]


def test_the_lock_has_all_that_is_asked_for():
    locked = {line.split("==")[0] for line in setup.LOCK.read_text().splitlines() if "==" in line}
    assert {Requirement(line).name for line in unmet.read(host.ROOT / "pyproject.toml")} <= locked


def test_the_largest_packages_are_installed_one_by_one():
    """pip keeps the archives of a call until its end, for which a disk of 12 GiB had no room."""
    lock = setup.LOCK.read_text(encoding="utf-8")
    parts = setup.in_parts(lock)
    assert sorted("".join(parts).splitlines()) == sorted(lock.splitlines())
    names = [[line.split("==")[0] for line in part.splitlines() if line[0].isalnum()] for part in parts]
    assert {"numpy", "torchvision"} <= set(names[0]) and ["torch"] in names[1:] and ["nvidia-cublas"] in names[1:]
    assert all(len(part) == 1 for part in names[1:])


def test_requirements_and_pyproject_name_the_same_packages():
    """ComfyUI's managers read one, the registry and pip the other, which asks for kornia in the extra that needs it."""
    listed = unmet.read(host.ROOT / "requirements.txt")
    (measuring,) = (line for line in listed if Requirement(line).name in OF_RESEARCH)
    extras = project.read()["project"]["optional-dependencies"]
    assert [name for name, lines in extras.items() if measuring in lines] == ["train", "dev"]
    nodes = [line for line in listed if line != measuring]
    assert nodes == unmet.read(host.ROOT / "pyproject.toml")[: len(nodes)]
    assert "torch" not in {Requirement(line).name for line in listed}


# Parts of the pack that nodes run, and what of their imports requirements.txt leaves to ComfyUI: its own modules, and
# packages of which there must be no second version.
FOLDERS = ("carry", "common", "detail", "host", "models", "overlay", "server", "trajectory", "vision")
OF_NODES = ("nodes", *(f"dragnuwa/{folder}" for folder in FOLDERS))
OF_COMFYUI = {"PIL", "aiohttp", "av", "comfy", "comfy_api", "comfy_execution", "comfy_extras", "comfyui_version",
              "folder_paths", "node_helpers", "nodes", "server", "torch", "torchvision", "utils"}  # fmt: skip
OF_RESEARCH = {"kornia"}  # which a clone measures results with; no node needs it
OPTIONAL = {"c2pa"}  # which a node needs, and says so where it is missing
IMPORTED_AS = {"opencv-python": "cv2"}


def imported(path: Path) -> set[str]:
    """The packages that a module imports, by the names under which it does."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
    return {name.split(".")[0] for name in names} - set(sys.stdlib_module_names)


def test_requirements_are_what_the_nodes_import():
    parts = [host.ROOT / part for part in OF_NODES]
    files = [file for part in parts for file in (part.rglob("*.py") if part.is_dir() else [part])]
    listed = {Requirement(line).name for line in unmet.read(host.ROOT / "requirements.txt")}
    found = set().union(*map(imported, files)) - OF_COMFYUI - OPTIONAL
    assert {IMPORTED_AS.get(name, name) for name in listed} == found | OF_RESEARCH


def test_a_failed_command_is_explained(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(progress, "LOG", tmp_path / "setup.log")
    script = "import sys; print('OSError: [Errno 28] No space left on device'); sys.exit(3)"
    with pytest.raises(progress.SetupError, match=r"(?s)copying failed with exit status 3.*The disk is full"):
        progress.follow([sys.executable, "-c", script], "copying")
    assert "No space left" in (tmp_path / "setup.log").read_text()


def test_a_python_that_is_too_old_is_refused(monkeypatch):
    monkeypatch.setattr(setup, "PYTHONS", ((3, 98), (3, 99)))
    with pytest.raises(progress.SetupError, match=r"need 3\.98 to 3\.99"):
        setup.check_python()


def test_a_port_in_use_is_named(tmp_path):
    with host.socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = host.HostProcess(sys.executable, tmp_path, tmp_path / "base", port)
        with pytest.raises(host.HostProcessError, match=f"Port {port} is in use"), server:
            pass


@pytest.mark.parametrize(
    ("codes", "expected"),
    [((0, 0), 0), ((0, 5), 0), ((5, 0), 0), ((5, 5), 5), ((0, 1), 1), ((2, 5), 2), ((0, -11), -11), ((-9, 5), -9)],
)
def test_tests_pass_only_if_every_process_has_passed(codes, expected):
    assert run_tests.outcome(list(codes)) == expected


def test_each_file_of_tests_is_in_one_group_of_the_whole_run():
    folder = host.ROOT / "tests"
    files = [path for path in folder.rglob("test_*.py") if "long" not in path.relative_to(folder).parts]
    assert len(files) > 100
    for path in files:
        file = path.relative_to(host.ROOT)
        assert sum(takes(group, file) for group in run_tests.GROUPS.values()) == 1, file


def takes(group: list[str], file: Path) -> bool:
    named = [Path(argument) for argument in group if not argument.startswith("--")]
    ignored = [Path(argument.removeprefix("--ignore=")) for argument in group if argument.startswith("--ignore=")]
    return any(file.is_relative_to(path) for path in named) and not any(file.is_relative_to(path) for path in ignored)
