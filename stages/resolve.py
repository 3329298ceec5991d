"""Take one side whole of what two merged branches both built, and say what `dvc repro` will build anew.

A lock, metrics and plots tell of one build; a mixture of two tells of none. What people wrote (code, dvc.yaml,
params.yaml) is theirs to merge, and is left alone.
"""

import re
import subprocess
from pathlib import Path

import click
import yaml

from cubiseg.errors import CubisegError, brief
from stages.common import one_line_errors

WRITTEN = (Path("params.yaml"), Path("dvc.yaml"))
"""What people merge, and what decides which stages are out of date."""
THEIRS = "MERGE_HEAD"
"""Only this one is gone once a merge is over, and only in a merge is HEAD the branch that one is on."""


@click.command(help=__doc__)
@click.option(
    "--side",
    type=click.Choice(["ours", "theirs"]),
    default="ours",
    show_default=True,
    help="Whose build to take: that of the branch you are on, or of the one that is merged into it.",
)
@one_line_errors
def main(side: str) -> None:
    for path in WRITTEN:
        refuse_markers(path)
    if not _git("rev-parse", "--quiet", "--verify", THEIRS, check=False):
        raise CubisegError(
            "no merge is under way; run it after `git merge`, before `git commit` (a rebase or cherry-pick: abort it, "
            "and merge)"
        )
    revisions = ("HEAD", THEIRS) if side == "ours" else (THEIRS, "HEAD")
    built = made()
    changed = [
        set(_paths("diff", "--name-only", "--no-renames", span, "--", *built))
        for span in (f"{THEIRS}...HEAD", f"HEAD...{THEIRS}")
    ]
    if all(changed):
        refuse_uncommitted(built)
        take(*revisions, built)
        click.echo(f"taken whole from {side}: {', '.join(sorted(changed[0] | changed[1]))}")
    # Figures that no stage makes are results of their own: one side where both sides changed the same file.
    for figures in sorted(set(_unmerged())):
        if figures.startswith("metrics/"):
            take(*revisions, [figures])
            click.echo(f"taken from {side}: {figures}")
    if left := sorted(set(_unmerged())):
        click.echo(f"left for you to merge and `git add`: {', '.join(left)}")
    stages = would_run()
    follows = ", and what depends on them where their outs change"  # which a dry run cannot know
    click.echo(f"`dvc repro` will run: {', '.join(stages)}{follows}" if stages else "`dvc repro` has nothing to do")
    pull = "dvc pull && " if side == "theirs" else ""  # else their outs are not in the workspace
    add = f"dvc repro && git add {' '.join(sorted({Path(path).parts[0] for path in built}))} && " if stages else ""
    click.echo(f"then: {pull}{add}git commit")


def refuse_markers(path: Path) -> None:
    """Raise where git left a conflict in a file that people merge."""
    text = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    lines = [str(number) for number, line in enumerate(text, 1) if re.match(r"(<{7}|>{7})( |$)", line)]
    if lines:
        told = (
            f"conflict markers in lines {', '.join(lines)}; merge them by hand first, they decide what is out of date"
        )
        raise CubisegError(f"{path}: {told}")


def refuse_uncommitted(paths: list[str]) -> None:
    """Raise where a file below some paths is in no conflict, and has content that neither side has committed."""
    here, there = (
        set(_paths("diff", "--name-only", "--no-renames", "--diff-filter=d", revision, "--", *paths))
        for revision in ("HEAD", THEIRS)
    )
    # What git does not know is in no diff, and is written over all the same where a side has a file of that name.
    known = {path for side in ("HEAD", THEIRS) for path in _paths("ls-tree", "-r", "--name-only", side, "--", *paths)}
    unknown = known & set(_paths("ls-files", "--others", "--", *paths))
    if lost := sorted(((here & there) | unknown) - set(_unmerged(*paths))):
        more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
        told = "built or edited since and committed nowhere; keep a copy of what you need, remove it, and run again"
        raise CubisegError(f"{', '.join(lost[:3])}{more}: {told}")


def made() -> list[str]:
    """What the stages make and git keeps: the lock, and outs and metrics that are not cached."""
    found = ["dvc.lock"]
    for stage in yaml.safe_load(Path("dvc.yaml").read_text(encoding="utf-8"))["stages"].values():
        for out in (*stage.get("outs", ()), *stage.get("metrics", ()), *stage.get("plots", ())):
            if isinstance(out, dict) and not next(iter(out.values())).get("cache", True):
                found += out
    return found


def take(revision: str, other: str, paths: list[str]) -> None:
    """Make what one of two revisions has below some paths what the first has, also where it has none of it."""
    there = set(_paths("ls-tree", "-r", "--name-only", revision, "--", *paths))
    gone = {*_paths("ls-tree", "-r", "--name-only", other, "--", *paths), *_unmerged(*paths)} - there
    if there:
        _git("checkout", revision, "--", *sorted(there))
    if gone:
        _git("rm", "--quiet", "--force", "--ignore-unmatch", "--", *sorted(gone))


def would_run() -> list[str]:
    """Stages that `dvc repro` would run."""
    dry = subprocess.run(["dvc", "repro", "--dry", "--allow-missing"], capture_output=True, text=True, check=False)
    if dry.returncode:
        raise CubisegError(f"dvc repro cannot tell what is out of date: {brief(RuntimeError(dry.stderr), 300)}")
    return re.findall(r"Running stage '([\w-]+)'", dry.stdout)


def _unmerged(*paths: str) -> list[str]:
    """Files in conflict; of some paths, or all."""
    return _paths("diff", "--name-only", "--diff-filter=U", "--", *paths)


def _git(*arguments: str, check: bool = True) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    if done.returncode and check:
        raise CubisegError(f"git {arguments[0]} failed: {brief(RuntimeError(done.stderr), 200)}; mend it and run again")
    return done.stdout if not done.returncode else ""


def _paths(command: str, *arguments: str) -> list[str]:
    """What a command of git lists."""
    return [path for path in _git(command, "-z", *arguments).split("\0") if path]


if __name__ == "__main__":
    main()
