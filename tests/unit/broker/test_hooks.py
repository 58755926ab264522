"""Only hooks that do something are called, and a changed list of middleware is noticed."""

from dramatiq.middleware import Middleware

from broker.hooks import Hooks


class Speaks(Middleware):
    def before_ack(self, broker: object, message: object) -> None:
        """Something to do."""


class Silent(Middleware):
    pass


def owners(hooks: Hooks, middleware: list[Middleware]) -> list[Middleware]:
    return [one for one, _ in hooks.at("before_ack", middleware)]


def test_a_hook_that_was_not_overridden_is_left_out() -> None:
    speaks, silent = Speaks(), Silent()

    assert owners(Hooks(), [silent, speaks]) == [speaks]


def test_hooks_come_in_the_order_of_the_list() -> None:
    first, second = Speaks(), Speaks()

    assert owners(Hooks(), [first, second]) == [first, second]


def test_a_middleware_that_took_anothers_place_is_called_in_its_stead() -> None:
    hooks, middleware = Hooks(), [Speaks(), Silent()]
    owners(hooks, middleware)
    replacement = Speaks()

    middleware[0] = replacement

    assert owners(hooks, middleware) == [replacement]


def test_an_added_middleware_is_called() -> None:
    hooks = Hooks()
    middleware: list[Middleware] = [Silent()]
    owners(hooks, middleware)
    added = Speaks()

    middleware.append(added)

    assert owners(hooks, middleware) == [added]
