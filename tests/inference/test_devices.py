"""Networks run on the device that is asked for, or on the quickest that starts; accelerators are simulated."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from click.testing import CliRunner

from cubiseg import settings
from cubiseg.cli import main
from cubiseg.errors import CubisegError
from cubiseg.inference import devices, onnx_session
from cubiseg.inference.onnx_session import open_session, session_of
from tests.conftest import ROOT
from tests.inference.palette import write_model

CPU, CUDA, DIRECTML = "CPUExecutionProvider", "CUDAExecutionProvider", "DmlExecutionProvider"


@pytest.fixture(autouse=True)
def nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage that ran in this process has chosen the processor."""
    monkeypatch.delenv(settings.DEVICE.name, raising=False)


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    return write_model(tmp_path / "m.onnx").read_bytes()


@pytest.fixture
def with_devices(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[list[str]]]:
    """Lets onnxruntime have more devices, of which some do not start; gives what was asked for, session by session."""

    def install(*providers: str, broken: tuple[str, ...] = (), silent: tuple[str, ...] = ()) -> list[list[str]]:
        real, asked = onnxruntime.InferenceSession, []

        class Session:
            def __init__(self, model: bytes, options: Any, *, providers: list[str], enable_fallback: int) -> None:
                asked.append(providers)
                if providers[0] in broken:
                    raise RuntimeError("no such card")
                self._inner = real(model, options, providers=[CPU], enable_fallback=enable_fallback)
                self._providers = [p for p in providers if p not in silent]

            def get_providers(self) -> list[str]:
                return self._providers

            def __getattr__(self, name: str) -> Any:
                return getattr(self._inner, name)

        monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [*providers, CPU])
        monkeypatch.setattr(onnxruntime, "InferenceSession", Session)
        onnx_session._tell.cache_clear()
        return asked

    return install


def test_what_can_be_asked_for_is_what_onnxruntime_has_a_name_for() -> None:
    assert set(settings.DEVICES) == {"auto", *devices.PROVIDERS}


def test_the_quickest_device_that_is_there_is_taken(content: bytes, with_devices: Callable[..., Any]) -> None:
    asked = with_devices(DIRECTML, CUDA)
    assert session_of(content).get_providers()[0] == CUDA
    assert asked == [[CUDA, CPU]]


@pytest.mark.parametrize("fault", ["broken", "silent"])
def test_one_that_does_not_start_is_passed_over_and_told_once(
    content: bytes, with_devices: Callable[..., Any], fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    with_devices(CUDA, **{fault: (CUDA,)})
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            session = session_of(content)
    assert session.get_providers() == [CPU]
    assert session.run(None, {"image": np.zeros((1, 3, 64, 64), np.float32)})[0].shape[0] == 1
    assert len(caplog.messages) == 1 and caplog.messages[0].startswith("device cuda: does not start")


def test_one_that_was_asked_for_and_does_not_start_is_an_error(
    content: bytes, with_devices: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with_devices(CUDA, broken=(CUDA,))
    monkeypatch.setenv(settings.DEVICE.name, "cuda")
    with pytest.raises(CubisegError, match=r"^device cuda: does not start \(no such card\); choose another$"):
        session_of(content)


def test_a_broken_file_is_blamed_and_no_device(
    tmp_path: Path, with_devices: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    with_devices(CUDA)
    (tmp_path / "m.onnx").write_bytes(b"no network")
    with pytest.raises(CubisegError, match=r"m\.onnx: is no usable network"):
        open_session(tmp_path / "m.onnx", "fetch it again")
    assert not caplog.messages


def test_a_device_that_is_not_here_is_one_line_with_what_to_install(tmp_path: Path) -> None:
    model = write_model(tmp_path / "m.onnx")
    done = CliRunner().invoke(
        main,
        [
            "predict",
            str(ROOT / "docs/img/layers.webp"),
            "-o",
            str(tmp_path / "out"),
            "--model",
            str(model),
            "--device",
            "cuda",
        ],
    )
    assert done.exit_code == 2 and done.stderr.count("\n") == 1
    assert "device cuda: onnxruntime here has cpu; pip install onnxruntime-gpu" in done.stderr
    assert settings.DEVICE.read() == "auto", "the option holds for its command alone"


def test_stages_run_on_the_processor_whatever_is_there(
    content: bytes, with_devices: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    import click

    from cubiseg.params import Params
    from stages import common

    with_devices(CUDA)
    ran: list[str] = []

    def recipe(params: Params) -> dict[str, Any]:
        ran.extend(session_of(content).get_providers())
        return {}

    monkeypatch.setattr(common, "load_params", lambda *_: None)
    command = common.stage("x", Params)(recipe)
    assert isinstance(command, click.Command)
    with CliRunner().isolated_filesystem():
        done = CliRunner().invoke(command, ["--metrics", "m.json"], env={settings.DEVICE.name: None})
    assert done.exit_code == 0 and ran == [CPU]
