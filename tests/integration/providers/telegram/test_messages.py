"""Messages at the simulated server, with everything that a chat can answer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from leeward import NotifyTelegram
from leeward.extension.errors import Ambiguous, AuthFailed, Misconfigured, Permanent, RateLimited, Transient
from providers.telegram.answers import ChatGone
from providers.telegram.bot import Bot, Sent
from simulators.faults import Effect, Rule, Stage
from simulators.telegram.server import TelegramSimulator

Connect = Callable[..., Bot]
HELLO = NotifyTelegram(text="hello", chat=7)


class Effects:
    """Counts how often an effect was said to begin."""

    count = 0

    def __call__(self) -> None:
        self.count += 1


def send(bot: Bot, job: NotifyTelegram = HELLO) -> Sent:
    return bot.send(job, lambda: None)


def test_a_message_arrives_with_all_that_the_job_says(bot: Bot, telegram: TelegramSimulator) -> None:
    sent = send(bot, NotifyTelegram(text="<b>hello</b> 🎬", chat=7, parse_mode="HTML", silent=True, reply_to=3))

    assert sent == Sent(chat=7, message_id=1)
    (message,) = telegram.state()["messages"]
    assert message["text"] == "hello 🎬"
    assert message["chat"]["id"] == 7


def test_a_job_without_a_chat_goes_to_that_of_the_instance(connect: Connect, telegram: TelegramSimulator) -> None:
    send(connect(chat="@releases"), NotifyTelegram(text="hello"))

    assert [entry["chat"] for entry in telegram.record.entries("message_sent")] == ["@releases"]
    with pytest.raises(Permanent, match="names no chat"):
        send(connect(), NotifyTelegram(text="hello"))


def test_a_group_that_became_a_supergroup_gets_its_message_and_the_next_one_at_once(
    bot: Bot, telegram: TelegramSimulator
) -> None:
    telegram.configure({"migrated": {"-5": -1005}})

    first, second = send(bot, NotifyTelegram(text="one", chat=-5)), send(bot, NotifyTelegram(text="two", chat=-5))

    assert first == Sent(chat=-1005, message_id=1, migrated_from=-5)
    assert second.migrated_from == -5
    assert [entry["chat"] for entry in telegram.record.entries("message_sent")] == [-1005, -1005]


def test_a_group_that_moves_in_a_circle_ends(bot: Bot, telegram: TelegramSimulator) -> None:
    telegram.configure({"migrated": {"-5": -6, "-6": -5}})

    with pytest.raises(Permanent, match="upgraded"):
        send(bot, NotifyTelegram(text="one", chat=-5))


@pytest.mark.parametrize("way", ["blocked", "kicked", "deactivated", "deleted"])
def test_a_chat_that_is_gone_is_not_asked_again_for_a_while(way: str, bot: Bot, telegram: TelegramSimulator) -> None:
    telegram.configure({way: [7]})
    effects = Effects()

    for _ in range(2):
        with pytest.raises(ChatGone) as refused:
            bot.send(HELLO, effects)
        assert refused.value.condition == "CHAT_GONE"

    assert effects.count == 1
    assert send(bot, NotifyTelegram(text="to another", chat=8)).message_id == 1


def test_a_chat_that_came_back_is_found_where_no_time_is_set(connect: Connect, telegram: TelegramSimulator) -> None:
    bot = connect(gone_for=timedelta(0))
    telegram.configure({"blocked": [7]})
    with pytest.raises(ChatGone):
        send(bot)

    telegram.configure({"blocked": []})

    assert send(bot).message_id == 1


@pytest.mark.parametrize(
    ("parse_mode", "text"), [("HTML", "1 <x> 2"), ("HTML", "<b>open"), ("MarkdownV2", "v1.2!"), ("Markdown", "5 * 3")]
)
def test_a_text_whose_marks_cannot_be_read_is_sent_as_it_is(
    parse_mode: Any, text: str, bot: Bot, telegram: TelegramSimulator
) -> None:
    sent = send(bot, NotifyTelegram(text=text, chat=7, parse_mode=parse_mode))

    assert sent.marks_dropped
    assert [entry["text"] for entry in telegram.record.entries("message_sent")] == [text]


def test_a_flood_says_how_long_to_wait(bot: Bot, telegram: TelegramSimulator) -> None:
    telegram.configure({"most_per_window": 1, "window_seconds": 60, "retry_after_seconds": 35})
    send(bot)

    with pytest.raises(RateLimited) as refused:
        send(bot)

    assert refused.value.retry_after == timedelta(seconds=35)


def test_an_unknown_chat_is_the_jobs_own_mistake(bot: Bot, telegram: TelegramSimulator) -> None:
    telegram.configure({"chats": [8]})

    with pytest.raises(Permanent, match="chat not found"):
        send(bot)


@pytest.mark.parametrize("stage", [Stage.AFTER, Stage.DURING])
def test_a_lost_answer_leaves_the_outcome_open(stage: Stage, bot: Bot, telegram: TelegramSimulator) -> None:
    telegram.faults.set(Rule(operation="POST /bot*/sendMessage", effect=Effect.RESET, stage=stage))

    with pytest.raises(Ambiguous):
        send(bot)

    assert telegram.record.counts() == {"message_sent": 1}


def test_a_server_that_cannot_be_reached_has_sent_nothing(connect: Connect, telegram: TelegramSimulator) -> None:
    bot = connect()
    telegram.stop()

    with pytest.raises(Transient) as failed:
        send(bot)

    assert failed.value.unreachable


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_fault_of_the_edge_passes(status: int, bot: Bot, telegram: TelegramSimulator) -> None:
    telegram.faults.set(Rule(effect=Effect.STATUS, status=status, body="<h1>no</h1>", content_type="text/html"))

    with pytest.raises(Transient):
        send(bot)


def test_the_token_is_in_no_error(connect: Connect, telegram: TelegramSimulator) -> None:
    token = telegram.settings.token
    bot = connect()
    telegram.configure({"token": "999:another"})
    telegram.faults.set(
        Rule(
            operation="POST /bot*/sendMessage",
            effect=Effect.STATUS,
            status=400,
            body='{"ok":false,"error_code":400,"description":"no such path: /bot' + token + '/sendMessage"}',
            content_type="application/json",
        )
    )

    with pytest.raises(Permanent) as refused:
        send(bot)
    assert token not in str(refused.value)
    with pytest.raises(AuthFailed):
        bot.health()


def test_a_healthy_bot_knows_its_name(bot: Bot, telegram: TelegramSimulator) -> None:
    assert bot.health().detail == "@simulated_bot"

    telegram.faults.set(Rule(effect=Effect.STATUS, status=200, body="<html></html>", content_type="text/html"))
    with pytest.raises(Misconfigured):
        bot.health()
