"""The rows of a producer's outbox (`leeward.outbox`), as a relay and people read them: in the producer's database, not the fleet's."""
