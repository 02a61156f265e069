"""The settings in force, for admins. They are read once, at the start: to change one takes a restart."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from assistant.api.context import ContextOf, must_manage
from assistant.api.shown_settings import SettingJson, settings_file, shown_settings
from assistant.api.signed_in import UserOf

router = APIRouter(prefix="/api/settings", tags=["settings"])


class SettingsJson(BaseModel):
    """Every setting as this process has it."""

    file: str = Field(description="The file that settings are read from; it may not be there.")
    file_is_there: bool
    settings: list[SettingJson]


@router.get("")
def settings(context: ContextOf, user: UserOf) -> SettingsJson:
    """Return every setting with its value, where that comes from, its default and its meaning; secrets are masked."""
    must_manage(user)
    path = settings_file(context.app.settings)
    return SettingsJson(file=str(path), file_is_there=path.is_file(), settings=shown_settings(context.app.settings))
