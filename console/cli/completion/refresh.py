"""`python -m console.cli.completion.refresh`: asks the fleet for its names and keeps them. A completion starts it and does not wait."""

from contextlib import suppress

from console.cli.completion.kept_names import Names, keep_names


def names_of_fleet() -> Names:
    """As the fleet has them now; the kinds of the contract alone where no server can be asked. Kept for the next time."""
    from console.cli.fleet import fleet
    from leeward.errors import LeewardError
    from leeward.jobs.contract_kinds import CONTRACT_KINDS

    try:
        with fleet() as admin:
            found = admin.names()
    except LeewardError:
        return {"kinds": sorted({known.kind for known in CONTRACT_KINDS})}
    names = {"queues": list(found.queues), "providers": list(found.providers), "kinds": list(found.kinds)}
    keep_names(names)
    return names


if __name__ == "__main__":
    with suppress(Exception):  # no person reads it; the next completion tries again
        names_of_fleet()
