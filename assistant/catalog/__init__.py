"""The catalog: the truth about sources, documents, who may read them, and work that is not finished."""

from __future__ import annotations

from assistant.catalog.audit import AuditLog
from assistant.catalog.audit_chain import Broken, Check, Head, Link, link_of
from assistant.catalog.audit_records import (
    NOBODY,
    OUTCOMES,
    SYSTEM,
    Act,
    AuditFilter,
    AuditPage,
    AuditRecord,
    Origin,
    Outcome,
    Verified,
)
from assistant.catalog.conversations import Conversations
from assistant.catalog.credentials import Credential, Credentials
from assistant.catalog.database import Database
from assistant.catalog.documents import Documents
from assistant.catalog.evaluations import EvaluationRecord, Evaluations, EvaluationState
from assistant.catalog.feedback import FeedbackRecord, FeedbackTable, QuestionRecord, Questions
from assistant.catalog.figures import IngestFigures
from assistant.catalog.groups import GroupRecord, Groups
from assistant.catalog.indexes import IndexedDocument, Indexes, IndexRecord
from assistant.catalog.inventory import Happened, Inventory, InventoryRecord, SuspicionCounts, Wanted
from assistant.catalog.jobs import Jobs
from assistant.catalog.keyring import Keyring
from assistant.catalog.openings import OpeningRecord, Openings
from assistant.catalog.packs import PackRecord, PackTable
from assistant.catalog.people import People, PersonRecord, TokenRecord
from assistant.catalog.personal import Personal
from assistant.catalog.plugins import PluginRecord, PluginTable
from assistant.catalog.provisioning import ProvisionedGroup, ProvisionedPerson, Provisioning
from assistant.catalog.records import (
    ConversationRecord,
    JobRecord,
    KnownDocument,
    NewTurn,
    OpenRun,
    Progress,
    RunRecord,
    SourceRecord,
    Surroundings,
    TurnNode,
    TurnRecord,
)
from assistant.catalog.rotation import Rotation, Use
from assistant.catalog.runs import Runs
from assistant.catalog.scopes import Scopes, Share
from assistant.catalog.secrets import MASK, Secret, keep_masked, mask_text, masked, revealed
from assistant.catalog.sessions import FoundSession, SessionRecord, Sessions, Way
from assistant.catalog.shares import ShareRecord, Shares
from assistant.catalog.sources import Sources
from assistant.catalog.stages import Stages
from assistant.catalog.suspicions import Found, SuspicionRecord, Suspicions
from assistant.catalog.token_counts import TokenCounts
from assistant.catalog.tools import ToolRecord, ToolTable
from assistant.catalog.uploads import UploadRecord, Uploads
from assistant.catalog.usage import POOR, Figures, Poor, PoorTurn, SourceFigures, UsageTable
from assistant.catalog.webhooks import Deliveries, DeliveryRecord, WebhookRecord, Webhooks

__all__ = [
    "Act",
    "AuditFilter",
    "AuditLog",
    "AuditPage",
    "AuditRecord",
    "Broken",
    "Check",
    "Head",
    "Link",
    "NOBODY",
    "OUTCOMES",
    "Origin",
    "Outcome",
    "SYSTEM",
    "Verified",
    "link_of",
    "Catalog",
    "ConversationRecord",
    "Conversations",
    "Credential",
    "Credentials",
    "Deliveries",
    "DeliveryRecord",
    "Documents",
    "EvaluationRecord",
    "EvaluationState",
    "Evaluations",
    "Figures",
    "POOR",
    "Poor",
    "PoorTurn",
    "SourceFigures",
    "UsageTable",
    "FeedbackRecord",
    "Found",
    "SuspicionRecord",
    "SuspicionCounts",
    "Suspicions",
    "FeedbackTable",
    "GroupRecord",
    "FoundSession",
    "Groups",
    "Happened",
    "IndexRecord",
    "IndexedDocument",
    "Indexes",
    "Inventory",
    "InventoryRecord",
    "JobRecord",
    "Jobs",
    "Keyring",
    "KnownDocument",
    "MASK",
    "NewTurn",
    "OpenRun",
    "OpeningRecord",
    "Openings",
    "PackRecord",
    "PackTable",
    "People",
    "PersonRecord",
    "Personal",
    "PluginRecord",
    "PluginTable",
    "Progress",
    "ProvisionedGroup",
    "ProvisionedPerson",
    "Provisioning",
    "QuestionRecord",
    "Questions",
    "Rotation",
    "RunRecord",
    "Runs",
    "Secret",
    "SessionRecord",
    "Scopes",
    "Sessions",
    "Share",
    "ShareRecord",
    "Shares",
    "SourceRecord",
    "Sources",
    "Stages",
    "Surroundings",
    "TokenCounts",
    "TokenRecord",
    "ToolRecord",
    "ToolTable",
    "TurnNode",
    "TurnRecord",
    "UploadRecord",
    "Uploads",
    "Wanted",
    "Use",
    "Way",
    "WebhookRecord",
    "Webhooks",
    "keep_masked",
    "mask_text",
    "masked",
    "revealed",
]


class Catalog:
    """One database: documents and token counts, sources, runs, jobs, uploads, indexes, plugins, tools, talks, people.

    Args:
        url: SQLAlchemy URL; the schema is brought up to date on opening.
        keyring: encrypts what is secret of sources, tools and webhooks.
    """

    def __init__(self, url: str, keyring: Keyring) -> None:
        self.keyring = keyring
        self.database = Database(url)
        self.sources = Sources(self.database, keyring)
        self.documents = Documents(self.database)
        self.scopes = Scopes(self.database)
        self.jobs = Jobs(self.database)
        self.runs = Runs(self.database)
        self.ingest_figures = IngestFigures(self.database)
        self.stages = Stages(self.database)
        self.uploads = Uploads(self.database)
        self.indexes = Indexes(self.database)
        self.feedback = FeedbackTable(self.database)
        self.questions = Questions(self.database)
        self.conversations = Conversations(self.database)
        self.token_counts = TokenCounts(self.database)
        self.plugins = PluginTable(self.database)
        self.packs = PackTable(self.database)
        self.tools = ToolTable(self.database, keyring)
        self.people = People(self.database)
        self.audit = AuditLog(self.database, keyring)
        self.rotation = Rotation(self.database, keyring)
        self.personal = Personal(self.database)
        self.groups = Groups(self.database)
        self.suspicions = Suspicions(self.database)
        self.openings = Openings(self.database)
        self.inventory = Inventory(self.database)
        self.provisioning = Provisioning(self.database)
        self.credentials = Credentials(self.database)
        self.sessions = Sessions(self.database)
        self.usage = UsageTable(self.database)
        self.evaluations = Evaluations(self.database)
        self.webhooks = Webhooks(self.database, keyring)
        self.deliveries = Deliveries(self.database)

    def close(self) -> None:
        """Close the database's connections."""
        self.database.close()
