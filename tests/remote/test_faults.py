"""What keeps a remote from being read or written is told in one line, with the remedy, against a real server."""

import datetime
import json
import re
import sys
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import botocore.auth
import pytest
from click.testing import CliRunner, Result

from cubiseg.cli import main as cubiseg
from cubiseg.cli.doctor import doctor as command
from stages.remote.__main__ import main as examine
from tests.remote.s3_server import S3Server

pytestmark = [pytest.mark.s3, pytest.mark.slow]


@pytest.fixture
def asked(team: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The repository as the current folder; no answer is waited for again and again."""
    from s3fs import S3FileSystem

    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setattr(S3FileSystem, "retries", 1)
    monkeypatch.chdir(team)
    yield team
    S3FileSystem.clear_instance_cache()  # the next test has other keys and the same address


def ask(team: Path, *options: str, **config: str) -> Result:
    """Examine the remote with other settings of it."""
    file = team / ".dvc/config.local"
    lines = "".join(f"    {name} = {value}\n" for name, value in config.items())
    file.write_text(f"['remote \"team\"']\n{lines}")
    return CliRunner().invoke(examine, list(options))


def the_line(done: Result, code: int = 2) -> str:
    assert done.exit_code == code, done.output
    assert re.fullmatch(r"error: [^\n]*\n", done.stderr), done.stderr
    return done.stderr


def test_a_server_that_is_not_there(asked: Path) -> None:
    line = the_line(ask(asked, endpointurl="http://127.0.0.1:9"))
    assert "at http://127.0.0.1:9): nothing answers; start it, or correct the address" in line


def test_a_server_that_has_no_tls(asked: Path, s3: S3Server) -> None:
    line = the_line(ask(asked, endpointurl=s3.address.replace("http", "https")))
    assert "no TLS connection" in line
    assert "endpointurl http://" in line


def test_a_server_of_something_else(asked: Path, s3: S3Server) -> None:
    line = the_line(ask(asked, endpointurl=f"http://127.0.0.1:{s3.ports['master']}"))
    assert "what answers is no S3 server; correct the address" in line


def test_a_bucket_that_is_not_there(asked: Path, s3: S3Server) -> None:
    line = the_line(ask(asked, url="s3://nowhere/cubiseg"))
    assert f"there is no bucket nowhere; make it (aws s3 mb s3://nowhere --endpoint-url {s3.address})" in line


@pytest.mark.parametrize(
    ("variable", "told"),
    [
        ("AWS_ACCESS_KEY_ID", "the server knows no such access key; correct AWS_ACCESS_KEY_ID"),
        ("AWS_SECRET_ACCESS_KEY", "the server takes the secret key for wrong; correct AWS_ACCESS_KEY_ID"),
    ],
)
def test_a_wrong_key(asked: Path, monkeypatch: pytest.MonkeyPatch, variable: str, told: str) -> None:
    monkeypatch.setenv(variable, "wrong")
    assert told in the_line(ask(asked))


def test_no_key(asked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "no access key is set; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in the_line(ask(asked))


@pytest.mark.parametrize(("minutes", "told"), [(-60, "60 minutes behind"), (60, "60 minutes ahead of")])
def test_a_clock_that_is_wrong(asked: Path, monkeypatch: pytest.MonkeyPatch, minutes: int, told: str) -> None:
    right, shift = datetime.datetime, datetime.timedelta(minutes=minutes)

    class Wrong(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
            return right.now(tz) + shift

    signed = botocore.auth.get_current_datetime
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_, **__: signed() + shift)
    monkeypatch.setattr("stages.remote.faults.datetime", Wrong)
    assert f"this machine's clock is {told} the server's; set it" in the_line(ask(asked))


def test_checksums_that_the_server_refuses(asked: Path, s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing(BaseHTTPRequestHandler):
        """Hands requests on to the server, but for those with newer clients' checksums, as Backblaze B2 did."""

        protocol_version = "HTTP/1.1"  # answers `Expect: 100-continue`

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            name = next((name for name in self.headers if name.lower().startswith("x-amz-checksum")), None)
            if name and self.command == "PUT":
                message = f"Unsupported header '{name}' received for this API call."
                code, answer = 400, f"<Error><Code>InvalidArgument</Code><Message>{message}</Message></Error>".encode()
            else:
                headers = {name: value for name, value in self.headers.items() if name != "Expect"}
                request = urllib.request.Request(s3.address + self.path, body or None, headers, method=self.command)
                try:
                    with urllib.request.urlopen(request) as done:
                        code, answer = done.status, done.read()
                except urllib.error.HTTPError as error:
                    code, answer = error.code, error.read()
            self.send_response(code)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _answer

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{proxy.server_address[1]}"
        done = ask(asked, endpointurl=address)
        assert done.exit_code == 1
        assert "the server refuses the checksums that newer clients send (" in done.stderr
        assert "export AWS_REQUEST_CHECKSUM_CALCULATION=WHEN_REQUIRED" in done.stderr
        monkeypatch.setenv("AWS_REQUEST_CHECKSUM_CALCULATION", "WHEN_REQUIRED")
        assert ask(asked, endpointurl=address).stderr == ""
        proxy.shutdown()


def test_a_folder_that_is_not_there(asked: Path) -> None:
    config = asked / ".dvc/config"
    config.write_text(f"{config.read_text()}['remote \"folder\"']\n    url = ../nowhere\n")
    assert "is no folder; mount or make it, or correct it" in the_line(ask(asked, "--name", "folder"))


def test_a_setting_that_dvc_does_not_know(asked: Path) -> None:
    assert "endpoint" in (line := the_line(ask(asked, endpoint="x")))
    assert "correct .dvc/config" in line


def test_a_remote_of_another_name(asked: Path) -> None:
    assert "remote other: there is none of this name, but team" in the_line(ask(asked, "--name", "other"))


def test_a_folder_without_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "run it in a clone" in the_line(CliRunner().invoke(examine, []))


def test_faults_are_in_the_json_too(asked: Path) -> None:
    done = ask(asked, "--json", url="s3://nowhere/cubiseg")
    assert "there is no bucket nowhere" in json.loads(done.stdout)["problems"][0]


def test_without_dvc_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[command.callback.__module__], "find_spec", lambda _: None)
    line = the_line(CliRunner().invoke(cubiseg, ["doctor", "--remote"]))
    assert line == "error: --remote needs DVC; it comes with the pipeline: pip install 'cubiseg[pipeline]'\n"


def test_mending_needs_a_remote_to_mend() -> None:
    assert "--mend goes with --remote" in the_line(CliRunner().invoke(cubiseg, ["doctor", "--mend"]))
