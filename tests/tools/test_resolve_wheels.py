import zipfile
from pathlib import Path

import pytest

from tools.resolve_wheels import PLATFORMS, missing


def write_wheel(folder: Path, name: str, tags: str, *requires: str) -> None:
    about = f"{name}-1.0.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0", *(f"Requires-Dist: {r}" for r in requires)]
    with zipfile.ZipFile(folder / f"{name}-1.0-{tags}.whl", "w") as wheel:
        wheel.writestr(f"{about}/METADATA", "\n".join(lines))
        wheel.writestr(f"{about}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tags}\n")
        wheel.writestr(f"{about}/RECORD", "")


def test_a_package_without_a_wheel_is_named_where_it_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    write_wheel(tmp_path, "everywhere", "py3-none-any", 'console; sys_platform == "win32"')
    write_wheel(tmp_path, "console", "cp310-cp310-win_amd64")
    write_wheel(tmp_path, "compiled", "cp310-abi3-manylinux_2_28_x86_64")
    windows, linux = PLATFORMS["Windows x86-64"], PLATFORMS["Linux x86-64"]
    assert missing(["everywhere>=1"], "3.10", windows) == []
    assert missing(["everywhere>=1"], "3.14", windows) == ["console"], "a marker counts as it does there, not here"
    assert missing(["everywhere>=1", "compiled>=1"], "3.14", linux) == []
    assert missing(["everywhere>=1", "compiled>=1"], "3.10", windows) == ["compiled"]
    assert missing(["compiled>=1"], "3.13", PLATFORMS["Linux arm64"]) == ["compiled"]
