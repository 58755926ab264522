"""Replies of real servers: an allowance holds, a refusal of us is an operator's, a refusal of the recipient ends one mail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.extension.errors import Misconfigured, QuotaExceeded
from providers.smtp.answers.enhanced_status import enhanced
from providers.smtp.answers.replies import Stage, meaning
from tests.unit.providers.smtp.known_replies import EVERY_ONE, Known, of_kind

ONLY_AT_ITS_STAGE = {
    "mx.gmx.net Nemesis ESMTP Service not available",
    "no",
    "5.5.1 Command unrecognized: RCPT",
    "Syntactically invalid HELO argument(s)",
}


@pytest.mark.parametrize("known", EVERY_ONE, ids=lambda known: f"{known.source}: {known.code} {known.text[:50]}")
def test_a_reply_means_what_its_server_means(known: Known) -> None:
    assert meaning(known.code, known.text, known.stage) is known.kind


@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.FINAL])
def test_an_allowance_holds_wherever_it_is_told(stage: Stage) -> None:
    wrong = [known for known in of_kind(QuotaExceeded) if meaning(known.code, known.text, stage) is not QuotaExceeded]

    assert wrong == []


@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.FINAL])
def test_a_refusal_of_us_kills_no_mail_wherever_it_is_told(stage: Stage) -> None:
    anywhere = [known for known in of_kind(Misconfigured) if known.text not in ONLY_AT_ITS_STAGE]
    wrong = [known for known in anywhere if meaning(known.code, known.text, stage) is not Misconfigured]

    assert wrong == []


@given(st.sampled_from(EVERY_ONE), st.data())
def test_line_breaks_and_case_do_not_matter(known: Known, data: st.DataObject) -> None:
    code = enhanced(known.text)
    words = known.text.split(" ")
    at = data.draw(st.integers(2 if code else 1, len(words)))
    further = " ".join(words[at:])
    broken = " ".join(words[:at]) + (f"\n{code} {further}" if code and further else f"\n{further}")

    shown = data.draw(st.sampled_from([broken, broken.upper(), broken.replace(" ", "  ")]))

    assert meaning(known.code, shown, known.stage) is known.kind


@given(st.integers(500, 599).filter(lambda code: code not in {500, 502, 503, 530, 534, 535, 538, 555}), st.text())
def test_an_unknown_refusal_of_a_recipient_is_that_recipients(code: int, text: str) -> None:
    assert meaning(code, f"5.1.1 {text.strip()[:40]!r}", Stage.RCPT).__name__ in {
        "Permanent",
        "QuotaExceeded",
        "RateLimited",
    }
