"""What the conformance kit tries the Google Drive source with: a scripted Drive."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from plugins.cloud.serving import serving
from plugins.google_drive.config import DriveConfig
from plugins.google_drive.scripted import GoogleDrive, rate_limited
from plugins.google_drive.source import DriveSource


class DriveScene:
    """A Drive for the conformance kit: a key is the path of a file."""

    denies = False  # who may not read is not told: there is only who may

    def __init__(self, folder: Path) -> None:
        del folder
        self.stack = ExitStack()
        self.drive = GoogleDrive()
        self.stack.enter_context(serving(self.drive))
        groups = {f"{name}@example.org": f"group:{name}" for name in ("hr", "it")}
        users = {f"{name}@example.org": f"user:{name}" for name in ("ann", "bob")}
        self.config = {
            "credentials": self.drive.key(),
            "api": self.drive.url,
            "private_hosts": ["localhost"],
            "groups": groups,
            "users": users,
        }
        self.secret = self.config["credentials"]

    def source(self) -> DriveSource:
        """Return a new source on what is there."""
        return DriveSource(DriveConfig.model_validate(self.config))

    def put(self, key: str, data: bytes) -> None:
        """Write a file."""
        folder, name = self._place(key)
        one = self._find(folder, name)
        if one:
            self.drive.write(one, data)
        else:
            self.drive.add(name, folder, data)

    def remove(self, key: str) -> None:
        """Delete a file."""
        self.drive.delete(self._find(*self._place(key)))

    def rename(self, old: str, new: str) -> None:
        """Rename and move a file."""
        folder, name = self._place(new)
        self.drive.change(self._find(*self._place(old)), name=name, parents=[folder])

    def set_readers(self, key: str, allow: set[str], deny: set[str]) -> None:
        """Share a file with these people and groups only."""
        del deny
        rights = [
            {"type": one.split(":")[0], "emailAddress": f"{one.split(':')[1]}@example.org"} for one in sorted(allow)
        ]
        self.drive.share(self._find(*self._place(key)), *rights)

    def refuse(self, key: str) -> None:
        """Show a file and do not hand it out."""
        self.drive.refused[self._find(*self._place(key))] = (403, "cannotDownloadFile")

    def throttle(self, times: int) -> None:
        """Ask for patience so many times."""
        self.drive.mood.busy += [rate_limited()] * times

    def down(self, is_down: bool) -> None:
        """Do not answer, or answer again."""
        self.drive.mood.is_down = is_down

    def damage(self, is_damaged: bool) -> None:
        """Answer with rubbish, or with sense again."""
        self.drive.mood.is_damaged = is_damaged

    def close(self) -> None:
        """End the server."""
        self.stack.close()

    def _place(self, key: str) -> tuple[str, str]:
        folder = self.drive.root
        *folders, name = key.split("/")
        for part in folders:
            folder = self._find(folder, part) or self.drive.folder(part, folder)
        return folder, name

    def _find(self, folder: str, name: str) -> str:
        return next(
            (
                one
                for one, file in self.drive.files.items()
                if file["name"] == name and folder in file.get("parents", ())
            ),
            "",
        )


SCENES = {"google_drive": DriveScene}
