"""The command ``cubiseg``. Everything heavy is imported inside the commands, so that ``--help`` is instant."""

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from cubiseg import __version__, settings
from cubiseg.errors import CubisegError

if TYPE_CHECKING:
    from cubiseg.imaging import Picture
    from cubiseg.inference import Segmenter
    from cubiseg.integration import IllustrationResult
    from cubiseg.layers import Manifest

FAILED, USAGE = 1, 2
"""Exit codes: some inputs failed, the others are done; the command cannot be carried out as it was given."""

Item = TypeVar("Item")
PATH = click.Path(path_type=Path)
_ENVIRONMENT = {
    "CUBISEG_MODEL": "model file, where --model is not given",
    "CUBISEG_WORK": "folder for what may be thrown away (training state, caches)",
    "CUBISEG_WORKERS": "worker processes of the pipeline's stages",
    "CUBISEG_RESPONSES": "store of the answers that a labelling provider was paid for",
    "CUBISEG_REGIONS": "cache of the regions that pictures are cut into",
    "CUBISEG_SHEETS": "cache of the pictures that go with questions",
    "CUBISEG_CONCURRENCY": "requests to a labelling provider at once",
    "OMP_NUM_THREADS": "threads of the network",
}


class _State:
    verbose = False


def _plain(text: object) -> str:
    """One printable line, whatever a path or an error holds (line breaks, bytes that are no UTF-8)."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in str(text))


def _complain(error: Exception) -> None:
    """Print an error as one line; with -v, the traceback before it."""
    if _State.verbose:
        traceback.print_exception(error, file=sys.stderr)
    if isinstance(error, CubisegError):
        message = _plain(error)
    else:
        kind = type(error).__name__
        message = f"unexpected {kind}: {_plain(error) or 'no details'}; run again with -v and report it"
    click.echo(f"error: {message}", err=True)


def _warn(text: str) -> None:
    click.echo(f"warning: {_plain(text)}", err=True)


def _stop(error: Exception, code: int) -> NoReturn:
    _complain(error)
    raise SystemExit(code)


class _Command(click.Command):
    """A command whose errors are one line: what the user gave cannot work, so exit code 2."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except CubisegError as error:
            _stop(error, USAGE)
        except ModuleNotFoundError as error:
            remedy = "it comes with the pipeline's packages: pip install 'cubiseg[pipeline]'"
            _stop(CubisegError(f"{error.name} is not installed; {remedy}"), USAGE)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on; nothing is wrong
            raise SystemExit(0) from None
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            _stop(error, FAILED)


class _Group(click.Group):
    command_class = _Command
    group_class = type


def _verbose(_context: click.Context, _option: click.Parameter, value: bool) -> None:
    _State.verbose = value


def _common(command: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "-v", "--verbose", is_flag=True, expose_value=False, callback=_verbose, help="Add the traceback to errors."
    )(command)


def _segmenting(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--model", type=PATH, metavar="FILE", help="Model file: .onnx, or TorchScript .pt."),
        click.option("--fallback", multiple=True, metavar="B", help="Backend that takes over; may be repeated."),
        click.option(
            "--backend", default="anime-advanced", show_default=True, metavar="B",
            help="What labels the pixels: anime-advanced (the model), slic (rules, no model); `doctor` lists all.",
        ),
    ):  # fmt: skip
        command = option(command)
    return _common(command)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="cubiseg")
def main() -> None:
    """Anime illustrations to named, Live2D-ready layers.

    \b
    Cut a drawing into a PSD:        cubiseg layers art.png -o out
    Without a trained model:         cubiseg layers art.png -o out --backend slic
    See what works on this machine:  cubiseg doctor
    """


def _find(images: Sequence[Path]) -> tuple[dict[Path, str], int]:
    """Pictures with their output names, and the number of arguments that led nowhere (each complained of)."""
    from cubiseg.imaging import distinct_stems, find_images

    found: list[Path] = []
    failed = 0
    for path in images:
        try:
            found += find_images([path])
        except CubisegError as error:
            _complain(error)
            failed += 1
    return distinct_stems(found), failed


def _progress(items: Iterable[Item], count: int) -> Iterator[Item]:
    """The items, with a bar on a terminal where there are several."""
    if count < 2 or not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(items, "pictures", total=count, console=Console(stderr=True), transient=True)


def _each(
    images: Sequence[Path],
    segmenter: Callable[[], "Segmenter"],
    do: Callable[["Segmenter", Path, str], dict[str, Any]],
    as_json: bool,
    show: Callable[[dict[str, Any]], str],
) -> None:
    """Do one thing to each picture; a failure is named and the others are done."""
    names, failed = _find(images)
    results = []
    if names:
        ready = segmenter()
        for path in _progress(names, len(names)):
            try:
                result = do(ready, path, names[path])
            except Exception as error:
                _complain(error if isinstance(error, CubisegError) else _named(path, error))
                failed += 1
                continue
            for warning in result["warnings"]:
                _warn(f"{path}: {warning}")
            results.append(result)
            if not as_json:
                click.echo(_plain(show(result)))
    if as_json:
        click.echo(json.dumps(results, indent=2))
    if failed:
        if len(results) + failed > 1:
            click.echo(f"{len(results)} done, {failed} failed", err=True)
        raise SystemExit(FAILED)


def _named(path: Path, error: Exception) -> Exception:
    """Name the picture in an error that is not ours to explain, and keep its traceback for -v."""
    if isinstance(error, MemoryError):
        return CubisegError(f"{path}: not enough memory; scale it down or close other programs")
    named = RuntimeError(f"{path}: {type(error).__name__}: {error}")
    named.__cause__ = error
    return named


@main.command(short_help="Label every pixel: DIR/<name>.png and .json.")
@click.argument("images", nargs=-1, required=True, type=PATH, metavar="IMAGE...")
@click.option("-o", "--out", type=PATH, required=True, metavar="DIR", help="Folder to write to.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@_segmenting
def predict(
    images: tuple[Path, ...], out: Path, as_json: bool, backend: str, fallback: tuple[str, ...], model: Path | None
) -> None:
    """Label every pixel of pictures.

    IMAGE is a PNG, JPEG or WebP of 64 to 8192 pixels a side, or a folder of them. Writes DIR/<name>.png, an indexed
    label map, and DIR/<name>.json with classes, confidence and warnings.

    \b
    Example:  cubiseg predict art.png sketches/ -o labels
    """
    from cubiseg.files import write_text
    from cubiseg.imaging import read_picture
    from cubiseg.inference import open_segmenter
    from cubiseg.label_maps import write_label
    from cubiseg.taxonomy import NAMES

    def do(segmenter: "Segmenter", path: Path, name: str) -> dict[str, Any]:
        label_file, facts_file = out / f"{name}.png", out / f"{name}.json"
        if label_file.exists() and (_same(label_file, path) or not facts_file.exists()):
            raise CubisegError(
                f"{path}: {label_file} is no former result and is not replaced; choose another -o folder"
            )
        picture = read_picture(path)
        result = segmenter.segment(picture)
        mean = result.mean_confidence()
        facts = {
            "classes": list(NAMES),
            "width": picture.size[1],
            "height": picture.size[0],
            "backend": result.backend,
            "architecture": result.architecture,
            "confidence": {
                "mean": None if mean is None else round(mean, 4),
                "classes": {k: None if v is None else round(v, 4) for k, v in result.class_confidence().items()},
            },
            "warnings": list(result.warnings),
        }
        write_label(label_file, result.label)
        write_text(facts_file, json.dumps(facts, indent=2) + "\n")
        return {"image": str(path), "label": str(label_file), **facts}

    def show(result: dict[str, Any]) -> str:
        mean = result["confidence"]["mean"]
        return f"{result['image']} -> {result['label']}  confidence {'-' if mean is None else format(mean, '.2f')}"

    _each(images, lambda: open_segmenter(backend, model, fallback), do, as_json, show)


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


@main.command(short_help="Cut pictures into layers: PNGs, a PSD, previews.")
@click.argument("images", nargs=-1, required=True, type=PATH, metavar="IMAGE...")
@click.option("-o", "--out", type=PATH, required=True, metavar="DIR", help="Folder to write to.")
@click.option(
    "--profile", type=click.Choice(["cubiai", "cubism", "see-through", "flat"]), default="cubiai", show_default=True,
    help="How layers are named and grouped: for CubiAI, for Live2D Cubism (groups, and a second PSD to paint on), as"
    " See-through does, or plainly.",
)  # fmt: skip
@click.option(
    "--split", type=click.Choice(["accessories", "clothes"]), multiple=True,
    help="Make each connected piece of it a layer; may be repeated.",
)  # fmt: skip
@click.option("--hard-edges", is_flag=True, help="Hard masks instead of soft, decontaminated edges.")
@click.option("--full-canvas", is_flag=True, help="PNGs of the picture's size instead of placed crops.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifests as JSON.")
@_segmenting
def layers(
    images: tuple[Path, ...],
    out: Path,
    profile: str,
    split: tuple[str, ...],
    hard_edges: bool,
    full_canvas: bool,
    as_json: bool,
    backend: str,
    fallback: tuple[str, ...],
    model: Path | None,
) -> None:
    """Cut pictures into named layers that stack to exactly the same picture.

    Writes DIR/<name>/ with layers.psd, png/ (crops, placed by manifest.json), preview.html, preview.png and
    manifest.json. A folder of pictures is done on all cores; one bad picture does not stop the rest.

    \b
    Example:  cubiseg layers art.png -o out
              then open out/art/layers.psd in Live2D Cubism, out/art/preview.html in a browser
    """
    from pydantic import ValidationError

    from cubiseg.inference import SegmentationParams
    from cubiseg.integration import Job, cut_all
    from cubiseg.layers import LayerParams

    params = LayerParams(profile=profile, soft_edges=not hard_edges, split=split, full_canvas=full_canvas)
    try:
        segmentation = SegmentationParams(backend=backend, fallback=fallback)
    except ValidationError as error:
        raise CubisegError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error
    names, failed = _find(images)
    done = []
    if names:
        for outcome in cut_all(Job(out, params, segmentation, model), names):
            if outcome.manifest is None:
                if _State.verbose:
                    click.echo(outcome.details, err=True)
                click.echo(f"error: {_plain(outcome.error)}", err=True)
                failed += 1
                continue
            for warning in outcome.manifest.warnings:
                _warn(f"{outcome.image}: {warning}")
            done.append((outcome, outcome.manifest))
    if as_json:
        results = [{"image": str(o.image), "folder": str(o.folder), **manifest.as_json()} for o, manifest in done]
        click.echo(json.dumps(results, indent=2))
    elif len(done) == 1 and failed == 0:
        outcome, manifest = done[0]
        click.echo(_plain(f"{outcome.image} -> {outcome.folder}  {len(manifest.layers)} layers"))
    elif done:
        _print_outcomes(done)
    if failed:
        if len(done) + failed > 1:
            click.echo(f"{len(done)} done, {failed} failed", err=True)
        raise SystemExit(FAILED)


def _print_outcomes(outcomes: "Sequence[tuple[IllustrationResult, Manifest]]") -> None:
    """One row a picture."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("picture", "folder", "layers", "covered", "confidence", "warnings")
    for outcome, manifest in outcomes:
        mean = "-" if outcome.confidence is None else f"{outcome.confidence:.2f}"
        table.add_row(
            escape(_plain(outcome.image)), escape(_plain(outcome.folder)), str(len(manifest.layers)),
            f"{manifest.coverage:.0%}", mean, str(len(manifest.warnings) or ""),
        )  # fmt: skip
    Console().print(table)


@main.command(short_help="Check PSDs against Live2D's import rules.")
@click.argument("files", nargs=-1, required=True, type=PATH, metavar="FILE.psd...")
@click.option("--fix", is_flag=True, help="Write a mended copy, FILE.fixed.psd, of each file that needs one.")
@click.option("-o", "--out", type=PATH, metavar="FILE", help="With --fix and one file: where the copy goes.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@_common
def lint(files: tuple[Path, ...], fix: bool, out: Path | None, as_json: bool) -> None:
    """Check any PSD against what Live2D Cubism imports.

    Each finding has a stable code, a reason and a remedy (docs/layers.md lists them). Exit code 1 if any is an error.
    --fix mends what can be mended without touching a pixel: names, duplicates, nesting, masks that mask nothing, empty
    layers, Fill, a missing colour profile. The file itself is never changed; what is left is printed.

    \b
    Example:  cubiseg lint out/art/layers.psd
              cubiseg lint art.psd --fix
    """
    from cubiseg.layers.lint import lint as check

    if out is not None and (not fix or len(files) != 1):
        raise CubisegError(f"{out}: -o needs --fix and exactly one file; leave it out for FILE.fixed.psd")
    reports, failed = [], False
    for path in files:
        report: dict[str, Any] = {"file": str(path), "findings": check(path)}
        if fix and report["findings"]:
            from cubiseg.layers.repair import repair

            target = out if out is not None else path.with_name(f"{path.stem}.fixed.psd")
            try:
                if out is None and target.exists():
                    raise CubisegError(f"{target}: is already there; remove it, or name another file with -o")
                before, left = repair(path, target)
                report |= {"fixed": str(target), "findings": left, "mended": len(before) - len(left)}
            except CubisegError as error:
                _complain(error)
                failed = True
        reports.append(report)
    if as_json:
        printed = [{**report, "findings": [f.as_dict() for f in report["findings"]]} for report in reports]
        click.echo(json.dumps(printed, indent=2))
    else:
        for report in reports:
            _print_findings(report)
    if failed or any(f.severity == "error" for report in reports for f in report["findings"]):
        raise SystemExit(FAILED)


def _print_findings(report: dict[str, Any]) -> None:
    name = _plain(report["file"])
    if "fixed" in report:
        click.echo(f"{name}: {report['mended']} findings mended in {_plain(report['fixed'])}")
        name = _plain(report["fixed"])
    if not report["findings"]:
        click.echo(f"{name}: no findings")
    for f in report["findings"]:
        where = f"{f.layer}: " if f.layer else ""
        click.echo(_plain(f"{name}: {f.code} {f.severity}: {where}{f.message}; {f.remedy}"))


@main.command(short_help="Score a model on a labelled folder.")
@click.option("--data", type=PATH, required=True, metavar="DIR", help="Folder with images/, labels/ and class names.")
@click.option("--mapping", type=PATH, metavar="FILE.yaml", help="The folder's class names in terms of ours.")
@click.option(
    "--vocabulary", type=click.Choice(["taxonomy", "coarse9", "legacy7"]), default="taxonomy", show_default=True,
    help="Classes to compare in.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON.")
@_segmenting
def evaluate(
    data: Path,
    mapping: Path | None,
    vocabulary: str,
    as_json: bool,
    backend: str,
    fallback: tuple[str, ...],
    model: Path | None,
) -> None:
    """Score a model on a folder of pictures with label maps.

    \b
    Example:  cubiseg evaluate --data drawings --vocabulary coarse9
    """
    from cubiseg.evaluation.labelled_folder import read_mapping, score_folder
    from cubiseg.inference import open_segmenter

    if not data.is_dir():
        raise CubisegError(f"{data}: no such folder; check --data")
    segmenter = open_segmenter(backend, model, fallback)

    def segment(picture: "Picture") -> Any:
        return segmenter.segment(picture).label

    read = read_mapping(mapping) if mapping is not None else None
    scores = score_folder(data, segment, read, vocabulary, _progress)
    if as_json:
        click.echo(json.dumps(scores, indent=2))
    else:
        _print_scores(scores)


def _print_scores(scores: dict[str, Any]) -> None:
    """One table a set of rows: figures by class side by side, figures by character, then the means."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    intervals = scores.get("intervals", {})
    tables: dict[tuple[str, ...], dict[str, dict[str, Any]]] = {}  # rows -> column -> row -> figure
    for key, value in scores.items():
        if key == "intervals" or not isinstance(value, dict) or not value:
            continue
        if all(isinstance(v, dict) for v in value.values()):
            first = next(iter(value.values()))
            tables[tuple(value)] = {column: {row: value[row].get(column) for row in value} for column in first}
        else:
            tables.setdefault(tuple(value), {})[key] = value
    for rows, columns in tables.items():
        table = Table("", *(column.replace("_", " ") for column in columns))
        for row in rows:
            table.add_row(row, *(_figure(figures.get(row)) for figures in columns.values()))
        console.print(table)
    for key, value in scores.items():
        if not isinstance(value, dict | list):
            interval = (
                f"  (95 %: {_figure(intervals[key][0])} to {_figure(intervals[key][1])})" if key in intervals else ""
            )
            console.print(f"{key.replace('_', ' ')}: {_figure(value)}{interval}", highlight=False)


def _figure(value: Any) -> str:
    return "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


@main.group(short_help="What labelling by a vision model costs, and what it failed at.")
def annotate() -> None:
    """Plan and mend the labelling of pictures by a vision model.

    `dvc repro annotate` does the labelling itself. Run these in the project's folder, where params.yaml is.

    \b
    cubiseg annotate plan                     what will be sent, and what it will cost
    cubiseg annotate failures                 what has no answer, and why
    cubiseg annotate retry --only refused     let those be asked again
    """


def _asking(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--codebook", type=PATH, default=Path(__file__).with_name("codebook.yaml"), metavar="FILE",
                     help="What belongs to each class; the one of cubiseg where not given."),
        click.option("--prepared", type=PATH, default=Path("data/prepared"), show_default=True, metavar="DIR",
                     help="Folder that the stage prepare made."),
        click.option("--params", type=PATH, default=Path("params.yaml"), show_default=True, metavar="FILE",
                     help="File with a block annotate."),
    ):  # fmt: skip
        command = option(command)
    return _common(command)


@annotate.command(short_help="Requests, tokens and dollars, before a cent is spent.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@_asking
def plan(params: Path, prepared: Path, codebook: Path, as_json: bool) -> None:
    """Tell how many requests, tokens and dollars labelling takes. Nothing is sent, and no key is needed.

    Questions about a few pictures are drawn to count their tokens. Answers that are stored already cost nothing.

    \b
    Example:  cubiseg annotate plan
    """
    from dataclasses import asdict

    from cubiseg.annotation.conversation import plan_questions
    from cubiseg.annotation.params import AnnotateParams
    from cubiseg.annotation.plan import make_plan
    from cubiseg.annotation.purse import spent_in
    from cubiseg.annotation.store import ResponseStore
    from cubiseg.params import read_block

    read = read_block(params, "annotate", AnnotateParams)
    store = ResponseStore(settings.RESPONSES.read())
    made = make_plan(plan_questions(read, prepared, codebook, store.root), store)
    spent = spent_in(store.root)
    if as_json:
        click.echo(json.dumps({**asdict(made), "usd": made.usd, "spent_usd": spent, "max_usd": read.max_usd}, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    to = made.host or "a server nearby"
    click.echo(_plain(f"{made.pictures} pictures, {made.answered} answered already; {made.model} at {to}"))
    table = Table("question", "requests", "input tokens", "output tokens", "US dollars", "a picture")
    rows = [("first", made.first)] + ([("second, at most", made.second)] if made.second else [])
    for name, one in rows:
        each = f"{one.usd / one.requests:.4f}" if one.requests else "-"
        table.add_row(
            name, f"{one.requests:,}", f"{one.input_tokens:,}", f"{one.output_tokens:,}", f"{one.usd:.2f}", each
        )
    Console().print(table)
    batch = "" if made.factor == 1 else f", in batches at {made.factor:g} of the price"
    cap = "no cap is set" if read.max_usd is None else f"the cap is ${read.max_usd:g}, ${spent:.2f} of it are spent"
    click.echo(f"about ${made.usd:.2f}{batch}, at list prices of {made.prices_of}; {cap}")
    if read.max_usd is not None and made.usd > read.max_usd - spent:
        _warn("that is more than the cap leaves; the stage will stop there, and go on when annotate.max_usd is raised")


_KINDS = ("refused", "malformed", "failed")


@annotate.command(short_help="Requests without a usable answer, and why.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@_common
def failures(as_json: bool) -> None:
    """List what was refused, answered in no usable form, or given up after all attempts.

    \b
    Example:  cubiseg annotate failures
    """
    from cubiseg.annotation.store import ResponseStore

    found = [r for r in ResponseStore(settings.RESPONSES.read()).records() if r.response.outcome in _KINDS]
    rows = [
        {"sample": r.sample, "outcome": str(r.response.outcome), "key": r.key, "said": r.response.text[:200]}
        for r in sorted(found, key=lambda r: (r.response.outcome, r.sample, r.key))
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        click.echo(_plain(f"{row['outcome']:9}  {row['sample'] or '-':24}  {row['key'][:12]}  {row['said'][:100]}"))
    click.echo(f"{len(rows)} requests without a usable answer in {_plain(settings.RESPONSES.read())}", err=True)


@annotate.command(short_help="Let failed requests be asked again.")
@click.option("--only", type=click.Choice(_KINDS), multiple=True, help="Only those with this outcome; may be repeated.")
@click.option("--sample", multiple=True, metavar="ID", help="Only this sample; may be repeated.")
@_common
def retry(only: tuple[str, ...], sample: tuple[str, ...]) -> None:
    """Let requests without a usable answer be asked again by the next run.

    What they got is set aside, not deleted, and what it cost stays counted.

    \b
    Example:  cubiseg annotate retry --only refused
              dvc repro --force --single-item annotate && dvc repro
    """
    from cubiseg.annotation.asking import let_ask_again
    from cubiseg.annotation.store import ResponseStore

    store = ResponseStore(settings.RESPONSES.read())
    again = [
        r for r in store.records()
        if r.response.outcome in (only or _KINDS) and (not sample or r.sample in sample)
    ]  # fmt: skip
    count = let_ask_again(store, again)
    click.echo(f"{count} requests will be asked again: dvc repro --force --single-item annotate && dvc repro")


@main.command(short_help="What is installed, and which backends can run.")
@click.option("--model", type=PATH, metavar="FILE", help="Model file to examine.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@_common
def doctor(model: Path | None, as_json: bool) -> None:
    """Tell what is installed, which backends can run here, and why others cannot.

    \b
    Example:  cubiseg doctor
    """
    import platform
    from importlib.metadata import PackageNotFoundError, version

    from cubiseg.inference.diagnosis import diagnose

    versions: dict[str, str | None] = {}
    for package in (
        "numpy", "opencv-python-headless", "pillow", "onnxruntime", "psd-tools", "scikit-image",
        "torch", "onedl-mmsegmentation", "dvc",
    ):  # fmt: skip
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = None
    found = diagnose(model)
    facts = {
        "cubiseg": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "bf16": _bf16(),
        "packages": versions,
        "model": None if found.model is None else str(found.model),
        "problem": found.problem,
        "architecture": found.architecture,
        "backends": found.backends,
        "environment": {name: os.environ.get(name) for name in _ENVIRONMENT},
    }
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    click.echo(f"cubiseg {facts['cubiseg']}, Python {facts['python']}, {facts['platform']}, {facts['cores']} cores")
    click.echo(f"bf16 arithmetic: {facts['bf16']}")
    click.echo("\nPackages")
    for package, number in versions.items():
        click.echo(f"  {package:24} {number or 'not installed'}")
    click.echo(f"\nModel: {_plain(found.model or 'none')}" + (f" ({found.architecture})" if found.architecture else ""))
    if found.problem:
        click.echo(f"  {_plain(found.problem)}")
    click.echo("\nBackends")
    for name, reason in found.backends.items():
        click.echo(f"  {name:24} {'can run' if reason is None else _plain(f'cannot run: {reason}')}")
    click.echo("\nEnvironment variables")
    for name, meaning in _ENVIRONMENT.items():
        click.echo(f"  {name:24} {_plain(os.environ.get(name) or '-')}  ({meaning})")


def _bf16() -> str:
    """Whether the processor has bfloat16 instructions; without them, bf16 training is slower than fp32."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "unknown on this system"
    fast = [name for name in ("amx_bf16", "avx512_bf16", "bf16") if f" {name}" in flags]
    return f"yes ({fast[0]})" if fast else "emulated, slow; use precision fp32"
