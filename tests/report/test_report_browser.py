import re
from pathlib import Path

import pytest

from genome_ac_gan.report import write_report

pytestmark = pytest.mark.browser
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no {CHROMIUM}")
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser, run_folder):
    """Return a function that opens the report at a width, with what it asked for and complained about."""

    def open_at(width):
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.requests, page.problems = [], []
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda line: page.problems.append(line.text) if line.type == "error" else None)
        page.goto(path.as_uri())
        page.wait_for_selector("#plot-overview .main-svg")
        return page

    path = write_report(run_folder)
    return open_at


def scrolled_through(page):
    """Return the figures that are there once every one has been in sight."""
    places = page.locator("section > figure .plot, article > figure .plot")
    for index in range(places.count()):
        places.nth(index).scroll_into_view_if_needed()
        places.nth(index).locator(".main-svg").first.wait_for()
    return page.locator(".js-plotly-plot").count()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_draws_its_figures_without_asking_for_anything(opened, width):
    page = opened(width)
    assert scrolled_through(page) >= 8
    assert all(url.startswith("file:") for url in page.requests)
    assert len(page.requests) == 1
    assert page.problems == []
    assert page.locator("#plot-pca .scatterlayer .trace").count() == 4
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_figures_far_away_wait_until_they_are_in_sight(opened):
    page = opened(1280)
    assert page.locator("#plot-training .main-svg").count() == 0
    page.locator("nav a[href='#training']").click()
    page.locator("#plot-training .main-svg").first.wait_for()
    assert page.problems == []


def test_a_population_is_hidden_by_its_legend_entry(opened):
    page = opened(1280)
    page.locator("#plot-pca").scroll_into_view_if_needed()
    page.locator("#plot-pca .legendtoggle").first.click()
    page.wait_for_timeout(800)  # plotly waits for a second click before it hides
    assert page.locator("#plot-pca .scatterlayer .trace").count() == 2
    assert page.problems == []


def test_folded_values_unfold_with_their_figure(opened):
    page = opened(1280)
    part = page.locator("#metric-nearest-neighbour-accuracy")
    assert not part.locator("table").is_visible()
    part.locator("summary").click()
    assert part.locator("table").is_visible()
    assert page.problems == []


def test_a_table_is_downloaded_as_it_was_written(opened, run_folder):
    page = opened(1280)
    with page.expect_download() as download:
        page.locator("#metric-ld-decay button[data-download]").click()
    assert download.value.suggested_filename == "ld-decay.tsv"
    header, *rows = download.value.path().read_text(encoding="utf-8").splitlines()
    whole = (run_folder / "evaluation" / "table.tsv").read_text(encoding="utf-8").splitlines()
    assert header == whole[0]
    assert len(rows) == sum("\tld-decay\t" in line for line in whole)
    assert page.problems == []


def test_the_methods_text_is_copied_or_selected(opened):
    page = opened(1280)
    page.locator("button[data-copy]").click()
    page.get_by_role("button", name=re.compile("^(Copied|Selected)")).wait_for()
    assert page.problems == []
