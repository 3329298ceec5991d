"""The command line; of its commands, ``process``."""

import argparse
from pathlib import Path

from cubiai.config.loader import load_config
from cubiai.logging_utils import configure_logging
from cubiai.pipeline.runner import PipelineRunner
from cubiai.workspace import Workspace


def main() -> None:
    parser = argparse.ArgumentParser(prog="cubiai")
    process = parser.add_subparsers(required=True).add_parser("process")
    process.add_argument("input_path", type=Path)
    process.add_argument("-c", "--config", type=Path, required=True)
    process.add_argument("-o", "--output-dir", type=Path, required=True)
    process.add_argument("--keep-intermediate", action="store_true")
    given = parser.parse_args()
    configure_logging()
    workspace = Workspace.create(
        input_path=given.input_path, root=given.output_dir, keep_intermediate=given.keep_intermediate
    )
    outputs = PipelineRunner(config=load_config(given.config), workspace=workspace).run()
    workspace.save_metadata("metadata.json", {"outputs": {name: str(path) for name, path in outputs.items()}})


if __name__ == "__main__":
    main()
