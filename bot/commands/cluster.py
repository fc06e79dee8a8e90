"""`dawen cluster`: what is on the Ray cluster of the settings, and Dawen's models removed from it."""

from dataclasses import asdict

from bot import console
from bot.clusters import visit_cluster
from bot.settings import Settings

_QUESTION = "Remove {}? Bots that use them compute in their own processes until they are started again."


def status(settings: Settings, *, as_json: bool) -> None:
    """Show nodes and models.

    Raises:
        SettingsError: no cluster is named. StartError, ClusterAway: it does not answer.
    """
    with visit_cluster(settings) as visit:
        census = visit.census()
    if as_json:
        console.print_json(asdict(census))
        return
    console.out.print(census.size, markup=False)
    rows: list[tuple[object, ...]] = [
        (found.name, found.state, "this bot" if found.mine else "") for found in census.applications
    ]
    console.print_table(rows, "model", "state", "used by")


def clear(settings: Settings, *, old: bool, sure: bool, as_json: bool) -> None:
    """Remove Dawen's models, or only the `old` ones, which this bot does not use; asks first unless one is `sure`.

    Raises:
        SettingsError: no cluster is named. StartError, ClusterAway: it does not answer.
    """
    with visit_cluster(settings) as visit:
        there = [found for found in visit.census().applications if found.state != "missing"]
        names = [found.name for found in there if not (old and found.mine)]
        if names and not sure and not console.is_sure(_QUESTION.format(", ".join(names))):
            names = []
        visit.remove(names)
    if as_json:
        console.print_json({"removed": names})
    else:
        console.out.print(f"removed from the cluster: {', '.join(names) or 'nothing'}", markup=False)
