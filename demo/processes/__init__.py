"""The processes that the demo starts: simulators, a fleet with its servers, a producer."""
