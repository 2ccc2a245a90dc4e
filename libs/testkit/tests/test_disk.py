"""A small disk is full when it is said to be, and has room again."""

import errno

import pytest

from nightowl_testkit.disk import DiskError, SmallDisk


def test_nobody_can_write_to_a_full_disk_until_it_is_freed(tmp_path):
    """Not one byte; what was there stays."""
    folder = tmp_path / "disk"
    try:
        with SmallDisk(folder, megabytes=2) as disk:
            (folder / "kept").write_bytes(b"x" * 4096)
            disk.fill()

            with pytest.raises(OSError) as caught:
                (folder / "more").write_bytes(b"x")
            assert caught.value.errno == errno.ENOSPC
            disk.free()
            (folder / "more").write_bytes(b"x" * 4096)
            assert (folder / "kept").stat().st_size == 4096
    except DiskError as error:
        pytest.skip(f"no disk can be mounted here: {error}")

    assert list(folder.iterdir()) == []
