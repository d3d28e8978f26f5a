"""The registry's archive has nothing that its scanner is known to report."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yara

RULES = yara.compile(str(Path(__file__).with_name("registry.yar")))

# One text for each rule that was reported to a publisher, as it stood in the file.
REPORTED = {
    "command_execution": [
        "out = subprocess.run([ffmpeg])",
        "# unlike os.system(",
        '"ffprobe -count_frames"',
        "cmd = [",
    ],
    "environment": ['os.environ.get("HOME")', 'os.environ["OCIO"]', "os.getenv('A')"],
    "network": [
        "urllib.request.urlopen(url)",
        "requests.post(url)",
        "async with aiohttp.ClientSession() as one:",
        "src.connect(ctx.destination);",
        "this.draw.bind(this)",
        "entry.send ();",
        "conn.recv(1)",
        "socket.socket()",
    ],
    "dynamic_execution": ["mx.eval(grid)", "NAME.exec(text)", "__import__('sys')", "compile(source, name, 'exec')"],
    "bytecode_and_imports": ['importlib.import_module("torch")', "sys.modules.get(name)"],
    "unpickling": ["pickle.load(file)", "yaml.load(text)"],
    "obfuscation": ["base64.b64decode(text)", "atob(text)"],
    "databases_and_credentials": ["sqlite3.connect(path)", "import cryptography", 'auth_token_comfy_org = "x"'],
    "sensitive_files": ["Path(model_path).read_bytes()", "open('/etc/passwd')"],
    "processes_and_privileges": ["kernel32.OpenProcess(1)", "import ctypes"],
    "packages_from_addresses": ["pip install git+https://a.b/c", "x @ https://a.b/c.whl", "http://user:word@a.b/"],
    "svg_with_handlers": ["new SVG; image.onerror = failed"],
    "markup_from_text": ["box.innerHTML = text"],
}
# Words of ours that look like it, and are not reported.
HARMLESS = """
from urllib.parse import quote; PATTERN = re.compile("x"); await api.fetchApi(path); made.connectSlots(a, b, c);
observer.disconnect(); the VIDEO sockets of the host; requests for pictures; text.match(NAME); model.evaluate(one)
"""


def test_nothing_is_found_in_any_file(unpacked):
    files = [path for path in unpacked.rglob("*") if path.is_file()]
    assert len(files) > 300
    found = {
        str(path.relative_to(unpacked)): [str(match.strings) for match in matches]
        for path in files
        if (matches := RULES.match(str(path)))
    }
    assert not found


@pytest.mark.parametrize("rule", [rule.identifier for rule in RULES])
def test_each_rule_finds_what_was_reported(rule):
    for text in REPORTED[rule]:
        assert rule in {match.rule for match in RULES.match(data=text)}, text


def test_the_rules_leave_other_words_alone():
    assert not RULES.match(data=HARMLESS)


def test_bandit_finds_nothing(unpacked):
    command = [sys.executable, "-m", "bandit", "--quiet", "--recursive", "--format", "json", str(unpacked)]
    report = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    assert not report["errors"]
    assert report["metrics"]["_totals"]["loc"] > 10_000
    assert [f"{one['filename']}:{one['line_number']} {one['issue_text']}" for one in report["results"]] == []


def test_what_bandit_is_told_to_pass_over_is_known(unpacked):
    """With the reason beside it; SECURITY.md tells of it."""
    passed_over = [
        (str(path.relative_to(unpacked)), line)
        for path in unpacked.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "nosec" in line
    ]
    assert {path for path, _ in passed_over} == {"dragnuwa/models/weights.py"}
    assert all(re.search(r"# nosec B\d+: \w+", line) for _, line in passed_over)


def test_no_script_is_bundled_or_minified(unpacked):
    """The registry reports bundles, of which it cannot tell the origin."""
    scripts = list((unpacked / "web").rglob("*.js"))
    assert scripts
    longest = max(len(line) for path in scripts for line in path.read_text(encoding="utf-8").splitlines())
    assert longest <= 200
