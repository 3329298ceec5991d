"""The README's commands bring a team's data through a real server, whatever fails on the way."""

import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.remote.conftest import Run, cached, contents, falsely_named, objects_in
from tests.remote.s3_server import BUCKET, S3Server

pytestmark = [pytest.mark.s3, pytest.mark.slow]

Fresh = Callable[[Path], Path]


def commands(page: str, marker: str) -> list[str]:
    """The lines of the code block in which a command stands."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return next(block for block in blocks if marker in block).splitlines()


def test_the_commands_of_the_readme_share_data_through_s3_and_no_truncated_object_is_taken_for_whole(
    repo: Path, s3: S3Server, prefix: str, run: Run, fresh: Fresh
) -> None:
    add, *push = commands("README.md", "dvc remote add --default team")
    assert push[0].startswith("dvc remote modify team verify true")
    (address,) = commands("docs/pipeline.md", "endpointurl")
    ours = {"YOUR-BUCKET/cubiseg": f"{BUCKET}/{prefix}", "http://127.0.0.1:9000": s3.address}

    def shell(line: str, cwd: Path) -> None:
        for theirs, value in ours.items():
            line = line.replace(theirs, value)
        run("bash", "-ec", line, cwd=cwd)

    for line in (add, address, *push):
        shell(line, repo)
    assert s3.objects(prefix) == cached(repo)
    colleague = fresh(repo)
    shell(address, colleague)
    shell("dvc pull", colleague)
    assert contents(colleague) == contents(repo)
    assert "up to date" in run("dvc", "status", cwd=colleague).stdout

    whole = (repo / "model.bin").read_bytes()
    digest = hashlib.md5(whole).hexdigest()
    cut = {"Bucket": BUCKET, "Key": f"{prefix}/files/md5/{digest[:2]}/{digest[2:]}", "Body": whole[:-1]}
    s3.client().put_object(**cut)
    (colleague / "model.bin").unlink()
    shutil.rmtree(colleague / ".dvc/cache")
    assert run("dvc", "pull", "model.bin", cwd=colleague, check=False).returncode != 0
    assert not (colleague / "model.bin").exists()


def test_a_wrong_key_sends_nothing_and_the_right_one_goes_on(
    team: Path, s3: S3Server, prefix: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as wrong:
        wrong.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
        assert run("dvc", "push", "--quiet", cwd=team, check=False).returncode != 0
    assert s3.objects(prefix) == {}
    run("dvc", "push", "--quiet", cwd=team)
    assert s3.objects(prefix) == cached(team)


class SmallDisk:
    """A file system in memory, of a few megabytes."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        folder.mkdir()
        self._mount(f"size={megabytes}m")

    def grow(self, megabytes: int) -> None:
        """Make room."""
        self._mount(f"remount,size={megabytes}m")

    def _mount(self, options: str) -> None:
        call = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.folder)]
        try:
            done = subprocess.run(call, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            pytest.skip("a small disk needs the program mount")
        if done.returncode:
            pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str, int], SmallDisk]]:
    """Makes a small disk in the test's folder, by name and megabytes."""
    disks: list[Path] = []

    def made(name: str, megabytes: int) -> SmallDisk:
        disks.append(tmp_path / name)
        return SmallDisk(disks[-1], megabytes)

    yield made
    for folder in disks:
        subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=False)


def test_a_full_disk_at_the_server_is_told_and_loses_nothing(
    team: Path, prefix: str, run: Run, fresh: Fresh, small_disk: Callable[[str, int], SmallDisk]
) -> None:
    disk = small_disk("disk", 3)
    server = S3Server(disk.folder)
    server.start()
    try:
        config = team / ".dvc/config"
        config.write_text(re.sub(r"endpointurl = .*", f"endpointurl = {server.address}", config.read_text()))
        run("git", "commit", "--quiet", "--all", "--message", "another server", cwd=team)
        server.client().put_object(Bucket=BUCKET, Key="other", Body=bytes(1_200_000))
        assert run("dvc", "push", "--quiet", cwd=team, check=False).returncode != 0
        assert falsely_named(server.objects(prefix)) == []
        found = run("cubiseg", "doctor", "--remote", cwd=team, check=False)
        assert found.returncode == 1
        assert re.search(r"^error: remote team .*: the server fails .* whether its disk is full", found.stderr, re.M)

        disk.grow(30)
        run("dvc", "push", "--quiet", cwd=team)
        run("cubiseg", "doctor", "--remote", "--mend", cwd=team)
        colleague = fresh(team)
        run("dvc", "pull", "--quiet", cwd=colleague)
        assert contents(colleague) == contents(team)
    finally:
        server.kill()


def test_a_full_disk_at_the_client_leaves_no_false_object_and_the_pull_goes_on(
    team: Path, run: Run, fresh: Fresh, small_disk: Callable[[str, int], SmallDisk]
) -> None:
    run("dvc", "push", "--quiet", cwd=team)
    colleague = fresh(team)
    disk = small_disk("cache", 1)
    run("dvc", "cache", "dir", "--local", str(disk.folder), cwd=colleague)
    told = run("cubiseg", "doctor", "--remote", cwd=colleague, check=False)
    assert told.returncode == 1
    assert re.search(r"^error: a pull needs .* MB .* has .* MB left; make room", told.stderr, re.M)
    assert run("dvc", "pull", "--quiet", cwd=colleague, check=False).returncode != 0
    assert falsely_named({oid: file.read_bytes() for oid, file in objects_in(disk.folder).items()}) == []

    disk.grow(10)
    run("dvc", "pull", "--quiet", cwd=colleague)
    assert contents(colleague) == contents(team)
    shutil.rmtree(colleague)
