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
        page.wait_for_selector("#plot-training .main-svg")
        return page

    path = write_report(run_folder)
    return open_at


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_draws_its_figures_without_asking_for_anything(opened, width):
    page = opened(width)
    assert all(url.startswith("file:") for url in page.requests)
    assert len(page.requests) == 1
    assert page.problems == []
    assert page.locator(".js-plotly-plot").count() >= 7
    assert page.locator("#plot-pca .scatterlayer .trace").count() == 4
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_population_is_hidden_by_its_legend_entry(opened):
    page = opened(1280)
    page.locator("#plot-pca .legendtoggle").first.click()
    page.wait_for_timeout(800)  # plotly waits for a second click before it hides
    assert page.locator("#plot-pca .scatterlayer .trace").count() == 2
    assert page.problems == []
