"""The page of screens is what the command draws, and fits a terminal of 80 columns."""

from script import export_screens


def test_the_page_is_current() -> None:
    assert not export_screens.differs(), "run script/export-screens"


def test_every_screen_fits_80_columns() -> None:
    blocks = export_screens.page().split("```console\n")[1:]

    assert len(blocks) == len(export_screens.SCREENS)
    for block in blocks:
        lines = block.partition("```")[0].splitlines()
        assert max(map(len, lines)) <= export_screens.WIDTH
