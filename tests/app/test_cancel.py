"""What runs in the background can be cancelled, by a button and by leaving; the page says so."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from sim.app.desk import Desk
from tests.app.world import PATIENCE_MS, SMALL, paged, until

pytestmark = pytest.mark.slow
LONG = f"?{SMALL}&structures=functional,customer&set=compare.replications%3D5000"
"""A comparison that does not end by itself while it is looked at."""


@pytest.fixture(scope="module")
def desks() -> Iterator[tuple[str, Desk]]:
    """The address of a page, and the desk at which its questions are worked on."""
    with paged() as (place, behind):
        yield place, behind.desk


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    made = context.new_page()
    made.set_default_timeout(60_000)
    troubles: list[str] = []
    made.on("pageerror", lambda error: troubles.append(str(error)))
    yield made
    context.close()
    assert troubles == []


def quiet(desk: Desk) -> None:
    """Until nobody works on anything any more."""
    end = time.monotonic() + 60
    while desk.waiting or desk.shared or any(t.name == "explain" for t in threading.enumerate()):
        assert time.monotonic() < end
        time.sleep(0.05)


def split(page: Page) -> None:
    """Ask why the structures on show differ."""
    page.get_by_role("button", name="Skip").click()
    page.get_by_role("button", name="Why?").click()
    page.get_by_role("button", name="Split the difference").click()


def test_the_first_run_is_cancelled_and_goes_on(page: Page, desks: tuple[str, Desk]
                                                ) -> None:
    page.route("**/api/run?*", lambda _: None)  # no answer
    page.goto(f"{desks[0]}/?{SMALL}&structures=functional,customer")
    until(page, "globalThis.orgsim?.schema")
    page.locator(".stage").get_by_role("button", name="Cancel").click()
    expect(page.locator(".stage")).to_contain_text("Cancelled: nothing has been run yet")
    assert page.locator(".stage").get_attribute("aria-busy") == "false"
    expect(page.locator(".tile .interval").first).to_have_text("cancelled")
    quiet(desks[1])
    page.unroute("**/api/run?*")
    page.locator(".stage").get_by_role("button", name="Go on").click()
    until(page, "orgsim.recording && orgsim.found")
    assert page.locator(".panel").count() == 2


def test_a_changed_run_is_cancelled_and_the_one_before_stays(
    page: Page, desks: tuple[str, Desk],
) -> None:
    page.goto(f"{desks[0]}/?{SMALL}&structures=functional,customer")
    until(page, "globalThis.orgsim?.found")
    page.get_by_role("button", name="Skip").click()
    page.route("**/api/run?*", lambda _: None)  # no answer
    page.get_by_role("button", name="New luck").click()
    page.locator(".veil").get_by_role("button", name="Cancel").click()
    expect(page.locator(".veil")).to_contain_text("Cancelled: this is the run of the settings")
    page.locator("button.play").click()  # what is on show still plays
    until(page, "orgsim.player.t > 0.2")
    page.unroute("**/api/run?*")
    page.locator(".veil").get_by_role("button", name="Go on").click()
    until(page, "orgsim.recording.seed === Number(orgsim.settings.seed)")
    expect(page.locator(".veil")).to_be_hidden()


def test_the_comparison_is_cancelled_and_goes_on(page: Page, desks: tuple[str, Desk]
                                                 ) -> None:
    page.goto(f"{desks[0]}/{LONG}")
    until(page, "globalThis.orgsim?.found")
    page.get_by_role("button", name="Skip").click()
    assert desks[1].waiting == 1
    page.locator("#work").get_by_role("button", name="Cancel").click()
    expect(page.locator("#work")).to_have_text(
        re.compile(r"cancelled after \d+ of 5000 replications"))
    expect(page.locator("#lead .progress")).to_contain_text("cancelled")
    quiet(desks[1])
    before = page.evaluate("orgsim.found.replications")
    page.locator("#work").get_by_role("button", name="Go on").click()
    until(page, f"orgsim.found.replications > {before}")
    expect(page.locator("#lead .progress")).not_to_contain_text("cancelled")
    page.close()
    quiet(desks[1])


def test_the_explanation_is_cancelled_and_goes_on(page: Page, desks: tuple[str, Desk]
                                                  ) -> None:
    page.goto(f"{desks[0]}/?{SMALL}&structures=functional,customer")
    until(page, "globalThis.orgsim?.found && orgsim.found.replications === orgsim.found.target")
    split(page)
    page.locator("#split-cancel").click()
    expect(page.locator("#why")).to_contain_text("the difference is not split")
    quiet(desks[1])
    page.locator("#why").get_by_role("button", name="Go on").click()
    expect(page.locator("#why")).to_contain_text("Parts add up to", timeout=PATIENCE_MS)


def test_leaving_cancels_the_explanation_and_the_comparison(
    page: Page, desks: tuple[str, Desk],
) -> None:
    page.goto(f"{desks[0]}/{LONG}")
    until(page, "globalThis.orgsim?.found")
    split(page)
    page.locator("#split-cancel").wait_for()
    assert desks[1].waiting == 2
    page.goto("about:blank")
    quiet(desks[1])
