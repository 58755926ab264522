"""The relay of a producer's outbox: it enqueues the rows that `leeward.outbox` has written. docs/outbox.md says what it promises."""
