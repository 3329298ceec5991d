"""A server, and a small repository whose data go through it."""

import hashlib
import os
import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.remote.s3_server import BUCKET, TEAM, S3Server

Run = Callable[..., subprocess.CompletedProcess[str]]
GIT = ("git", "-c", "user.name=test", "-c", "user.email=test@example.org")
DATA = ("data/prepared", "data/v1", "model.bin")

PIPELINE = """\
stages:
  prepare:
    cmd: python make.py
    deps: [make.py]
    outs: [data/prepared, data/v1]
"""
# As in the real pipeline, the data set holds files of the folder that it is made from.
MAKE = """\
import random
from pathlib import Path

rng = random.Random(24)
for name in ("prepared", "v1"):
    Path("data", name).mkdir(parents=True)
for number in range(20):
    content = rng.randbytes(rng.randrange(1, 150_000))
    for name in ("prepared", "v1") if number % 2 else ("prepared",):
        Path("data", name, f"{number:02}.webp").write_bytes(content)
for number in range(5):
    Path("data/v1", f"label-{number}.png").write_bytes(rng.randbytes(rng.randrange(1, 50_000)))
"""


@pytest.fixture(scope="session")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    server = S3Server(tmp_path_factory.mktemp("s3"))
    yield server
    server.kill()
    shutil.rmtree(server.folder)


@pytest.fixture
def s3(_server: S3Server, settings: None) -> S3Server:
    """A server that is up; a test may kill it."""
    if not _server.is_up:
        _server.start()
    return _server


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The team's keys and nothing else that the machine may know of S3, DVC or git."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    empty = tmp_path / "empty"
    empty.write_text("")
    for name, value in {
        "AWS_ACCESS_KEY_ID": TEAM[0],
        "AWS_SECRET_ACCESS_KEY": TEAM[1],
        "AWS_CONFIG_FILE": str(empty),
        "AWS_SHARED_CREDENTIALS_FILE": str(empty),
        "AWS_EC2_METADATA_DISABLED": "true",
        "DVC_SITE_CACHE_DIR": str(tmp_path / "site"),
        "GIT_AUTHOR_NAME": "test",
        "GIT_AUTHOR_EMAIL": "test@example.org",
        "GIT_COMMITTER_NAME": "test",
        "GIT_COMMITTER_EMAIL": "test@example.org",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def _built(tmp_path_factory: pytest.TempPathFactory, run: Run) -> Path:
    """A repository with a stage that was run, an added file, and everything in the cache."""
    repo = tmp_path_factory.mktemp("built") / "repo"
    repo.mkdir()
    run("git", "init", "--quiet", cwd=repo)
    run("dvc", "init", "--quiet", cwd=repo)
    (repo / "dvc.yaml").write_text(PIPELINE)
    (repo / "make.py").write_text(MAKE)
    (repo / "model.bin").write_bytes(random.Random(1).randbytes(400_000))
    run("dvc", "add", "--quiet", "model.bin", cwd=repo)
    run("dvc", "repro", "--quiet", cwd=repo)
    run("git", "add", "--all", cwd=repo)
    run(*GIT, "commit", "--quiet", "--message", "built", cwd=repo)
    return repo


@pytest.fixture
def repo(_built: Path, tmp_path: Path, settings: None) -> Path:
    """A copy of that repository."""
    return Path(shutil.copytree(_built, tmp_path / "repo", symlinks=True))


@pytest.fixture
def prefix(tmp_path: Path) -> str:
    """Where in the bucket this test's objects are."""
    return hashlib.sha256(str(tmp_path).encode()).hexdigest()[:12]


@pytest.fixture
def team(repo: Path, s3: S3Server, prefix: str, run: Run) -> Path:
    """The repository with a remote on the server, to which nothing was pushed."""
    config = f"[core]\n    remote = team\n['remote \"team\"']\n    url = s3://{BUCKET}/{prefix}\n"
    (repo / ".dvc/config").write_text(f"{config}    endpointurl = {s3.address}\n    verify = true\n")
    run(*GIT, "commit", "--quiet", "--all", "--message", "remote", cwd=repo)
    return repo


@pytest.fixture
def fresh(tmp_path: Path, run: Run) -> Callable[[Path], Path]:
    """Makes a fresh clone of a repository, as a colleague gets it."""

    def cloned(repo: Path) -> Path:
        target = tmp_path / "fresh"
        run("git", "clone", "--quiet", str(repo), str(target), cwd=tmp_path)
        return target

    return cloned


def contents(repo: Path) -> dict[str, bytes]:
    """What DVC's outs hold, by path."""
    files = [p for out in DATA for p in [repo / out, *(repo / out).rglob("*")] if p.is_file()]
    return {p.relative_to(repo).as_posix(): p.read_bytes() for p in files}


def objects_in(folder: Path) -> dict[str, Path]:
    """Files of a cache or of a remote that is a folder, by the names of objects; those in the making have others."""
    files = folder.glob("files/md5/[0-9a-f][0-9a-f]/*")
    return {p.parent.name + p.name: p for p in files if re.fullmatch(r"[0-9a-f]{30}(\.dir)?", p.name)}


def cached(repo: Path) -> dict[str, bytes]:
    """Objects of the cache, by name."""
    return {oid: file.read_bytes() for oid, file in objects_in(repo / ".dvc/cache").items()}


def falsely_named(objects: dict[str, bytes]) -> list[str]:
    """Objects whose content does not have the MD5 that is their name."""
    return [oid for oid, data in objects.items() if hashlib.md5(data).hexdigest() != oid.removesuffix(".dir")]
