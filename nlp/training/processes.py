"""The processes that train together: one, or those that torchrun or `accelerate launch` started.

Each global batch is split over them; their gradients are averaged. Only the main one writes and prints.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nlp.encoder import pick_device

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Processes:
    """This process: number `rank` of `world`, computing on `device`."""

    rank: int
    world: int
    device: str

    @property
    def is_main(self) -> bool:
        """Whether this is the one that writes and prints."""
        return self.rank == 0

    def add_up(self, values: "torch.Tensor") -> "torch.Tensor":
        """The sum of `values` over all processes."""
        if self.world > 1:
            from torch import distributed

            distributed.all_reduce(values)
        return values

    def wait(self) -> None:
        """Wait until all have come here."""
        if self.world > 1:
            from torch import distributed

            distributed.barrier()


def launched_together() -> bool:
    """Whether torchrun or `accelerate launch` started this process."""
    from torch import distributed

    return distributed.is_available() and distributed.is_torchelastic_launched()


def join_processes(device: str = "auto") -> Processes:
    """This process among those it trains with; the first call connects them.

    Raises:
        EncoderError: `device` is not known, or not here.
    """
    if not launched_together():
        return Processes(0, 1, pick_device(device))
    from accelerate import PartialState

    state = PartialState(cpu=pick_device(device) == "cpu")
    return Processes(state.process_index, state.num_processes, str(state.device))


def part_processes() -> None:
    """Disconnect from the other processes, at the end of the program."""
    from torch import distributed

    if distributed.is_available() and distributed.is_initialized():
        distributed.destroy_process_group()
