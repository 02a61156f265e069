"""The JSON that scripts and clients see: one set of shapes for the command line and the API."""

from __future__ import annotations

from assistant.wire.answers import (
    AnnouncedJson,
    AnswerJson,
    CitationJson,
    HitJson,
    PlanJson,
    PlannedDocumentJson,
    PlannedPassageJson,
    SearchJson,
    UsageJson,
)
from assistant.wire.calls import ToolUseJson
from assistant.wire.documents import AccessJson, DocumentJson, ListedDocumentJson, PictureJson
from assistant.wire.plugins import HealthJson, PackDocumentsJson, PackUseJson, PluginJson, PluginListJson
from assistant.wire.searches import FiltersJson, StageJson, TraceJson
from assistant.wire.shelf import DocumentSearchRequest, FoundDocumentsJson
from assistant.wire.sources import (
    CountsJson,
    FailureJson,
    OpenFailureJson,
    ReportJson,
    RunJson,
    SourceJson,
)
from assistant.wire.tools import OfferedToolJson, OfferedToolsJson, ToolJson, ToolKindsJson, ToolsJson, ToolTrialJson
from assistant.wire.warnings import WarningJson, WarningsJson

__all__ = [
    "AccessJson",
    "AnnouncedJson",
    "AnswerJson",
    "CitationJson",
    "CountsJson",
    "DocumentJson",
    "DocumentSearchRequest",
    "FailureJson",
    "FiltersJson",
    "FoundDocumentsJson",
    "HealthJson",
    "HitJson",
    "ListedDocumentJson",
    "OfferedToolJson",
    "OfferedToolsJson",
    "OpenFailureJson",
    "PackDocumentsJson",
    "PackUseJson",
    "PictureJson",
    "PlanJson",
    "PlannedDocumentJson",
    "PlannedPassageJson",
    "PluginJson",
    "PluginListJson",
    "ReportJson",
    "RunJson",
    "SearchJson",
    "SourceJson",
    "StageJson",
    "ToolJson",
    "ToolKindsJson",
    "ToolTrialJson",
    "ToolsJson",
    "ToolUseJson",
    "TraceJson",
    "UsageJson",
    "WarningJson",
    "WarningsJson",
]
