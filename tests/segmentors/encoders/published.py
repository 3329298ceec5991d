"""Keys and shapes of published checkpoints, written down from the libraries that save them.

Each function gives ``{key: shape}`` of a whole ImageNet classifier, its counters of batch norm included.
"""

from collections.abc import Iterator

Shapes = dict[str, tuple[int, ...]]


def conv(key: str, out: int, within: int, kernel: int, bias: bool = False) -> Shapes:
    return {f"{key}.weight": (out, within, kernel, kernel), **({f"{key}.bias": (out,)} if bias else {})}


def linear(key: str, out: int, within: int) -> Shapes:
    return {f"{key}.weight": (out, within), f"{key}.bias": (out,)}


def layer_norm(key: str, width: int) -> Shapes:
    return {f"{key}.weight": (width,), f"{key}.bias": (width,)}


def batch_norm(key: str, width: int) -> Shapes:
    running = {f"{key}.running_mean": (width,), f"{key}.running_var": (width,), f"{key}.num_batches_tracked": ()}
    return {**layer_norm(key, width), **running}


def torchvision_pair(key: str, out: int, within: int, kernel: int) -> Shapes:
    """torchvision's Conv2dNormActivation."""
    return {**conv(f"{key}.0", out, within, kernel), **batch_norm(f"{key}.1", out)}


def torchvision_efficientnet_v2_s() -> Shapes:
    shapes = torchvision_pair("features.0", 24, 3, 3)
    below = 24
    stages = ((2, 1, 24, True), (4, 4, 48, True), (4, 4, 64, True), (6, 4, 128, False), (9, 6, 160, False),
              (15, 6, 256, False))  # fmt: skip
    for stage, (repeats, expansion, out, fused) in enumerate(stages, 1):
        for number in range(repeats):
            key, hidden = f"features.{stage}.{number}.block", below * expansion
            if fused and expansion == 1:
                shapes |= torchvision_pair(f"{key}.0", out, below, 3)
            elif fused:
                shapes |= torchvision_pair(f"{key}.0", hidden, below, 3) | torchvision_pair(f"{key}.1", out, hidden, 1)
            else:
                shapes |= torchvision_pair(f"{key}.0", hidden, below, 1) | torchvision_pair(f"{key}.1", hidden, 1, 3)
                shapes |= conv(f"{key}.2.fc1", below // 4, hidden, 1, bias=True)
                shapes |= conv(f"{key}.2.fc2", hidden, below // 4, 1, bias=True)
                shapes |= torchvision_pair(f"{key}.3", out, hidden, 1)
            below = out
    return shapes | torchvision_pair("features.7", 1280, 256, 1) | linear("classifier.1", 1000, 1280)


_CONVNEXT = ((3, 96), (3, 192), (9, 384), (3, 768))


def torchvision_convnext_tiny() -> Shapes:
    shapes = conv("features.0.0", 96, 3, 4, bias=True) | layer_norm("features.0.1", 96)
    for stage, (depth, width) in enumerate(_CONVNEXT):
        if stage:
            shapes |= layer_norm(f"features.{2 * stage}.0", width // 2)
            shapes |= conv(f"features.{2 * stage}.1", width, width // 2, 2, bias=True)
        for block in range(depth):
            key = f"features.{2 * stage + 1}.{block}"
            shapes |= {f"{key}.layer_scale": (width, 1, 1)} | conv(f"{key}.block.0", width, 1, 7, bias=True)
            shapes |= layer_norm(f"{key}.block.2", width) | linear(f"{key}.block.3", 4 * width, width)
            shapes |= linear(f"{key}.block.5", width, 4 * width)
    return shapes | layer_norm("classifier.0", 768) | linear("classifier.2", 1000, 768)


def timm_convnext_tiny() -> Shapes:
    shapes = conv("stem.0", 96, 3, 4, bias=True) | layer_norm("stem.1", 96)
    for stage, (depth, width) in enumerate(_CONVNEXT):
        if stage:
            shapes |= layer_norm(f"stages.{stage}.downsample.0", width // 2)
            shapes |= conv(f"stages.{stage}.downsample.1", width, width // 2, 2, bias=True)
        for block in range(depth):
            key = f"stages.{stage}.blocks.{block}"
            shapes |= {f"{key}.gamma": (width,)} | conv(f"{key}.conv_dw", width, 1, 7, bias=True)
            shapes |= layer_norm(f"{key}.norm", width) | linear(f"{key}.mlp.fc1", 4 * width, width)
            shapes |= linear(f"{key}.mlp.fc2", width, 4 * width)
    return shapes | layer_norm("head.norm", 768) | linear("head.fc", 1000, 768)


def openmmlab_convnext_tiny() -> Shapes:
    shapes = conv("backbone.downsample_layers.0.0", 96, 3, 4, bias=True)
    shapes |= layer_norm("backbone.downsample_layers.0.1", 96)
    for stage, (depth, width) in enumerate(_CONVNEXT):
        if stage:
            shapes |= layer_norm(f"backbone.downsample_layers.{stage}.0", width // 2)
            shapes |= conv(f"backbone.downsample_layers.{stage}.1", width, width // 2, 2, bias=True)
        for block in range(depth):
            key = f"backbone.stages.{stage}.{block}"
            shapes |= {f"{key}.gamma": (width,)} | conv(f"{key}.depthwise_conv", width, 1, 7, bias=True)
            shapes |= layer_norm(f"{key}.norm", width) | linear(f"{key}.pointwise_conv1", 4 * width, width)
            shapes |= linear(f"{key}.pointwise_conv2", width, 4 * width)
    return shapes | layer_norm("backbone.norm3", 768) | linear("head.fc", 1000, 768)


def _mobilenet_blocks() -> Iterator[tuple[int, int, int, int, int]]:
    """Stage, block in it, channels in, hidden, out."""
    below = 32
    stages = ((1, 1, 16), (6, 2, 24), (6, 3, 32), (6, 4, 64), (6, 3, 96), (6, 3, 160), (6, 1, 320))
    for stage, (expansion, repeats, out) in enumerate(stages):
        for block in range(repeats):
            yield stage, block, below, below * expansion, out
            below = out


def torchvision_mobilenet_v2() -> Shapes:
    shapes = torchvision_pair("features.0", 32, 3, 3)
    for number, (stage, _, below, hidden, out) in enumerate(_mobilenet_blocks(), 1):
        key, part = f"features.{number}.conv", 0
        if stage:
            shapes |= torchvision_pair(f"{key}.0", hidden, below, 1)
            part = 1
        shapes |= torchvision_pair(f"{key}.{part}", hidden, 1, 3)
        shapes |= conv(f"{key}.{part + 1}", out, hidden, 1) | batch_norm(f"{key}.{part + 2}", out)
    return shapes | torchvision_pair("features.18", 1280, 320, 1) | linear("classifier.1", 1000, 1280)


def timm_mobilenet_v2() -> Shapes:
    shapes = conv("conv_stem", 32, 3, 3) | batch_norm("bn1", 32)
    for stage, block, below, hidden, out in _mobilenet_blocks():
        key, layers = f"blocks.{stage}.{block}", [("conv_pw", hidden, below, 1)] if stage else []
        layers += [("conv_dw", hidden, 1, 3), ("conv_pwl" if stage else "conv_pw", out, hidden, 1)]
        for number, (name, *shape) in enumerate(layers, 1):
            shapes |= conv(f"{key}.{name}", *shape) | batch_norm(f"{key}.bn{number}", shape[0])
    return shapes | conv("conv_head", 1280, 320, 1) | batch_norm("bn2", 1280) | linear("classifier", 1000, 1280)


def torchvision_resnet18() -> Shapes:
    shapes = conv("conv1", 64, 3, 7) | batch_norm("bn1", 64)
    below = 64
    for stage, out in enumerate((64, 128, 256, 512), 1):
        for block in range(2):
            key = f"layer{stage}.{block}"
            shapes |= conv(f"{key}.conv1", out, below, 3) | batch_norm(f"{key}.bn1", out)
            shapes |= conv(f"{key}.conv2", out, out, 3) | batch_norm(f"{key}.bn2", out)
            if below != out:
                shapes |= conv(f"{key}.downsample.0", out, below, 1) | batch_norm(f"{key}.downsample.1", out)
            below = out
    return shapes | linear("fc", 1000, 512)


def openmmlab_swin_tiny() -> Shapes:
    """As MMSegmentation's converter writes it, from a classifier without its head."""
    shapes = conv("patch_embed.projection", 96, 3, 4, bias=True) | layer_norm("patch_embed.norm", 96)
    for stage, (depth, heads, width) in enumerate(((2, 3, 96), (2, 6, 192), (6, 12, 384), (2, 24, 768))):
        for block in range(depth):
            key = f"stages.{stage}.blocks.{block}"
            shapes |= layer_norm(f"{key}.norm1", width) | layer_norm(f"{key}.norm2", width)
            shapes |= {f"{key}.attn.w_msa.relative_position_bias_table": (13 * 13, heads)}
            shapes |= {f"{key}.attn.w_msa.relative_position_index": (49, 49)}
            shapes |= linear(f"{key}.attn.w_msa.qkv", 3 * width, width) | linear(f"{key}.attn.w_msa.proj", width, width)
            shapes |= linear(f"{key}.ffn.layers.0.0", 4 * width, width) | linear(
                f"{key}.ffn.layers.1", width, 4 * width
            )
        if stage < 3:
            shapes |= layer_norm(f"stages.{stage}.downsample.norm", 4 * width)
            shapes |= {f"stages.{stage}.downsample.reduction.weight": (2 * width, 4 * width)}
    return shapes


def microsoft_swin_tiny() -> Shapes:
    """As the authors published it, without the masks of shifted windows, which are no weights."""
    shapes = conv("patch_embed.proj", 96, 3, 4, bias=True) | layer_norm("patch_embed.norm", 96)
    for stage, (depth, heads, width) in enumerate(((2, 3, 96), (2, 6, 192), (6, 12, 384), (2, 24, 768))):
        for block in range(depth):
            key = f"layers.{stage}.blocks.{block}"
            shapes |= layer_norm(f"{key}.norm1", width) | layer_norm(f"{key}.norm2", width)
            shapes |= {f"{key}.attn.relative_position_bias_table": (13 * 13, heads)}
            shapes |= {f"{key}.attn.relative_position_index": (49, 49)}
            shapes |= linear(f"{key}.attn.qkv", 3 * width, width) | linear(f"{key}.attn.proj", width, width)
            shapes |= linear(f"{key}.mlp.fc1", 4 * width, width) | linear(f"{key}.mlp.fc2", width, 4 * width)
        if stage < 3:
            shapes |= layer_norm(f"layers.{stage}.downsample.norm", 4 * width)
            shapes |= {f"layers.{stage}.downsample.reduction.weight": (2 * width, 4 * width)}
    return shapes | layer_norm("norm", 768) | linear("head", 1000, 768)


def openmmlab_mit(embed: int, depths: tuple[int, ...]) -> Shapes:
    """As MMSegmentation's converter writes it, from a classifier without its head."""
    shapes: Shapes = {}
    below = 3
    levels = zip((1, 2, 5, 8), (8, 4, 2, 1), (7, 3, 3, 3), depths, strict=True)
    for stage, (heads, reduction, kernel, depth) in enumerate(levels):
        width = embed * heads
        shapes |= conv(f"layers.{stage}.0.projection", width, below, kernel, bias=True)
        shapes |= layer_norm(f"layers.{stage}.0.norm", width) | layer_norm(f"layers.{stage}.2", width)
        for block in range(depth):
            key = f"layers.{stage}.1.{block}"
            shapes |= layer_norm(f"{key}.norm1", width) | layer_norm(f"{key}.norm2", width)
            shapes |= {f"{key}.attn.attn.in_proj_weight": (3 * width, width)}
            shapes |= {f"{key}.attn.attn.in_proj_bias": (3 * width,)}
            shapes |= linear(f"{key}.attn.attn.out_proj", width, width)
            if reduction > 1:
                shapes |= conv(f"{key}.attn.sr", width, width, reduction, bias=True)
                shapes |= layer_norm(f"{key}.attn.norm", width)
            shapes |= conv(f"{key}.ffn.layers.0", 4 * width, width, 1, bias=True)
            shapes |= conv(f"{key}.ffn.layers.1", 4 * width, 1, 3, bias=True)
            shapes |= conv(f"{key}.ffn.layers.4", width, 4 * width, 1, bias=True)
        below = width
    return shapes
