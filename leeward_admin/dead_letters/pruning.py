"""What retention takes away, and what it keeps."""

from storage.dead_letters.retention.prune import Pruned, PruneUnderWay
from storage.dead_letters.retention.survey import Fate, PrunedLine

__all__ = ["Fate", "PruneUnderWay", "Pruned", "PrunedLine"]
