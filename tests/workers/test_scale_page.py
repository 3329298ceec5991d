"""The cluster file of docs/scale.md is one that Ray takes, and its figures are the measured ones."""

import importlib.util
import json
import re
from pathlib import Path

import jsonschema
import yaml

from tests.conftest import ROOT

PAGE = (ROOT / "docs/scale.md").read_text(encoding="utf-8")


def test_the_cluster_file_fits_ray_s_schema() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    spec = importlib.util.find_spec("ray")
    assert spec is not None and spec.origin is not None
    schema = json.loads((Path(spec.origin).parent / "autoscaler/ray-schema.json").read_text())
    cluster = yaml.safe_load(text)
    jsonschema.validate(cluster, schema)
    assert cluster["head_node_type"] in cluster["available_node_types"]
    starts = [line for key, lines in cluster.items() if key.endswith("start_ray_commands") for line in lines]
    assert all("RAY_AUTH_MODE=token" in line for line in starts if "ray start" in line)


def test_the_page_tells_the_figures_that_were_measured() -> None:
    engines = json.loads((ROOT / "metrics/scale.json").read_text())["engines"]
    for pair, (median, least, largest) in engines["ratios"].items():
        assert f"| {pair} | {median:.2f} ({least:.2f} to {largest:.2f}) |" in PAGE
    assert engines["ratios"]["ray 2 / ray 1"][0] >= 1.8
