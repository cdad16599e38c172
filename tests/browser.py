"""A Chromium to drive: found, or installed (Debian's package as root there, else Playwright's).

And axe-core, which looks for barriers in a page: one pinned version, got by npm, kept in the venv.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
)


AXE = "4.10.3"
PACKAGES = ("chromium", "fonts-noto-core", "fonts-droid-fallback")  # the last knows CJK


def axe_script() -> str:
    """Return axe-core as a script, fetched by npm where it is not here yet."""
    place = Path(sys.prefix) / "share" / f"axe-core-{AXE}.min.js"
    if not place.exists():
        npm = shutil.which("npm")
        assert npm, "The tests need npm, once, to fetch axe-core (Debian: apt-get install npm)."
        with TemporaryDirectory() as folder:
            fetch = [npm, "pack", f"axe-core@{AXE}", "--silent"]
            subprocess.run(fetch, cwd=folder, check=True, stdout=subprocess.DEVNULL)
            with tarfile.open(Path(folder) / f"axe-core-{AXE}.tgz") as packed:
                script = packed.extractfile("package/axe.min.js")
                assert script is not None
                place.parent.mkdir(exist_ok=True)
                place.write_bytes(script.read())
    return place.read_text("utf-8")


def find_browser() -> str | None:
    """Return the path of a Chromium on this machine, or None."""
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install_browser() -> None:
    """Install one, and say which way."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("Installing Chromium from the system's packages ...", file=sys.stderr)
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(
            [
                "apt-get",
                "install",
                "-y",
                "-qq",
                "chromium",
                "fonts-noto-core",
                "fonts-droid-fallback",
            ],
            check=True,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdout=subprocess.DEVNULL,
        )
    else:
        print("Installing Chromium through Playwright ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


if __name__ == "__main__":
    if find_browser() is None:
        install_browser()
    axe_script()
    print(find_browser() or sys.exit("No Chromium could be found or installed; see above."))
