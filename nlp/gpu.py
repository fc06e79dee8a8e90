"""How full the memory of GPUs is."""


def gpu_memory() -> list[tuple[int, int]]:
    """Bytes in use, by whichever program, and bytes in all, for each GPU in the order of its number; empty without."""
    import torch

    if not torch.cuda.is_available():
        return []
    memory = [torch.cuda.mem_get_info(number) for number in range(torch.cuda.device_count())]
    return [(total - free, total) for free, total in memory]
