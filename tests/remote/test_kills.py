"""The server is killed in the middle of a push and of a pull, and nothing half-written is taken for whole."""

import hashlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.remote.conftest import Run, cached, contents, falsely_named, objects_in
from tests.remote.s3_server import BUCKET, S3Server

pytestmark = [pytest.mark.s3, pytest.mark.slow]


def killed_midway(
    server: S3Server, command: str, cwd: Path, held: Callable[[], int], count: int, rng: random.Random
) -> None:
    """Run a command and kill the server after a random number of objects; it comes back at once, or when it is over."""
    dvc = Path(sys.executable).with_name("dvc")
    process = subprocess.Popen([dvc, command, "--quiet"], cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    enough = rng.randrange(1, count)
    while process.poll() is None and held() < enough:
        time.sleep(0.002)
    time.sleep(rng.random() * 0.02)
    server.kill()
    if rng.random() < 0.5:
        process.wait()
    server.start()
    process.wait()


def test_what_the_server_acknowledged_is_there_after_a_kill(s3: S3Server, prefix: str) -> None:
    rng = random.Random(0)
    contents = {hashlib.md5(data).hexdigest(): data for data in (rng.randbytes(20_000) for _ in range(900))}
    client, acknowledged = s3.client(), set()

    def put(oid: str) -> None:
        with suppress(BotoCoreError, ClientError):
            client.put_object(Bucket=BUCKET, Key=f"{prefix}/files/md5/{oid[:2]}/{oid[2:]}", Body=contents[oid])
            acknowledged.add(oid)

    with ThreadPoolExecutor(16) as pool:
        pool.map(put, contents)
        limit = time.monotonic() + 60
        while len(acknowledged) < 60 and time.monotonic() < limit:
            time.sleep(0.002)
        s3.kill()
    s3.start()
    held = s3.objects(prefix)
    assert 60 <= len(acknowledged) < len(contents)
    assert acknowledged <= held.keys()
    assert falsely_named(held) == []


@pytest.mark.parametrize("seed", range(int(os.environ.get("CUBISEG_TEST_KILLS", "4"))))
def test_a_server_that_is_killed_loses_nothing_once_pushed_and_pulled_again(
    team: Path, s3: S3Server, prefix: str, run: Run, fresh: Callable[[Path], Path], seed: int
) -> None:
    rng = random.Random(seed)
    whole = cached(team)
    killed_midway(s3, "push", team, lambda: s3.count(prefix), len(whole), rng)
    assert falsely_named(s3.objects(prefix)) == []
    run("dvc", "push", "--quiet", cwd=team)
    run("cubiseg", "doctor", "--remote", "--mend", cwd=team)
    # By name: this server may hold what it does not list (seaweedfs/seaweedfs, pull request 10799).
    assert s3.given(prefix, whole) == whole

    colleague = fresh(team)
    killed_midway(s3, "pull", colleague, lambda: len(objects_in(colleague / ".dvc/cache")), len(whole), rng)
    assert falsely_named(cached(colleague)) == []
    run("dvc", "pull", "--quiet", cwd=colleague)
    assert cached(colleague) == whole
    assert contents(colleague) == contents(team)
