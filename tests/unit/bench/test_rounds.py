from bench.rounds import interleaved


def test_contenders_take_turns_and_keep_their_own_figures():
    order = []

    def contender(name):
        def measure():
            order.append(name)
            return len(order)

        return measure

    figures = interleaved(2, {"plain": contender("plain"), "leeward": contender("leeward")})

    assert order == ["plain", "leeward", "plain", "leeward"]
    assert figures == {"plain": [1, 3], "leeward": [2, 4]}
