"""What others build on: every machine-readable output keeps to its schema in docs/schemas."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from dashboard.api import PATHS
from histories import ADDRESS, CORRECTION, TEXT, corrected, document
from product import Product
from store.compare import compare, prepare
from store.compare.report import comparison_as_dict
from store.export.dictionary import CHANGES
from store.report import document_as_dict

FOLDER = Path(__file__).parent.parent / "docs" / "schemas"
SCHEMAS = {file.name: json.loads(file.read_text("utf-8")) for file in sorted(FOLDER.glob("*.json"))}
REGISTRY = Registry().with_resources(
    (name, Resource.from_contents(schema)) for name, schema in SCHEMAS.items()
)


def problems(name: str, value) -> list[str]:
    validator = Draft202012Validator(SCHEMAS[name], registry=REGISTRY)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def unknown_keys(name: str, value) -> list[str]:
    """Keys of ``value`` that the schema does not describe, at any depth."""
    return list(_unknown(SCHEMAS[name], SCHEMAS[name], value, name))


def _unknown(schema, root, value, path):
    if "$ref" in schema:
        file, _, pointer = schema["$ref"].partition("#")
        root = SCHEMAS[file] if file else root
        schema = root
        for part in pointer.strip("/").split("/") if pointer else ():
            schema = schema[part]
        yield from _unknown(schema, root, value, path)
        return
    if isinstance(value, dict):
        known = schema.get("properties", {})
        for key, inner in value.items():
            if key in known:
                yield from _unknown(known[key], root, inner, f"{path}.{key}")
            else:
                yield f"{path}.{key}"
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for inner in value:
            yield from _unknown(schema["items"], root, inner, f"{path}[]")


def holds(name: str, value) -> None:
    assert problems(name, value) == []
    assert unknown_keys(name, value) == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_schema_is_a_valid_schema(name):
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$id"] == name


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The command line on an archive in which an article was corrected and removed."""
    archive = corrected(tmp_path_factory.mktemp("kept"))
    return Product(archive.path)


def test_the_log_of_an_article(kept):
    told = kept.json("log", ADDRESS)
    assert told["events"]
    assert any(version["notes"] for version in told["versions"])
    holds("log.json", told)


def test_lines_of_changes(kept):
    changes = kept.lines("changes")
    assert {change["kind"] for change in changes} == {"edited", "correction", "removed"}
    for change in changes:
        holds("change.json", change)


def test_lines_of_alerts(kept):
    alerts = kept.lines("alerts")
    assert {alert["kind"] for alert in alerts} == {"correction", "removed"}
    for alert in alerts:
        holds("alert.json", alert)


def test_an_exported_line_has_the_columns_of_the_data_dictionary(kept):
    told = [json.loads(line) for line in kept.run("export").stdout.splitlines()]
    assert len(told) == len(kept.lines("changes"))
    assert [list(record) for record in told] == [[one.name for one in CHANGES.columns]] * len(told)


def test_a_comparison():
    old, new = document(*TEXT), document(*TEXT[:2], "It rained all day.", note=CORRECTION)
    told = comparison_as_dict(compare(prepare(old), prepare(new)), old, new)
    assert told["changes"]
    assert told["notes"]
    holds("comparison.json", told)


def test_a_document():
    holds("document.json", document_as_dict(document(*TEXT, note=CORRECTION)))


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    return Product(tmp_path_factory.mktemp("contracts") / "a.duckdb")


def answers(product, operation, work) -> list[dict]:
    file = product.archive.parent / f"{operation}.jsonl"
    file.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in work))
    done = product.run(operation, "--batch", str(file))
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_lines_of_compare_batches_broken_ones_too(product):
    page = "<html><body><article><h1>H</h1><p>" + " ".join(TEXT) + "</p></article></body></html>"
    work = [
        {"id": 1, "old": {"sentences": list(TEXT)}, "new": {"sentences": list(TEXT[:2])}},
        {"id": "b", "old": {"text": TEXT[0]}, "new": {"html": page, "url": ADDRESS}},
    ]
    for line in work:
        assert problems("compare-work.json", line) == []
    broken = {"id": 3, "old": {}, "new": {"path": "/nowhere.txt"}}
    assert problems("compare-work.json", broken)
    told = answers(product, "compare", [*work, broken, "{nonsense"])
    assert [one["id"] for one in told] == [1, "b", 3, None]
    assert [("error" in one) for one in told] == [False, False, True, True]
    assert told[0]["old"]["sentences"] == list(TEXT)
    for one in told:
        assert problems("compare-answer.json", one) == []


def test_lines_of_extract_batches_broken_ones_too(product):
    page = "<html><body><article><h1>H</h1><p>" + " ".join(TEXT) + "</p></article></body></html>"
    good = {"id": "x", "url": ADDRESS, "html": page}
    assert problems("extract-work.json", good) == []
    told = answers(product, "extract", [good, {"id": "y", "url": ADDRESS}])
    assert [one["id"] for one in told] == ["x", "y"]
    assert [("error" in one) for one in told] == [False, True]
    for one in told:
        assert problems("extract-answer.json", one) == []


def test_every_schema_and_every_path_of_the_api_is_documented():
    told = (FOLDER.parent / "programs.md").read_text("utf-8")
    assert [name for name in SCHEMAS if name != "common.json" and f"`{name}`" not in told] == []
    paths = [path.replace("{article}", "ID") for path in PATHS]
    assert [path for path in paths if f"| `{path}` |" not in told] == []
