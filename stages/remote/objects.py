"""What ``dvc.lock`` and the ``*.dvc`` files name, and what of it a remote holds, object by object.

DVC itself does not look at each object: where a folder's list (its ``.dir`` object) is on the remote, it takes it that
the files of the folder are there too (``dvc_data.hashfile.status``). That may be wrong, see docs/reliability.md.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from cubiseg.errors import CubisegError
from cubiseg.workers import progress

CHUNK = 1 << 20
FEW = 1000
"""Objects at most that are asked for by name where a listing lacks them: a server may hold what it does not list."""


@dataclass(frozen=True)
class Named:
    """An object that is named.

    Attributes:
        oid: MD5 of its content, in hexadecimal; with ``.dir`` at the end where it is the list of a folder.
        places: files that have this content; of a list, the folders. Sorted.
        size: its bytes, None where neither lock nor cache says.
    """

    oid: str
    places: tuple[str, ...]
    size: int | None


@dataclass(frozen=True)
class Folder:
    """A folder that is an out.

    Attributes:
        path: the folder.
        oid: of its list.
        files: object of each file; None where no list is left that would tell them.
        size: bytes of all files, None where the lock does not say.
    """

    path: str
    oid: str
    files: tuple[str, ...] | None
    size: int | None


@dataclass(frozen=True)
class Fault:
    """An object that the remote does not hold as it is named.

    Attributes:
        named: which one.
        kind: ``missing``, or ``damaged``: there, and its content does not have that MD5.
        held: bytes that are there, 0 where it is missing.
        is_here: whether this machine's cache holds it whole.
    """

    named: Named
    kind: Literal["missing", "damaged"]
    held: int
    is_here: bool


@dataclass(frozen=True)
class Findings:
    """What :func:`examine` found.

    Attributes:
        objects: how many objects are named.
        size: bytes that the remote holds of them.
        faults: objects that are missing or damaged; files before the lists of folders.
        untold: folders whose list is neither on the remote nor here, so that nobody knows their files.
        to_pull: bytes that the remote holds and this machine's cache does not.
    """

    objects: int
    size: int
    faults: tuple[Fault, ...]
    untold: tuple[str, ...]
    to_pull: int


@dataclass(frozen=True)
class Held:
    """What a listing says of an object.

    Attributes:
        size: in bytes.
        etag: what the server names its content, empty where it does not.
    """

    size: int
    etag: str

    @classmethod
    def of(cls, info: dict[str, Any]) -> "Held":
        """From an entry of fsspec's listings."""
        return cls(int(info["size"]), str(info.get("ETag", "")).strip('"'))


@dataclass
class _Names:
    """What the lock names, gathered out by out."""

    places: dict[str, set[str]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    folders: list[Folder] = field(default_factory=list)

    def add(self, oid: str, place: str, size: int | None = None) -> None:
        if not re.fullmatch(r"[0-9a-f]{32}(\.dir)?", oid):
            raise CubisegError(f"{place}: {oid!r} is no MD5; restore its lock or .dvc file from git")
        self.places.setdefault(oid, set()).add(place)
        if size is not None:
            self.sizes[oid] = size


def examine(repo: Any, remote: Any) -> Findings:
    """Compare what is named with what the remote lists.

    What the lists' sizes make suspect is read from the remote and hashed, so a verdict is always one of content; the
    rest is judged by its size.

    Args:
        repo: ``dvc.repo.Repo`` of the clone.
        remote: ``dvc.data_cloud.Remote``.

    Raises:
        CubisegError: the lock was written by DVC 2, or the remote keeps versions by itself.
        Exception: whatever the remote's file system raises, see :mod:`stages.remote.faults`.
    """
    if remote.worktree or getattr(remote.fs, "version_aware", False):
        told = f"remote {remote.name} keeps versions by itself, not objects by hash; ask `dvc status --cloud`"
        raise CubisegError(told)
    cache, there = repo.cache.local, remote.odb
    names = _named(repo, remote)
    named = [
        Named(oid, tuple(sorted(places)), names.sizes.get(oid, _size(cache, oid)))
        for oid, places in sorted(names.places.items(), key=lambda item: (item[0].endswith(".dir"), item[0]))
    ]
    held = _listed(there, list(names.places))
    suspects = _suspects(named, names.folders, held)
    damaged = {}
    with ThreadPoolExecutor(max(1, there.fs.jobs)) as pool:
        hashed = pool.map(lambda oid: _md5(there, oid), suspects)
        for oid, found in zip(suspects, progress(hashed, len(suspects), "reading what is suspect"), strict=True):
            if found is None:
                del held[oid]  # listed, and not given
            elif found != _content(oid):
                damaged[oid] = held[oid].size
    faults = tuple(
        Fault(one, "damaged" if one.oid in damaged else "missing", damaged.get(one.oid, 0), _is_whole(cache, one.oid))
        for one in named
        if one.oid in damaged or one.oid not in held
    )
    bad = {fault.named.oid for fault in faults}
    fine = {one.oid: held[one.oid].size for one in named if one.oid not in bad}
    return Findings(
        objects=len(named),
        size=sum(fine.values()),
        faults=faults,
        untold=tuple(folder.path for folder in names.folders if folder.files is None),
        to_pull=sum(size for oid, size in fine.items() if _size(cache, oid) is None),
    )


def mend(repo: Any, remote: Any, faults: Iterable[Fault]) -> int:
    """Copy what is missing or damaged from the cache to the remote, whatever DVC takes to be there.

    A folder's list goes last, and only where all its files are there: until then a pull fails instead of leaving files
    out.

    Args:
        repo: ``dvc.repo.Repo`` of the clone.
        remote: ``dvc.data_cloud.Remote``.
        faults: of :func:`examine`. What is not in the cache is passed over.

    Returns:
        How many objects were copied.

    Raises:
        Exception: whatever the remote's file system raises, see :mod:`stages.remote.faults`.
    """
    cache, there = repo.cache.local, remote.odb
    here = {fault.named.oid: fault.is_here for fault in faults}
    files = [oid for oid, is_here in here.items() if is_here and not oid.endswith(".dir")]
    lists = {
        folder.oid
        for folder in _named(repo, remote).folders
        if here.get(folder.oid) and all(here.get(oid, True) for oid in folder.files or ())
    }

    def copy(oid: str) -> None:
        there.fs.put_file(cache.oid_to_path(oid), there.oid_to_path(oid))

    with ThreadPoolExecutor(max(1, there.fs.jobs)) as pool:
        for oids in (files, lists):
            for _ in progress(pool.map(copy, oids), len(oids), "copying"):
                pass
    return len(files) + len(lists)


def _named(repo: Any, remote: Any) -> _Names:
    """Objects that the outs of the workspace name and that belong to this remote."""
    names = _Names()
    for out in repo.index.outs:
        elsewhere = out.remote not in (None, remote.name) or not out.can_push or out.stage.is_repo_import
        if elsewhere or not out.use_cache or not out.hash_info:  # without a hash, no build has made it yet
            continue
        path = Path(os.path.relpath(out.fs_path, repo.root_dir)).as_posix()
        if out.hash_info.name != "md5":
            raise CubisegError(
                f"{path}: its hash is of DVC 2 ({out.hash_info.name}); run `dvc cache migrate --dvc-files`"
            )
        oid, size = out.hash_info.value, out.meta.size if out.meta else None
        if not out.hash_info.isdir:
            names.add(oid, path, size)
            continue
        names.add(oid, f"{path}/")
        files = _list(repo.cache.local, oid) or _list(remote.odb, oid)
        names.folders.append(Folder(path, oid, None if files is None else tuple(files.values()), size))
        for relative, file in (files or {}).items():
            names.add(file, f"{path}/{relative}")
    return names


def _list(odb: Any, oid: str) -> dict[str, str] | None:
    """Object of each file of a folder, by its path in the folder; None where the list is not there or not whole."""
    try:
        text = odb.fs.cat_file(odb.oid_to_path(oid))
    except FileNotFoundError:
        return None
    if hashlib.md5(text, usedforsecurity=False).hexdigest() != _content(oid):
        return None
    return {entry["relpath"]: entry["md5"] for entry in json.loads(text)}


def _listed(odb: Any, oids: list[str]) -> dict[str, Held]:
    """What a remote holds, by object; others than the named ones may be among it."""
    if odb.fs.protocol == "local" or not odb.fs.CAN_TRAVERSE:
        return _asked(odb, oids)
    found = {}
    odb.fs.fs.invalidate_cache()
    for path, info in odb.fs.fs.find(odb.path, detail=True).items():
        with suppress(ValueError):  # what lies there is no object
            found[odb.path_to_oid(path)] = Held.of(info)
    unlisted = [oid for oid in oids if oid not in found]
    if 0 < len(unlisted) <= FEW:
        odb.fs.fs.invalidate_cache()  # it holds the listing
        found |= _asked(odb, unlisted)
    return found


def _asked(odb: Any, oids: list[str]) -> dict[str, Held]:
    """What a remote says of objects when it is asked for each by its name."""
    infos = odb.fs.info(list(map(odb.oid_to_path, oids)), return_exceptions=True)
    if faults := [i for i in infos if isinstance(i, BaseException) and not isinstance(i, FileNotFoundError)]:
        raise faults[0]
    return {oid: Held.of(info) for oid, info in zip(oids, infos, strict=True) if isinstance(info, dict)}


def _suspects(named: list[Named], folders: list[Folder], held: dict[str, Held]) -> list[str]:
    """Objects that are there in a size that does not fit, and what may be to blame where the sum of a folder does not.

    Lists of folders name no sizes, so without a cache the sum in the lock is all that is known. An object whose ETag is
    its MD5, as S3 has it for what was sent in one piece, is not to blame.
    """
    sizes = {one.oid: one.size for one in named}
    found = {oid for oid, size in sizes.items() if oid in held and size not in (None, held[oid].size)}
    for folder in folders:
        if folder.files is None:  # its list is not in the cache, and not whole on the remote
            found |= {folder.oid} & held.keys()
            continue
        unknown = {oid for oid in folder.files if sizes[oid] is None}
        total = sum(held[oid].size if oid in held else 0 for oid in folder.files)
        if total != folder.size:
            found |= {oid for oid in unknown & held.keys() if held[oid].etag != oid}
    return sorted(found)


def _content(oid: str) -> str:
    return oid.removesuffix(".dir")


def _size(cache: Any, oid: str) -> int | None:
    try:
        return Path(cache.oid_to_path(oid)).stat().st_size
    except OSError:
        return None


def _is_whole(cache: Any, oid: str) -> bool:
    return _md5(cache, oid) == _content(oid)


def _md5(odb: Any, oid: str) -> str | None:
    """MD5 of an object's content; None where it is not given."""
    digest = hashlib.md5(usedforsecurity=False)
    try:
        with odb.fs.open(odb.oid_to_path(oid), "rb") as file:
            while part := file.read(CHUNK):
                digest.update(part)
    except FileNotFoundError:
        return None
    return digest.hexdigest()
