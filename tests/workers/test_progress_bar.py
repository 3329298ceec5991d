"""Progress is shown, and results pass."""

import pytest

from cubiseg.workers import PLAIN_SECONDS, progress


def test_a_log_gets_a_plain_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = iter(range(0, 1000, int(PLAIN_SECONDS) // 2))
    monkeypatch.setattr("cubiseg.workers.progress_bar.time.monotonic", lambda: next(clock))
    with caplog.at_level("INFO", "cubiseg"):
        assert list(progress(range(6), 6, "counting")) == list(range(6))
    assert caplog.messages == ["counting: 2 of 6, 20 s left", "counting: 4 of 6, 10 s left"]
