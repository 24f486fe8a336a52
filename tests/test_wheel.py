"""The wheel carries everything that a checkout has: it is built, unpacked elsewhere, and started from there."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_installed_package_finds_its_texts_queries_and_migrations(tmp_path: Path) -> None:
    with (ROOT / "locales" / "id" / "LC_MESSAGES" / "bot.mo").open("rb") as read:
        built = subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert built.returncode == 0, built.stderr
        assert os.fstat(read.fileno()).st_nlink == 0, "whoever reads the texts during a build reads the old ones whole"
    [wheel] = tmp_path.glob("*.whl")
    home = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(home)
        assert any(name.endswith("id/LC_MESSAGES/bot.po") for name in archive.namelist())
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("VSI_", "WAIT_"))}
    talk = subprocess.run(
        [sys.executable, "-m", "bot", "demo"], cwd=tmp_path, env=clean | {"PYTHONPATH": str(home)},
        input="54123456789 50\nbayar\n", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "SUKSES T10004" in talk.stdout, talk.stderr
    assert (tmp_path / "data" / "demo.db").is_file()
