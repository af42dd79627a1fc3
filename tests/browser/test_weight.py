"""Pages stay light enough for a commune's line: what `python -m bench.weights` prints, kept."""

from bench import weights
from tests.service import House


def test_every_page_keeps_its_budget(built: None, one_house: House) -> None:
    found = weights.measure(one_house)
    assert {weight.page.name: weight.total for weight in found if not weight.fits} == {}
    assert min(weight.html for weight in found) > 0
    assert min(weight.js for weight in found) > 0
