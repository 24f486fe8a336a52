"""Which disks forget, as the kernel's table of mounts tells it."""

from pathlib import Path

import pytest

from bot import disks
from bot.settings import Settings, SettingsError

SHARED = Path("/dev/shm")  # noqa: S108  # asked about, never written
MARKS = [
    "DYNO", "K_SERVICE", "CLOUD_RUN_JOB", "AWS_LAMBDA_FUNCTION_NAME", "FUNCTIONS_WORKER_RUNTIME", "VERCEL", "NETLIFY",
]  # fmt: skip
MOUNTS = """\
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
22 21 0:20 / /run rw,nosuid shared:2 - tmpfs tmpfs rw
23 22 8:2 / /run/kept rw - ext4 /dev/sdb1 rw
24 21 0:30 / /over rw - overlay overlay rw,lowerdir=/a
25 21 0:31 / /twice rw - tmpfs tmpfs rw
26 21 8:3 / /twice rw - ext4 /dev/sdc1 rw
27 21 0:32 / /with\\040blank rw - ramfs ramfs rw
nonsense
"""


@pytest.mark.parametrize(
    ("directory", "kind"),
    [
        ("/", None),
        ("/srv/shop/data", None),
        ("/run", "tmpfs"),
        ("/run/shop/data", "tmpfs"),
        ("/run/kept/data", None),
        ("/runfoo", None),
        ("/over/data", None),  # containers live on it, with a volume or without: it proves nothing
        ("/twice/data", None),
        ("/with blank/data", "ramfs"),
    ],
)
def test_a_directory_in_memory_is_recognised_by_the_deepest_mount(tmp_path: Path, directory: str, kind: str) -> None:
    (tmp_path / "mountinfo").write_text(MOUNTS)
    assert disks.in_memory(Path(directory), tmp_path / "mountinfo") == kind


def test_where_there_is_no_table_nothing_is_refused(tmp_path: Path) -> None:
    assert disks.in_memory(Path("/run"), tmp_path / "nowhere") is None


@pytest.mark.skipif(disks.in_memory(SHARED) is None, reason="this machine keeps no shared memory in a directory")
def test_a_database_in_memory_is_refused_and_allowed_for_practice(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(database_url=f"sqlite:///{SHARED}/setrum.db", ephemeral_disk=False)
    for mark in MARKS:
        monkeypatch.delenv(mark, raising=False)
    with pytest.raises(SettingsError, match=r"is in memory \(tmpfs\).* for practice only"):
        settings.need_lasting_disk()
    settings.model_copy(update={"ephemeral_disk": True}).need_lasting_disk()


@pytest.mark.parametrize("mark", MARKS)
def test_a_host_that_forgets_its_disk_is_known_by_its_mark(monkeypatch: pytest.MonkeyPatch, mark: str) -> None:
    settings = Settings(database_url="sqlite:////srv/setrum.db", ephemeral_disk=False)
    for other in MARKS:
        monkeypatch.delenv(other, raising=False)
    settings.need_lasting_disk()
    monkeypatch.setenv(mark, "web.1")
    with pytest.raises(SettingsError, match=f"{mark} is set"):
        settings.need_lasting_disk()
    settings.model_copy(update={"ephemeral_disk": True}).need_lasting_disk()
