"""What keeps a remote from being read or written, in one line with a remedy."""

import errno
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from cubiseg.errors import CubisegError, brief

PROBE_BYTES = 1 << 20
"""Bytes that are written to see whether it can be: a server whose disk is full may still take a few bytes."""
CHECKSUMS = "AWS_REQUEST_CHECKSUM_CALCULATION"
_DENIED = ("AccessDenied", "AllAccessDisabled", "403")
_BARRED = (errno.EACCES, errno.EPERM, errno.EROFS)


def told(error: BaseException, repo: Any, name: str) -> str:
    """What a remote's error means, where, and what to do.

    Args:
        error: what DVC or the remote's file system raised.
        repo: ``dvc.repo.Repo`` of the clone.
        name: of the remote.
    """
    config = repo.config["remote"][name]
    url, bucket = config["url"], config["url"].removeprefix("s3://").partition("/")[0]
    at = endpoint(config)
    modify = f"dvc remote modify --local {name}"
    where = f"remote {name} ({url}{f' at {at}' if at else ''})"
    for cause in _causes(error):
        match _code(cause):
            case "NoSuchBucket":
                make = f"aws s3 mb s3://{bucket}" + (f" --endpoint-url {at}" if at else "")
                return (
                    f"{where}: there is no bucket {bucket}; make it ({make}), or correct the name: {modify} url s3://…"
                )
            case "InvalidAccessKeyId" | "SignatureDoesNotMatch" as code:
                wrong = "knows no such access key" if code == "InvalidAccessKeyId" else "takes the secret key for wrong"
                return f"{where}: the server {wrong}; correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or ~/.aws"
            case "ExpiredToken" | "InvalidToken" | "TokenRefreshRequired":
                return f"{where}: the session token has run out; log in again, or renew AWS_SESSION_TOKEN"
            case "NoCredentialsError" | "PartialCredentialsError" | "ProfileNotFound":
                return f"{where}: no access key is set; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or ~/.aws"
            case "RequestTimeTooSkewed":
                return f"{where}: this machine's clock is {_skew(cause)}; set it (timedatectl set-ntp true)"
            case "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException":
                return f"{where}: the bucket is in another region; name it: {modify} region …"
            case code if code in _DENIED:
                asked = "s3:ListBucket, s3:GetObject, and s3:PutObject and s3:DeleteObject to push"
                return f"{where}: the key is right and may not do this; have its owner allow {asked}"
            case "EndpointConnectionError" | "ConnectTimeoutError" | "ConnectionRefusedError" | "gaierror":
                start = (
                    f"start it, or correct the address: {modify} endpointurl http://…" if at else "check the network"
                )
                return f"{where}: nothing answers; {start}"
            case "SSLError":
                reason = (
                    f"{modify} endpointurl http://… if it has none, {modify} ssl_verify CA.pem for a CA of your own"
                )
                return f"{where}: no TLS connection ({brief(_last(cause), 80)}); {reason}"
            case "404" | "405" | "ResponseParserError":
                return f"{where}: what answers is no S3 server; correct the address: {modify} endpointurl http://…"
            case "InternalError" | "ServiceUnavailable" | "SlowDown" | "InsufficientStorage" | "500" | "503" | "507":
                return f"{where}: the server fails ({brief(cause, 100)}); look whether its disk is full, and at its log"
            case "RemoteMissingDepsError":
                return f"{where}: pip install 'dvc[{url.partition('://')[0]}]'"
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
            return f"{where}: its disk is full; make room there (`dvc gc --cloud` removes what no commit names)"
        if isinstance(cause, OSError) and cause.errno in _BARRED:
            return f"{where}: may not be written or read ({cause.strerror}); check the permissions of {cause.filename}"
    return f"{where}: {brief(error, 200)}; `dvc status --cloud --verbose` shows the whole error"


def endpoint(config: dict[str, Any]) -> str | None:
    """Address of a server that is not Amazon's; None where none is named, and for remotes that are not S3."""
    if not config["url"].startswith("s3://"):
        return None
    named = (config.get("endpointurl"), os.environ.get("AWS_ENDPOINT_URL_S3"), os.environ.get("AWS_ENDPOINT_URL"))
    return next(filter(None, named), None)


def absent(remote: Any) -> str | None:
    """Why a remote that is a folder cannot be one; None where it is there, and for other remotes."""
    if remote.fs.protocol != "local" or remote.fs.isdir(remote.path):
        return None
    correct = f"dvc remote modify {remote.name} url …"
    return f"remote {remote.name}: {remote.path} is no folder; mount or make it, or correct it: {correct}"


class ReadOnly(CubisegError):
    """A remote that this machine may read and not write, which only a push minds."""


def try_writing(repo: Any, name: str) -> None:
    """Write and remove a file the way a push does it. Remotes that are for reading by nature are passed over.

    Raises:
        ReadOnly: it may not be written.
        CubisegError: it does not take what a push sends.
    """
    try:
        _write(repo.cloud.get_remote(name))
    except NotImplementedError:
        return
    except Exception as error:
        url = repo.config["remote"][name]["url"]
        if _sends_checksums(url, error) and _takes_without(repo, name):
            refused = f"the server refuses the checksums that newer clients send ({brief(error, 100)})"
            raise CubisegError(f"remote {name} ({url}): {refused}; export {CHECKSUMS}=WHEN_REQUIRED") from error
        denied = any(_code(cause) in _DENIED or getattr(cause, "errno", None) in _BARRED for cause in _causes(error))
        raise (ReadOnly if denied else CubisegError)(told(error, repo, name)) from error


def cramped(repo: Any, needed: int) -> str | None:
    """Why a pull of so many bytes does not fit beside this machine's cache; None where it does."""
    folder = next(p for p in (Path(repo.cache.local.path), *Path(repo.cache.local.path).parents) if p.exists())
    free = shutil.disk_usage(folder).free
    if free >= needed:
        return None
    lacking = f"a pull needs {needed / 1e6:,.1f} MB and the disk of {folder} has {free / 1e6:,.1f} MB left"
    return f"{lacking}; make room (`dvc gc --workspace`), or move the cache: dvc cache dir --local …"


def _write(remote: Any) -> None:
    """Write and remove a file the way a push does it."""
    path = remote.fs.join(remote.path, f"cubiseg-doctor-{uuid.uuid4().hex}")
    with tempfile.NamedTemporaryFile() as probe:
        probe.write(os.urandom(PROBE_BYTES))
        probe.flush()
        try:
            remote.fs.put_file(probe.name, path)
        finally:
            with suppress(Exception):
                remote.fs.remove(path)


def _sends_checksums(url: str, error: Exception) -> bool:
    """Whether the checksums may be to blame: it is S3, an answer came, and they are sent without being required."""
    required = os.environ.get(CHECKSUMS, "").lower() == "when_required"
    answered = any(getattr(cause, "response", None) for cause in _causes(error))
    return url.startswith("s3://") and answered and not required


def _takes_without(repo: Any, name: str) -> bool:
    before = os.environ.get(CHECKSUMS)
    os.environ[CHECKSUMS] = "WHEN_REQUIRED"
    try:
        remote = repo.cloud.get_remote(name)
        type(remote.fs.fs).clear_instance_cache()  # fsspec hands out one file system for equal arguments
        _write(repo.cloud.get_remote(name))
    except Exception:
        return False
    finally:
        if before is None:
            del os.environ[CHECKSUMS]
        else:
            os.environ[CHECKSUMS] = before
    return True


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it came from, the outermost first."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _code(error: BaseException) -> str:
    """What a server of the S3 protocol calls an error; its class where no server said anything."""
    response = getattr(error, "response", None)
    return (isinstance(response, dict) and response.get("Error", {}).get("Code")) or type(error).__name__


def _last(error: BaseException) -> BaseException:
    return list(_causes(error))[-1]


def _skew(error: Any) -> str:
    """How far the server's clock is from ours, by the date of its answer."""
    try:
        date = parsedate_to_datetime(error.response["ResponseMetadata"]["HTTPHeaders"]["date"])
        minutes = (datetime.now(timezone.utc) - date).total_seconds() / 60
    except (KeyError, ValueError, TypeError):
        return "too far from the server's"
    return f"{abs(minutes):,.0f} minutes {'ahead of' if minutes > 0 else 'behind'} the server's"
