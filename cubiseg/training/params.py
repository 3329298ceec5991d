"""Parameters of the train stage."""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from cubiseg.params import Params

IMAGENET, RELEASE, SCRATCH = "imagenet", "release", "scratch"
Chance = Annotated[float, Field(ge=0, le=1)]
Side = Annotated[int, Field(ge=64, le=1024, multiple_of=32)]


class Augmentation(Params):
    """Chances, 0..1, of changes to a training picture beside scale, rotation, flip and colours of the whole.

    Attributes:
        weaken_lines: fade ink.
        recolour_parts: other colours, part by part.
        replace_background: another background.
        warp: perspective and elastic bending.
        blur: out of focus, or enlarged from a smaller copy.
        jpeg: traces of compression.
        cut_out: rectangles that hide a part.
    """

    weaken_lines: Chance
    recolour_parts: Chance
    replace_background: Chance
    warp: Chance
    blur: Chance
    jpeg: Chance
    cut_out: Chance


class TrainParams(Params):
    """The block ``train`` of ``params.yaml``.

    Attributes:
        architecture: name of a config.
        parts: whether the network tells parts apart: an output for each part beside those of the classes.
        start: ``imagenet`` (the encoder, from the config's checkpoint), ``scratch``, ``release`` (the whole network,
            from the released model of this architecture), or a weights or ONNX file that the whole network starts from.
        precision: arithmetic of the forward and backward pass.
        size: side of the square training crop in pixels; without ``last_size`` also the size that pictures are
            letterboxed to.
        last_size: side of the last samples' crop, and the size that pictures are letterboxed to; None keeps ``size``.
        last_share: share of the steps at ``last_size``, 0..1.
        small_crops: chance that a sample is a close crop around a head or a small part, 0..1.
        max_iters: number of steps of ``batch_size`` samples.
        learning_rate: peak of the learning rate; None takes the config's, at this ``batch_size``.
        weight_decay: on matrices and kernels; None takes the config's.
        warm_up: share of the steps over which the learning rate rises, 0..1; None takes the config's.
        cross_entropy_weight, dice_weight: factors of the loss's two parts.
        class_balance: how far the cross-entropy weighs classes alike instead of pixels, 0..1.
        boundary_weight: how much more the cross-entropy weighs pixels near another class.
        split_weight: factor of the loss of the split into parts, beside that of classes.
        augmentation: chances of changes to the training pictures.
        ema_momentum: share of a step's weights in the averaged weights, which are validated and saved; 0 averages none.
        keep: ``last`` weights, or those of the ``best`` validation.
        val_interval: steps between two validations; the last step is always followed by one.
        num_procs: processes that train together.
        gradient_accumulation: passes in which a process's share of a batch goes through the network.
        seed: seed of the random weights, the order of the samples, their augmentation and dropout.
    """

    architecture: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
    parts: bool = False
    start: Annotated[str, Field(min_length=1)]
    precision: Literal["fp32", "bf16", "fp16"]
    size: Side
    last_size: Side | None
    last_share: Chance
    small_crops: Chance
    max_iters: Annotated[int, Field(ge=1, le=1_000_000)]
    batch_size: Annotated[int, Field(ge=2, le=256)]
    learning_rate: Annotated[float, Field(gt=0, le=1)] | None
    weight_decay: Annotated[float, Field(ge=0, le=1)] | None
    warm_up: Annotated[float, Field(ge=0, le=0.9)] | None
    cross_entropy_weight: Annotated[float, Field(ge=0, le=100)]
    dice_weight: Annotated[float, Field(ge=0, le=100)]
    class_balance: Annotated[float, Field(ge=0, le=1)]
    boundary_weight: Annotated[float, Field(ge=0, le=100)]
    split_weight: Annotated[float, Field(ge=0, le=100)] = 1.0
    augmentation: Augmentation
    ema_momentum: Annotated[float, Field(ge=0, le=0.5)]
    keep: Literal["last", "best"]
    val_interval: Annotated[int, Field(ge=1)]
    num_procs: Annotated[int, Field(ge=1, le=64)]
    gradient_accumulation: Annotated[int, Field(ge=1, le=128)] = 1
    seed: Annotated[int, Field(ge=0, lt=2**32)]

    @property
    def input_size(self) -> int:
        """Side in pixels that pictures are letterboxed to: the last size that the network was trained with."""
        return self.size if self.last_size is None else self.last_size

    @property
    def first_iters(self) -> int:
        """Steps at ``size``; those that follow are at ``last_size``."""
        return self.max_iters if self.last_size is None else self.max_iters - round(self.last_share * self.max_iters)

    @model_validator(mode="before")
    @classmethod
    def _told_of_old_keys(cls, block: Any) -> Any:
        if isinstance(block, dict) and "pretrained" in block:
            was = block["pretrained"]
            instead = "imagenet" if was else "scratch"
            told = ValueError(f"was replaced; write `start: {instead}` instead of `pretrained: {str(was).lower()}`")
            # As pydantic's own error it names the key, not the whole block.
            raise ValidationError.from_exception_data(
                cls.__name__, [{"type": "value_error", "ctx": {"error": told}, "loc": ("pretrained",), "input": was}]
            )
        return block

    @model_validator(mode="after")
    def _shares(self) -> "TrainParams":
        if self.batch_size % self.num_procs:
            raise ValueError(f"batch_size {self.batch_size} is no multiple of num_procs {self.num_procs}")
        share = self.batch_size // self.num_procs
        passes = self.gradient_accumulation
        if passes > 1 and (share % passes or share < 2 * passes):
            raise ValueError(
                f"gradient_accumulation {passes} does not divide the {share} samples of a process "
                "into passes of two or more"
            )
        return self
