"""A server of the S3 protocol on the loopback that keeps what it is given on disk, and can be killed: SeaweedFS."""

import json
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

TEAM, READER, OWNER = ("team-key", "team-secret"), ("reader-key", "reader-secret"), ("owner-key", "owner-secret")
"""Access and secret keys: of who reads and writes, of who reads alone, and of who may do everything."""
BUCKET = "cubiseg-team"
_MAY = {TEAM: ["Read", "Write", "List", "Tagging"], READER: ["Read", "List"], OWNER: ["Admin"]}
_ROLES = ("s3", "master", "volume", "filer", "admin")
_GRPC = 10_000
"""What each role adds to its port for its second one."""


@dataclass
class S3Server:
    """One server with a folder of its own.

    Attributes:
        folder: what it keeps, its config and its log.
        ports: port of each role; each takes port + 10000 too. Kept over a restart, as clients name them.
    """

    folder: Path
    ports: dict[str, int] = field(default_factory=dict)
    _process: subprocess.Popen | None = None

    @property
    def address(self) -> str:
        """Of the S3 protocol."""
        return f"http://127.0.0.1:{self.ports['s3']}"

    @property
    def log(self) -> str:
        """What the server said."""
        return (self.folder / "log").read_text(errors="replace")

    def client(self, keys: tuple[str, str] = OWNER, attempts: int = 1):
        """A client of its S3 protocol that asks so many times."""
        retries = {"total_max_attempts": attempts, "mode": "standard"}
        config = Config(retries=retries, connect_timeout=2, read_timeout=5)
        named = dict(zip(("aws_access_key_id", "aws_secret_access_key"), keys, strict=True))
        return get_session().create_client(
            "s3", endpoint_url=self.address, config=config, region_name="us-east-1", **named
        )

    def count(self, prefix: str) -> int:
        """How many objects are below a prefix; 0 while it does not answer."""
        try:
            return self._watching.list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix}/files/md5/")["KeyCount"]
        except (BotoCoreError, ClientError):
            return 0

    @cached_property
    def _watching(self):
        return self.client()

    def objects(self, prefix: str) -> dict[str, bytes]:
        """What is below a prefix, by the names that DVC gives objects; few and small ones."""
        client = self.client(attempts=8)  # for some seconds after a start, it does not find all that it has
        listed = client.list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix}/files/md5/").get("Contents", [])
        keys = [entry["Key"] for entry in listed]
        return {"".join(k.split("/")[-2:]): client.get_object(Bucket=BUCKET, Key=k)["Body"].read() for k in keys}

    def given(self, prefix: str, oids: Iterable[str]) -> dict[str, bytes]:
        """What it gives of objects that are asked for by name, listed or not."""
        client, found = self.client(attempts=8), {}
        for oid in oids:
            with suppress(client.exceptions.NoSuchKey):
                key = f"{prefix}/files/md5/{oid[:2]}/{oid[2:]}"
                found[oid] = client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return found

    def start(self) -> None:
        """Start it and wait until the bucket answers; the first time, on ports that are free."""
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        identities = [
            {"name": key, "credentials": [{"accessKey": key, "secretKey": secret}], "actions": actions}
            for (key, secret), actions in _MAY.items()
        ]
        (self.folder / "s3.json").write_text(json.dumps({"identities": identities}))
        fixed = bool(self.ports)
        for _ in range(1 if fixed else 5):
            if not fixed:
                self.ports = dict(zip(_ROLES, _free_ports(len(_ROLES)), strict=True))
            if self._started():
                return
        raise RuntimeError(f"no S3 server came up:\n{self.log[-3000:]}")

    def _started(self) -> bool:
        weed = Path(sys.executable).with_name("weed")
        flags = [f"-{role}.port={port}" for role, port in self.ports.items()]
        command = [
            *(weed, "-logtostderr=true", "mini", f"-dir={self.folder / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"),
            *("-master.telemetry=false", f"-s3.config={self.folder / 's3.json'}", f"-bucket={BUCKET}"),
            *("-s3.port.iceberg=0", "-s3.port.lance=0", "-webdav=false", "-admin.ui=false", *flags),
        ]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        client = self.client()
        limit = time.monotonic() + 60
        while self._process.poll() is None and time.monotonic() < limit:
            try:
                client.head_bucket(Bucket=BUCKET)
                client.put_object(Bucket=BUCKET, Key="ready", Body=b"ready")  # a volume takes writes
                # Volumes are found some seconds after a start: until then what is there gives InternalError.
                for entry in client.list_objects_v2(Bucket=BUCKET)["Contents"]:
                    client.head_object(Bucket=BUCKET, Key=entry["Key"])
                    client.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].close()
            except (BotoCoreError, ClientError):
                time.sleep(0.1)
            else:
                return True
        self.kill()
        return False

    @property
    def is_up(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """End it as a power cut does: nothing is told, nothing written out."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        for role, port in self.ports.items():  # what it leaves outside its folder
            for name in (f"seaweedfs-{role}-{port}.sock", f"seaweedfs-{role}-grpc-{port + _GRPC}.sock"):
                Path("/tmp", name).unlink(missing_ok=True)


def _free_ports(count: int) -> list[int]:
    """Ports of the loopback that are free, and the one 10000 above each."""
    found: list[int] = []
    while len(found) < count:
        port = random.SystemRandom().randrange(12_000, 22_000)  # below what systems hand out, also 10000 above
        if port not in found and _is_free(port) and _is_free(port + _GRPC):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
