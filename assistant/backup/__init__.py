"""Backups: catalog, blobs and index in a folder, made while the assistant runs, and put back into an empty home."""

from __future__ import annotations

from assistant.backup.create import BackupReport, Origin, create_backup
from assistant.backup.manifest import Missing, Model, OnProgress
from assistant.backup.restore import Contents, RestoreReport, Target, restore_backup
from assistant.backup.tables import AUDIT_LOG

__all__ = [
    "AUDIT_LOG",
    "BackupReport",
    "Contents",
    "Missing",
    "Model",
    "OnProgress",
    "Origin",
    "RestoreReport",
    "Target",
    "create_backup",
    "restore_backup",
]
