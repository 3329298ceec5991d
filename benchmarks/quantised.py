"""What the release gains in eight-bit integers: writes such a model, and times both in turns.

    python -m benchmarks.quantised --out int8.onnx
    cubiseg evaluate --data DRAWINGS --mapping benchmarks/live2d.yaml --model int8.onnx --against release.json

Static quantisation by onnxruntime (QDQ form; weights by channel, activations by range), calibrated on generated
pictures that nothing else draws from. The first convolution and the last four keep their arithmetic: with all of them
quantised, small accessories of one real character in six are lost. Printed: seconds of the processor of the network
alone, and of labelling pictures of 1024 px as `cubiseg predict` does it.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from cubiseg.imaging import Picture
from cubiseg.inference import open_segmenter
from cubiseg.letterbox import to_input
from cubiseg.model_info import METADATA_KEY, ModelInfo
from cubiseg.portraits import draw

SEED, SIDE, KEPT_AT_THE_END = 2600, 1024, 4


class _Pictures(CalibrationDataReader):
    def __init__(self, info: ModelInfo, count: int) -> None:
        self._batches = iter(to_input(draw(SEED, index, SIDE, 1).image, info)[0] for index in range(count))

    def get_next(self) -> dict[str, np.ndarray] | None:
        batch = next(self._batches, None)
        return None if batch is None else {"image": batch}


def widened(model: onnx.ModelProto) -> None:
    """Store in 32 bits what the release keeps in 16 and casts, in place: quantisation passes casts over."""
    stored = {one.name: one for one in model.graph.initializer}
    for node in [n for n in model.graph.node if n.op_type == "Cast" and n.input[0] in stored]:
        values = numpy_helper.to_array(stored[node.input[0]]).astype(np.float32)
        model.graph.initializer.append(numpy_helper.from_array(values, node.output[0]))
        model.graph.node.remove(node)
    for one in stored.values():
        if one.data_type == onnx.TensorProto.FLOAT16:
            model.graph.initializer.remove(one)


def quantised(model: Path, out: Path, count: int) -> None:
    """Write the model in integers.

    Args:
        model: release, with its metadata.
        out: ONNX file to write.
        count: pictures to calibrate on.
    """
    given = onnx.load(model)
    metadata = {prop.key: prop.value for prop in given.metadata_props}
    info = ModelInfo.parse(metadata[METADATA_KEY], str(model))
    widened(given)
    with tempfile.TemporaryDirectory() as folder:
        wide, ready = Path(folder, "wide.onnx"), Path(folder, "ready.onnx")
        onnx.save(given, wide)
        quant_pre_process(wide, ready, skip_symbolic_shape=True)
        convolutions = [n.name for n in onnx.load(ready).graph.node if n.op_type in ("Conv", "ConvTranspose")]
        quantize_static(
            ready,
            out,
            _Pictures(info, count),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=[convolutions[0], *convolutions[-KEPT_AT_THE_END:]],
        )
    written = onnx.load(out)
    del written.metadata_props[:]
    onnx.helper.set_model_props(written, metadata)
    onnx.save(written, out)


def in_turns(works: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median seconds of the processor of each."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(rounds + 1):
        for name, work in works.items():
            begun = time.process_time()
            work()
            if turn:  # the first warms up
                taken[name].append(time.process_time() - begun)
    return {name: float(np.median(seconds)) for name, seconds in taken.items()}


@click.command(help=__doc__)
@click.option("--model", type=click.Path(path_type=Path, exists=True), default=Path("models/release/anime-unet.onnx"))
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--pictures", default=48, show_default=True, help="To calibrate on.")
@click.option("--rounds", default=11, show_default=True)
def main(model: Path, out: Path, pictures: int, rounds: int) -> None:
    quantised(model, out, pictures)
    click.echo(f"{model}: {model.stat().st_size / 1e6:.1f} MB; {out}: {out.stat().st_size / 1e6:.1f} MB")
    image = draw(SEED, pictures, SIDE, 1).image
    files = {"as released": model, "integers": out}
    sessions = {name: onnxruntime.InferenceSession(file) for name, file in files.items()}
    info = ModelInfo.parse(sessions["as released"].get_modelmeta().custom_metadata_map[METADATA_KEY], str(model))
    batch, _ = to_input(image, info)
    networks = {name: lambda s=session: s.run(None, {"image": batch}) for name, session in sessions.items()}
    _tell("the network", in_turns(networks, rounds))
    segmenters = {name: open_segmenter("anime-advanced", file, look="flipped") for name, file in files.items()}
    whole = {name: lambda s=segmenter: s.segment(Picture(image)) for name, segmenter in segmenters.items()}
    _tell(f"a picture of {SIDE} px", in_turns(whole, rounds))


def _tell(what: str, seconds: dict[str, float]) -> None:
    before, after = seconds.values()
    click.echo(f"{what}: {before:.3f} and {after:.3f} s of the processor, {before / after:.2f} times as fast")


if __name__ == "__main__":
    main()
