"""Layout files: one case for each layout, wrong files told clearly, and reading by them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from crawler.extract import EXTRACTOR, read_page, stamp_of
from crawler.layout import AFTER_SCRIPTS, Layouts, Outlet, load, packaged
from crawler.parsers import ParserPool
from origin import Origin
from product import Product
from store.archive import open_archive
from store.errors import ConfigError
from store.model import AS_SERVED

CASES = Path(__file__).parent / "layouts"
NAMES = sorted(place.parent.name for place in CASES.glob("*/expected.toml"))
PARAGRAPHS = (
    "The harbour board presented its report on the old sea wall to a full hall on Monday.",
    "Divers had looked at four hundred metres of the wall from March to the end of summer.",
    "A repair would cost nine million crowns, the report says, to be spent in three years.",
)
OWN = """outlet = "The Weir"
hosts = ["127.0.0.1"]

[[layout]]
since = 2026-01-01
body = ["div.story"]
headline = ["p.title"]
standfirst = ["//p[@class='summary']"]
notes = ["div.box"]
drop = [".offer"]
next_page = ["a.onward"]
"""
PAGE = (
    "<html lang='en'><head><title>The Weir</title></head><body><main><h1>The Weir</h1>"
    "<p class='title'>Sea wall has moved</p><p class='summary'>The bill divides the town.</p>"
    "<div class='story'>{}<p class='offer'>Subscribe to the harbour letter, every week.</p></div>"
    "<div class='box'>Correction: the wall is 400 metres long, and not 300 as we wrote.</div>"
    "<p>Another story of today, with enough words to be taken for text by anybody.</p></main>"
).format("".join(f"<p>{one}</p>" for one in PARAGRAPHS))


def own(text: str = OWN) -> Layouts:
    outlet = Outlet.model_validate(tomllib.loads(text))
    return Layouts(dict.fromkeys(outlet.hosts, outlet))


# ----------------------------------------------------------------------------------------------
# Those that come with Storylapse


@pytest.mark.parametrize("name", NAMES)
def test_a_page_of_the_outlet_is_read_by_its_layout(name: str) -> None:
    expected = tomllib.loads((CASES / name / "expected.toml").read_text("utf-8"))
    html = (CASES / name / "page.html").read_bytes()
    document = read_page(html, expected["address"], "text/html; charset=utf-8")
    assert document.layout == expected["layout"]
    assert document.headline == expected["headline"]
    assert document.standfirst == expected.get("standfirst")
    said = [block.text for block in document.blocks]
    assert [one for one in said if one in expected["says"]] == expected["says"]
    assert not [piece for piece in expected["without"] if piece in document.text]
    assert document.quality.is_article


def test_every_layout_has_a_case() -> None:
    known = {(o.hosts[0], str(one.since)) for o in packaged().outlets() for one in o.layout}
    cases = [tomllib.loads((CASES / name / "expected.toml").read_text("utf-8")) for name in NAMES]
    tried = {
        (outlet.hosts[0], case["layout"])
        for case in cases
        if (outlet := packaged().of(case["address"])) is not None
    }
    assert tried == known


def test_the_stamp_names_the_outlets_layouts_and_is_one_for_all_of_them() -> None:
    stamps = {
        read_page((CASES / name / "page.html").read_bytes(), address).extractor
        for name in ("jungewelt.de-2024", "jungewelt.de-2026")
        for address in ["https://www.jungewelt.de/artikel/1"]
    }
    assert stamps == {stamp_of("https://jungewelt.de/x")}
    assert stamps.pop().startswith(f"{EXTRACTOR} layout-jungewelt.de-2026-05-18-")
    assert stamp_of("https://nobody.example/") == EXTRACTOR


# ----------------------------------------------------------------------------------------------
# Reading by a layout


def test_a_layout_says_what_is_what() -> None:
    document = read_page(PAGE, "http://127.0.0.1:8/a", None, own())
    assert document.headline == "Sea wall has moved"
    assert document.standfirst == "The bill divides the town."
    assert [note.kind.value for note in document.notes] == ["correction"]
    assert not {"Subscribe", "Another story"} & {
        word for word in ("Subscribe", "Another story") if word in document.text
    }
    assert document.layout == "2026-01-01"


def test_notes_outside_the_body_are_kept_though_the_layout_names_none() -> None:
    layouts = own(OWN.replace('notes = ["div.box"]\n', ""))
    document = read_page(PAGE, "http://127.0.0.1/a", None, layouts)
    assert [note.kind.value for note in document.notes] == ["correction"]


def test_a_page_that_fits_no_layout_is_read_as_any_other() -> None:
    page = PAGE.replace("class='story'", "class='text'")
    document = read_page(page, "http://127.0.0.1/a", None, own())
    generic = read_page(page, "http://127.0.0.1/a", None, Layouts())
    assert document.layout == "none"
    assert document.blocks == generic.blocks
    assert (generic.layout, generic.extractor) == (None, EXTRACTOR)


def test_the_newest_layout_that_fits_is_the_one() -> None:
    newer = '[[layout]]\nsince = 2026-05-01\nbody = ["div.story p:first-child"]\n'
    document = read_page(PAGE, "http://127.0.0.1/a", None, own(OWN + newer))
    assert document.layout == "2026-05-01"
    assert document.blocks[0].text == PARAGRAPHS[0]


# ----------------------------------------------------------------------------------------------
# Files


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("outlet = ", "is not valid TOML"),
        ('outlet = "A"\nhosts = ["a.example"]', "the file: it says nothing: give a [[layout]]"),
        (OWN.replace("div.story", "div..a"), "layout.0.body.0: 'div..a' is no CSS selector"),
        (OWN.replace("div.story", "//p["), "layout.0.body.0: '//p[' is no CSS selector or XPath"),
        (OWN.replace("drop =", "dorp ="), "layout.0.dorp: there is no such key"),
        (OWN.replace('body = ["div.story"]', ""), "layout.0.body: Field required"),
        (OWN.replace("hosts", "hosts_"), "hosts: Field required"),
        (OWN + "until = 2025-01-01\n", "until (2025-01-01) is not after since"),
        (OWN + OWN.partition("\n\n")[2], "begins within the one before it"),
        ("# " + "x" * 70_000, "larger than 64 KiB"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_told_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "weir.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as error:
        load(tmp_path)
    assert str(file) in str(error.value)
    assert says in str(error.value)
    assert str(error.value).endswith(".")


def test_two_files_for_one_host_are_refused(tmp_path: Path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(OWN)
    with pytest.raises(ConfigError, match="has another layout file already"):
        load(tmp_path)


def test_a_missing_folder_is_told() -> None:
    with pytest.raises(ConfigError, match="There is no folder"):
        load(Path("/nowhere/layouts"))


def test_ones_own_file_takes_the_place_of_the_packaged_one(tmp_path: Path) -> None:
    (tmp_path / "elpais.toml").write_text(OWN.replace("127.0.0.1", "elpais.com"))
    layouts = load(tmp_path)
    found = layouts.of("https://www.elpais.com/a")
    assert found is not None
    assert found.outlet == "The Weir"
    assert layouts.of("https://rp.pl/a") == packaged().of("https://rp.pl/a")


@pytest.mark.parametrize(
    "address", ["not an address", "https://[::1]/a", "https://elpais.com.evil.example/", ""]
)
def test_other_hosts_have_no_layout(address: str) -> None:
    assert packaged().of(address) is None


def test_a_selector_is_checked_when_the_file_is_read() -> None:
    with pytest.raises(ValidationError):
        own(OWN.replace("div.story", "div[").replace("p.title", "]"))


# ----------------------------------------------------------------------------------------------
# Through the parser children and the product


def test_the_children_read_by_ones_own_files(tmp_path: Path) -> None:
    (tmp_path / "weir.toml").write_text(OWN)
    with ParserPool(1, layouts=tmp_path) as pool:
        document = pool.read(PAGE.encode(), "http://127.0.0.1:8/a", "text/html")
    assert document.layout == "2026-01-01"
    assert document.headline == "Sea wall has moved"


def rows(product: Product, question: str) -> list[dict[str, Any]]:
    return open_archive(product.archive).query(question)


@pytest.fixture
def laid_out(tmp_path: Path, origin: Origin) -> Product:
    """A product whose working folder holds a layout for the origin."""
    (tmp_path / "layouts").mkdir()
    (tmp_path / "layouts" / "weir.toml").write_text(OWN)
    environment = {"STORYLAPSE__CRAWL__LAYOUTS": "layouts"}
    return Product(tmp_path / "archive.duckdb", (origin.host,), environment)


def test_the_crawl_reads_by_ones_own_layout_and_doctor_says_when_it_no_longer_fits(
    origin: Origin, laid_out: Product
) -> None:
    origin.pages["/a"] = PAGE
    laid_out.run("watch", origin.address("/a"))
    laid_out.run("fetch", "--all")
    assert rows(laid_out, "SELECT layout FROM check_list") == [{"layout": "2026-01-01"}]
    assert "no longer fits" not in laid_out.run("doctor", ok=(0, 1)).stdout
    for n in range(5):
        path = f"/{n}"
        origin.pages[path] = PAGE.replace("class='story'", "class='text'")
        laid_out.run("watch", origin.address(path))
    laid_out.run("fetch", "--all")
    said = laid_out.run("doctor", ok=(0, 1)).stdout
    assert f"The layout of {origin.host} no longer fits: 5 of its last 6 pages" in said


def test_the_next_page_of_a_layout_is_followed(origin: Origin, laid_out: Product) -> None:
    onward = "</p><a class='onward' href='/b-more'>and then</a>"
    origin.pages["/b"] = PAGE.replace("every week.</p>", f"every week.{onward}")
    second = "".join(f"<p>{one[:-1]}, it was said again.</p>" for one in PARAGRAPHS)
    origin.pages["/b-more"] = PAGE.replace(f"<p>{PARAGRAPHS[0]}</p>", second)
    laid_out.run("watch", origin.address("/b"))
    laid_out.run("fetch", "--all")
    assert rows(laid_out, "SELECT pages FROM check_list") == [{"pages": 2}]


def test_a_wrong_layout_keeps_the_crawl_from_starting(origin: Origin, laid_out: Product) -> None:
    (laid_out.archive.parent / "layouts" / "weir.toml").write_text("outlet = ")
    laid_out.run("watch", origin.address("/a"))
    done = laid_out.run("fetch", "--all", ok=(1, 2))
    assert "weir.toml is not valid TOML" in done.stderr
    assert "weir.toml is not valid TOML" in laid_out.run("doctor", ok=(1,)).stdout


# ----------------------------------------------------------------------------------------------
# Pages by script


def test_a_file_may_ask_for_scripts_alone_and_must_say_something() -> None:
    told = own('outlet = "The Weir"\nhosts = ["127.0.0.1"]\njavascript = true\n')
    document = read_page(AFTER_SCRIPTS + PAGE, "http://127.0.0.1/", None, told)
    assert document.layout is None, "no layout is missed where none is given"
    with pytest.raises(ValidationError, match="javascript = true"):
        own('outlet = "The Weir"\nhosts = ["127.0.0.1"]\n')


def test_a_page_kept_as_served_is_no_like_of_one_after_its_scripts() -> None:
    address = "http://127.0.0.1/story"
    scripts = own(OWN.replace("[[layout]]", "javascript = true\n[[layout]]"))
    after = read_page(AFTER_SCRIPTS + PAGE, address, None, scripts)
    before = read_page(PAGE, address, None, scripts)
    assert after.extractor == stamp_of(address, scripts)
    assert before.extractor == after.extractor + AS_SERVED
    assert after.blocks == before.blocks
    plain = read_page(AFTER_SCRIPTS + PAGE, address, None, own())
    assert plain.extractor == stamp_of(address, own()), "only where it is asked for"


def test_doctor_says_which_browser_runs_the_scripts_that_are_asked_for(
    origin: Origin, laid_out: Product
) -> None:
    laid_out.run("watch", origin.address("/a"))
    assert "browser:" not in laid_out.run("doctor", ok=(0, 1)).stdout, "nobody asked for scripts"
    file = laid_out.archive.parent / "layouts" / "weir.toml"
    file.write_text(OWN.replace("[[layout]]", "javascript = true\n[[layout]]"))
    said = laid_out.run("doctor", ok=(0, 1)).stdout
    assert " runs the scripts of The Weir." in said or "The crawl does not start: A layout" in said


@pytest.mark.browser
def test_the_day_scripts_are_asked_for_is_no_edit(origin: Origin, laid_out: Product) -> None:
    said = "The board will meet again in the autumn to decide what is to be done with the wall."
    add = f"document.querySelector('div.story').insertAdjacentHTML('beforeend', '<p>{said}</p>')"
    origin.pages["/a"] = PAGE + f"<script>{add}</script>"
    laid_out.run("watch", origin.address("/a"))
    laid_out.run("fetch", "--all")
    file = laid_out.archive.parent / "layouts" / "weir.toml"
    file.write_text(OWN.replace("[[layout]]", "javascript = true\n[[layout]]"))
    laid_out.run("fetch", "--all")
    checks = rows(laid_out, "SELECT outcome FROM check_list ORDER BY started_at")
    assert [one["outcome"] for one in checks] == ["read", "read"]
    archive = open_archive(laid_out.archive)
    held = archive.query("SELECT held_by FROM comparisons")
    assert held == [{"held_by": "reader"}], "what differs may be the reading, and is not told"
    # Read again once, as it was served, and then left alone.
    file.write_text(file.read_text().replace("p.title", "p.title.big"))
    layouts = load(file.parent)
    article = archive.article_id(origin.address("/a"))
    stamp = stamp_of(origin.address("/a"), layouts)
    assert len(archive.unread(article, stamp)) == 2
    laid_out.run("reread")
    assert archive.unread(article, stamp) == []
    assert archive.read_by_another(EXTRACTOR, {origin.host: stamp}) == []
