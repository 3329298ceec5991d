import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
ASK = """
eval "$(cubiseg completion bash)"
complete -p cubiseg
COMP_WORDS=(cubiseg {words}) COMP_CWORD={last}
_cubiseg_completion cubiseg
echo "${{COMPREPLY[@]}}"
"""


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("lay", "layers"),
        ("layers --prof", "--profile"),
        ("layers art.png --profile cubi", "cubiai cubism"),
        ("review re", "report"),
        ("completion zs", "zsh"),
    ],
)
def test_bash_completes_commands_options_and_values(run: Run, tmp_path: Path, words: str, completed: str) -> None:
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    told = run("bash", "-c", ASK.format(words=words, last=len(words.split())), cwd=tmp_path).stdout.splitlines()
    assert "_cubiseg_completion cubiseg" in told[0] and told[-1] == completed


@pytest.mark.parametrize(("shell", "sign"), [("zsh", "#compdef cubiseg"), ("fish", "complete --no-files --command")])
def test_other_shells_get_a_script_of_their_own(run: Run, tmp_path: Path, shell: str, sign: str) -> None:
    told = run("cubiseg", "completion", shell, cwd=tmp_path).stdout
    assert sign in told and "_CUBISEG_COMPLETE" in told
    if shutil.which(shell):
        (tmp_path / "script").write_text(told)
        run(shell, "-n", "script", cwd=tmp_path)
