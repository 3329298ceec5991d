"""``cubiseg doctor --remote`` finds what a remote lacks, whatever DVC takes to be there, and mends it."""

import json
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from stages.remote.objects import examine
from tests.remote.conftest import Run, cached, contents, falsely_named, objects_in
from tests.remote.s3_server import BUCKET, READER, S3Server

pytestmark = [pytest.mark.s3, pytest.mark.slow]

Fresh = Callable[[Path], Path]


def key(prefix: str, oid: str) -> str:
    return f"{prefix}/files/md5/{oid[:2]}/{oid[2:]}"


def oid_of(repo: Path, path: str) -> str:
    """Name of a file's object."""
    data = (repo / path).read_bytes()
    return next(oid for oid, held in cached(repo).items() if held == data)


def test_a_lost_and_a_truncated_object_are_named_and_the_printed_command_mends_them(
    team: Path, s3: S3Server, prefix: str, run: Run, fresh: Fresh
) -> None:
    run("dvc", "push", "--quiet", cwd=team)
    assert run("cubiseg", "doctor", "--remote", cwd=team).returncode == 0
    lost, cut = oid_of(team, "data/prepared/03.webp"), oid_of(team, "data/v1/label-2.png")
    client = s3.client()
    client.delete_object(Bucket=BUCKET, Key=key(prefix, lost))
    client.put_object(Bucket=BUCKET, Key=key(prefix, cut), Body=s3.objects(prefix)[cut][:-100])

    assert "up to date" in run("dvc", "push", cwd=team).stdout
    found = run("cubiseg", "doctor", "--remote", "team", cwd=team, check=False)
    assert found.returncode == 1
    assert f"missing  {lost}  data/prepared/03.webp and 1 more" in found.stdout
    assert f"damaged  {cut}  data/v1/label-2.png" in found.stdout
    assert "1 missing, 1 damaged" in found.stdout

    command = re.search(r"copy them: (.*)", found.stdout)
    assert command is not None
    assert "2 copied" in run(*shlex.split(command[1]), cwd=team).stdout
    assert s3.objects(prefix) == cached(team)
    colleague = fresh(team)
    run("dvc", "pull", "--quiet", cwd=colleague)
    assert contents(colleague) == contents(team)


def test_what_a_server_holds_and_does_not_list_is_asked_for_by_name(
    team: Path, s3: S3Server, prefix: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dvc.repo import Repo

    run("dvc", "push", "--quiet", cwd=team)
    unlisted, lost = oid_of(team, "data/prepared/03.webp"), oid_of(team, "data/v1/label-2.png")
    s3.client().delete_object(Bucket=BUCKET, Key=key(prefix, lost))
    repo = Repo(str(team))
    remote = repo.cloud.get_remote("team")
    system = remote.odb.fs.fs
    found = system.find
    monkeypatch.setattr(
        system, "find", lambda *a, **k: {p: i for p, i in found(*a, **k).items() if not p.endswith(unlisted[2:])}
    )
    findings = examine(repo, remote)
    assert [fault.named.oid for fault in findings.faults] == [lost]
    assert findings.objects == len(cached(team))


def test_without_a_cache_a_truncated_object_is_told_by_the_folder_s_size_and_its_content(
    team: Path, s3: S3Server, prefix: str, run: Run, fresh: Fresh
) -> None:
    run("dvc", "push", "--quiet", cwd=team)
    cut, single = oid_of(team, "data/v1/label-2.png"), oid_of(team, "model.bin")
    for oid in (cut, single):
        s3.client().put_object(Bucket=BUCKET, Key=key(prefix, oid), Body=s3.objects(prefix)[oid][:-1])
    colleague = fresh(team)
    found = run("cubiseg", "doctor", "--remote", "--json", cwd=colleague, check=False)
    facts = json.loads(found.stdout)
    assert found.returncode == 1
    assert {fault["named"]["oid"]: fault["kind"] for fault in facts["faults"]} == {cut: "damaged", single: "damaged"}
    assert not any(fault["is_here"] for fault in facts["faults"])
    assert facts["untold"] == facts["problems"] == []


def test_folders_whose_list_is_lost_are_named(team: Path, s3: S3Server, prefix: str, run: Run, fresh: Fresh) -> None:
    run("dvc", "push", "--quiet", cwd=team)
    lists = [oid for oid in cached(team) if oid.endswith(".dir")]
    for oid in lists:
        s3.client().delete_object(Bucket=BUCKET, Key=key(prefix, oid))
    facts = json.loads(run("cubiseg", "doctor", "--remote", "--json", cwd=fresh(team), check=False).stdout)
    assert facts["untold"] == ["data/prepared", "data/v1"]
    assert sorted(fault["named"]["oid"] for fault in facts["faults"]) == sorted(lists)
    run("cubiseg", "doctor", "--remote", "--mend", cwd=team)
    assert s3.objects(prefix) == cached(team)


def test_what_a_push_left_out_for_good_is_found_and_mended(
    team: Path, s3: S3Server, prefix: str, run: Run, fresh: Fresh
) -> None:
    """DVC counts a file that two folders share for the first one alone; if that fails, the second's list still goes."""
    shared = oid_of(team, "data/prepared/03.webp")
    assert shared == oid_of(team, "data/v1/03.webp")
    resource = f"arn:aws:s3:::{BUCKET}/{key(prefix, shared)}"
    deny = {"Sid": "no", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": resource}
    s3.client().put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    try:
        assert run("dvc", "push", cwd=team, check=False).returncode != 0
    finally:
        s3.client().delete_bucket_policy(Bucket=BUCKET)
    assert "1 file pushed" in run("dvc", "push", cwd=team).stdout
    assert "up to date" in run("dvc", "push", cwd=team).stdout
    shutil.rmtree(team.parent / "site")  # DVC's index of the remote, which is not to blame
    assert "up to date" in run("dvc", "push", cwd=team).stdout
    colleague = fresh(team)
    assert "NoSuchKey" in run("dvc", "pull", cwd=colleague, check=False).stderr

    assert shared in run("cubiseg", "doctor", "--remote", cwd=team, check=False).stdout
    run("cubiseg", "doctor", "--remote", "--mend", cwd=team)
    run("dvc", "pull", "--quiet", cwd=colleague)
    assert contents(colleague) == contents(team)


def test_a_remote_that_is_a_folder_is_examined_and_mended_too(repo: Path, tmp_path: Path, run: Run) -> None:
    shipped = tmp_path / "shipped"
    run("dvc", "remote", "add", "--quiet", "--default", "shipped", str(shipped), cwd=repo)
    run("dvc", "push", "--quiet", cwd=repo)
    lost, cut = (shipped / "files/md5" / oid[:2] / oid[2:] for oid in sorted(cached(repo))[3:5])
    lost.unlink()
    cut.chmod(0o644)
    cut.write_bytes(cut.read_bytes()[:-1])
    found = run("cubiseg", "doctor", "--remote", cwd=repo, check=False)
    assert found.returncode == 1
    assert "1 missing, 1 damaged" in found.stdout
    run("cubiseg", "doctor", "--remote", "--mend", cwd=repo)
    assert {oid: file.read_bytes() for oid, file in objects_in(shipped).items()} == cached(repo)


def test_a_damaged_cache_is_not_copied_over_a_good_remote(team: Path, s3: S3Server, prefix: str, run: Run) -> None:
    run("dvc", "push", "--quiet", cwd=team)
    bad, lost = oid_of(team, "data/v1/label-2.png"), oid_of(team, "data/v1/label-3.png")
    for oid in (bad, lost):
        file = team / ".dvc/cache/files/md5" / oid[:2] / oid[2:]
        file.chmod(0o644)
        file.write_bytes(b"other")
    s3.client().delete_object(Bucket=BUCKET, Key=key(prefix, lost))
    found = run("cubiseg", "doctor", "--remote", "--mend", cwd=team, check=False)
    assert found.returncode == 1
    assert "1 missing, 0 damaged" in found.stdout
    assert "--mend" not in found.stdout
    assert falsely_named(s3.objects(prefix)) == []


def test_who_may_only_read_is_told_so_and_nothing_is_wrong(
    team: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("dvc", "push", "--quiet", cwd=team)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", READER[0])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", READER[1])
    found = run("cubiseg", "doctor", "--remote", cwd=team)
    assert found.returncode == 0
    assert re.fullmatch(r"warning: remote team \(.*\): the key is right and may not do this; have .*\n", found.stderr)
