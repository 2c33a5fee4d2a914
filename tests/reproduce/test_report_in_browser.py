"""The report as a browser shows it."""

import shutil

import pytest

from reproduce.report import stored_results
from reproduce.report.page import page

BROWSER, DRIVER = (
    next(filter(None, map(shutil.which, names)), None)
    for names in (("chromium", "google-chrome", "chrome"), ("chromedriver",))
)
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

pytestmark = pytest.mark.skipif(
    not (BROWSER and DRIVER),
    reason="needs Chromium and its driver: apt-get install chromium chromium-driver",
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """A browser with the report of the shipped results open."""
    from selenium import webdriver

    folder = tmp_path_factory.mktemp("browser")
    path = folder / "report.html"
    path.write_text(page(stored_results.read()), encoding="utf-8")
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for argument in (*ARGUMENTS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
    try:
        driver.get(path.as_uri())
        yield driver
    finally:
        driver.quit()


def show(browser, width):
    """Shows the page at a width, as a phone does if it is small."""
    screen = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)


def test_images_are_whole(browser):
    broken = "return [...document.images].filter(i => !i.complete || !i.naturalWidth).length"
    assert browser.execute_script("return document.images.length") >= 3
    assert browser.execute_script(broken) == 0


def test_nothing_goes_wrong(browser):
    """No script error, nothing refused, nothing asked of the network."""
    browser.refresh()
    assert browser.get_log("browser") == []
    fetched = "return performance.getEntriesByType('resource').map(e => e.name)"
    outside = [name for name in browser.execute_script(fetched) if not name.startswith("data:")]
    assert outside == []


@pytest.mark.parametrize("width", [320, 400, 1200])
@pytest.mark.parametrize("unfolded", [False, True])
def test_nothing_is_wider_than_the_screen(browser, width, unfolded):
    show(browser, width)
    browser.execute_script(
        "document.querySelectorAll('details').forEach(d => d.open = arguments[0])", unfolded
    )
    page_width, screen_width = browser.execute_script(
        "const e = document.documentElement; return [e.scrollWidth, e.clientWidth]"
    )
    assert 0 < page_width <= screen_width <= width


def test_wide_tables_scroll_by_themselves(browser):
    show(browser, 400)
    scrolled = browser.execute_script(
        "return [...document.querySelectorAll('.scroll')].filter(e => {"
        "  e.scrollLeft = 100; return e.scrollLeft > 0 && e.tabIndex == 0 }).length"
    )
    assert scrolled >= 3


def test_it_prints(browser):
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})
    assert len(printed["data"]) > 100_000  # the figures are in it


def test_colours_follow_the_reader(browser):
    colours = []
    for scheme in ("light", "dark"):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        script = "return getComputedStyle(document.body).backgroundColor"
        colours.append(browser.execute_script(script))
    assert colours == ["rgb(255, 255, 255)", "rgb(20, 24, 30)"]
