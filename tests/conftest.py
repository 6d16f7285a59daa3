import pytest
import torch


@pytest.fixture
def one_thread():
    """Compute on one thread, so that sums are rounded the same way every time."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
