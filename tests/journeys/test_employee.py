"""An employee's day: asks, follows up, opens the page that is cited, shows a screenshot, stops, asks again."""

from __future__ import annotations

from io import BytesIO

from tests.journeys.conftest import Visit
from tests.journeys.house import House
from tests.journeys.papers import HOTEL


def test_asks_follows_up_and_opens_the_cited_page(house: House, visit: Visit) -> None:
    with visit(house, "emil") as emil:
        emil.open()
        emil.sees("What would you like to know?")
        emil.shot("employee-1-empty")
        emil.ask("What may a hotel cost?")
        emil.answered("140 euros")
        emil.shot("employee-2-answered")
        emil.ask("And for dinner?")
        emil.answered("32 euros")
        emil.shot("employee-3-followed-up")
        emil.page.locator("button.as-cite").first.click()
        emil.page.locator("mark", has_text=HOTEL).first.wait_for()
        emil.page.locator("[data-testid=stImage] img, img.as-page").first.wait_for()
        emil.shot("employee-4-page")


def test_attaches_a_screenshot_and_asks_about_it(house: House, visit: Visit) -> None:
    with visit(house, "emil") as emil:
        emil.open()
        emil.page.get_by_test_id("stChatInputTextArea").wait_for()
        shown = {"name": "shot.png", "mimeType": "image/png", "buffer": screenshot("VPN: error 619")}
        emil.page.locator("input[type=file]").first.set_input_files(shown)
        emil.sees("shot.png")
        emil.ask("What does the error in this shot mean?")
        emil.answered("the certificate has expired")
        emil.page.locator("[data-testid=stImage] img").first.wait_for()
        emil.shot("screenshot-answered")


def screenshot(text: str) -> bytes:
    """Return a picture of a message."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (640, 200), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((20, 20, 620, 180), outline="#888888", width=3)
    draw.text((60, 75), text, fill="black", font=ImageFont.load_default(size=44))
    target = BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()
