import pytest
from pydantic import ValidationError

from leeward import NotifyTelegram


@pytest.mark.parametrize("chat", [123456789, -1001234567890, "@releases", None])
def test_a_chat_is_a_number_or_a_public_name(chat: int | str | None) -> None:
    job = NotifyTelegram(text="hello", chat=chat)

    assert job.chat == chat
    assert job.queue == "notify.telegram"


def test_a_number_in_text_as_the_command_line_gives_it_is_a_number() -> None:
    assert NotifyTelegram.model_validate({"text": "hello", "chat": "-1001234567890"}).chat == -1001234567890


@pytest.mark.parametrize("chat", ["releases", "@a", "@with space", "https://t.me/releases", 2**53, ""])
def test_anything_else_is_no_chat(chat: int | str) -> None:
    with pytest.raises(ValidationError):
        NotifyTelegram(text="hello", chat=chat)


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_a_text_says_something(text: str) -> None:
    with pytest.raises(ValidationError):
        NotifyTelegram(text=text)


def test_a_text_is_as_long_as_a_message_can_be_and_longer_only_where_marks_are_taken_out_of_it() -> None:
    assert NotifyTelegram(text="x" * 4096)
    assert NotifyTelegram(text="x" * 4097, parse_mode="HTML")
    with pytest.raises(ValidationError, match="send it in parts"):
        NotifyTelegram(text="x" * 4097)
