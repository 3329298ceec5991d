"""A portrait with all its layers in one file."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from cubiseg.errors import CubisegError
from cubiseg.portraits import draw, restack, told_apart
from cubiseg.portraits.openraster import read_layers, write_layers


def test_packed_layers_come_back_as_they_were_and_have_the_same_bytes_every_time(tmp_path: Path) -> None:
    for number in range(3):
        p = draw(3, number, 96, 1)
        files = [tmp_path / f"{number}-{k}.ora" for k in (0, 1)]
        for file in files:
            write_layers(file, p)
        assert files[0].read_bytes() == files[1].read_bytes()
        back = read_layers(files[0])
        assert [layer.name for layer in back.layers] == [layer.name for layer in p.layers]
        for ours, theirs in zip(p.layers, back.layers, strict=True):
            painted = ours.rgba[..., 3] > 0
            assert np.array_equal(ours.rgba[..., 3], theirs.rgba[..., 3])
            assert np.array_equal(ours.rgba[painted], theirs.rgba[painted])
        assert np.array_equal(restack(back.layers), p.clean)
        assert all(
            np.array_equal(getattr(back, part), getattr(p, part)) for part in ("image", "clean", "label")
        )  # parts are not asked for
        with zipfile.ZipFile(files[0]) as archive:
            first = archive.infolist()[0]
            assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)


def test_packed_parts_are_complete_and_restack_to_nearly_the_same_picture(tmp_path: Path) -> None:
    for number in range(4):
        p = draw(3, number, 128, 1, alone=True)
        write_layers(tmp_path / f"{number}.ora", p, parts=True)
        back = read_layers(tmp_path / f"{number}.ora")
        assert np.array_equal(back.parts, p.parts) and np.array_equal(back.image, p.image)
        names = [next(iter(told.parts)) if len(told.parts) == 1 else told.name for told in told_apart(p.layers)]
        assert [next(iter(layer.parts), layer.name) for layer in back.layers][1:] == names[1:]
        off = np.abs(restack(back.layers).astype(int) - p.clean).max(axis=2)
        assert (off > 24).mean() < 0.02


def test_a_file_of_classes_tells_no_parts(tmp_path: Path) -> None:
    write_layers(tmp_path / "classes.ora", draw(3, 0, 96, 1))
    back = read_layers(tmp_path / "classes.ora")
    assert np.array_equal(back.parts, back.label) and not any(layer.parts for layer in back.layers)


def test_what_is_no_layered_sample_is_refused_in_one_line(tmp_path: Path) -> None:
    write_layers(tmp_path / "whole.ora", draw(3, 0, 96, 1))
    data = (tmp_path / "whole.ora").read_bytes()
    for name, content in {"text": b"no zip", "empty": b"", "cut": data[: len(data) // 2]}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(CubisegError, match=f"{name}: not a layered sample"):
            read_layers(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "declares", "w") as archive:
        archive.writestr("stack.xml", '<!DOCTYPE a [<!ENTITY b "c">]><image w="1" h="1"/>')
    with pytest.raises(CubisegError, match="declares: not a layered sample"):
        read_layers(tmp_path / "declares")
    with pytest.raises(CubisegError, match="no such file"):
        read_layers(tmp_path / "missing.ora")
