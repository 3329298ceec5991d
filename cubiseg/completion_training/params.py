"""Parameters of the recipe: the whole of ``completion.yaml``."""

from typing import Annotated, Literal

from pydantic import Field

from cubiseg.params import Params
from cubiseg.portraits import MAX_SIZE, MIN_SIZE

Chance = Annotated[float, Field(ge=0, le=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class DrawParams(Params):
    """Which crops are drawn.

    Attributes:
        seed: opens the series of pictures.
        pictures: number of pictures, each of a character of its own.
        validation: number of further pictures that are only measured on.
        sides: sides of pictures in px, each as often.
        size: side of the network's square in px.
        crops: crops of a picture at most.
        least: pixels of a part that must be seen.
        whole: share of the parts without hidden pixels that are kept.
        classes: chance that a picture's labels tell classes only.
    """

    seed: Seed
    pictures: Annotated[int, Field(ge=1, le=1_000_000)]
    validation: Annotated[int, Field(ge=1, le=10_000)]
    sides: Annotated[tuple[Annotated[int, Field(ge=MIN_SIZE, le=MAX_SIZE)], ...], Field(min_length=1)]
    size: Annotated[int, Field(ge=32, le=512, multiple_of=32)]
    crops: Annotated[int, Field(ge=1, le=100)]
    least: Annotated[int, Field(ge=1)]
    whole: Chance
    classes: Chance


class CropAugmentation(Params):
    """Chances of changes to a crop, beside flips and colours, which always vary.

    Attributes:
        ragged: borders of labels move by up to some pixels, as a model's do.
        occlude: another crop's part is laid over.
        shade: light and shadow over all.
        degrade: blur, traces of JPEG or noise in what the network sees, not in what it must say.
    """

    ragged: Chance
    occlude: Chance
    shade: Chance
    degrade: Chance


class LearnParams(Params):
    """How the network learns.

    Attributes:
        seed: seed of the random weights, the order of the crops and their augmentation.
        widths: channels at a half, a quarter, … of the square's side.
        steps: steps of ``batch_size`` crops.
        batch_size: crops of a step.
        learning_rate: peak of AdamW's learning rate.
        weight_decay: on matrices and kernels.
        warm_up: share of the steps over which the rate rises.
        decay: share of the steps, the last ones, over which it falls to a hundredth.
        average: share of the averaged weights that a step keeps.
        precision: arithmetic of the forward pass.
        colour: factor of the loss of colours, beside that of shapes.
        balance: how far parts are drawn alike instead of as often as they occur, 0..1.
        augmentation: chances of changes to a crop.
    """

    seed: Seed
    widths: Annotated[tuple[Annotated[int, Field(ge=1, le=1024)], ...], Field(min_length=2, max_length=5)]
    steps: Annotated[int, Field(ge=1, le=10_000_000)]
    batch_size: Annotated[int, Field(ge=2, le=1024)]
    learning_rate: Annotated[float, Field(gt=0, le=1)]
    weight_decay: Annotated[float, Field(ge=0, le=1)]
    warm_up: Annotated[float, Field(ge=0, le=0.5)]
    decay: Annotated[float, Field(ge=0, le=1)]
    average: Annotated[float, Field(ge=0, lt=1)]
    precision: Literal["fp32", "bf16"]
    colour: Annotated[float, Field(ge=0, le=100)]
    balance: Chance
    augmentation: CropAugmentation


class CompletionParams(Params):
    """The whole file."""

    draw: DrawParams
    train: LearnParams
