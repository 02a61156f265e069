"""Every error this project raises on purpose, as one tree.

AssistantError                      message: what, why; hint: the next step; retryable: may trying again help
├── ConfigurationError              a setting, a rule file or an argument is wrong
│   ├── SettingsError               the settings file or an ASSISTANT_ variable cannot be used
│   └── TakenError                  a name or an id that only one may have is taken
├── NotFoundError                   no such source, document, page or run (or none that this user may read)
├── SourceBusyError                 a sync of this source is at work (retryable)
├── IndexBusyError                  an admin has an index built, swapped, checked or deleted now (retryable)
├── ConversationBusyError           a question of this conversation is being answered (retryable)
├── EvaluationBusyError             the kept questions are being asked already (retryable)
├── AlreadyDecidedError             a call that a person decides on does not wait any more
├── ChangedMeanwhileError           what somebody looked at and decided on is another by now
├── AccessDeniedError               the caller's role does not allow this action
│   └── RightsLostError             what an answer rests on may not be read any more by who asked
│   └── PasswordChangeNeededError   the password that somebody else set has to be changed first
├── NotSignedInError                nobody is signed in by what a request brought
├── IdentityProviderError           the identity provider does not answer, or not as one (retryable)
├── TooManyAttemptsError            too many wrong passwords or tokens: it takes a while until the next (retryable)
├── StorageError                    the home or the disk
│   ├── HomeNotWritableError        the home cannot be written to
│   ├── HomeInUseError              another process owns this home's index
│   ├── CatalogUnavailableError     the catalog's database is locked or does not answer now (retryable)
│   ├── CatalogTooNewError          a newer version migrated the catalog, and this one cannot use it
│   ├── AuditUnavailableError       the audit log cannot be written, so that nothing is done or shown (retryable)
│   ├── StorageFullError            no space left on the device (retryable)
│   └── BackupError                 a backup cannot be made here, or what is there is no good backup
├── IngestError                     one document could not be indexed; the run goes on
│   ├── SourceError                 the source as a whole cannot be read
│   │   └── SourceUnreachableError  the source does not answer now (retryable)
│   ├── DocumentUnreadableError     the source lists the document but does not hand it out
│   ├── DocumentChangedError        the document changed while it was read (retryable)
│   ├── UnsupportedFormatError      no parser accepts this type
│   ├── EmptyDocumentError          the parser found no text
│   ├── EncryptedDocumentError      the document asks for a password
│   ├── DamagedDocumentError        the parser could not make sense of the bytes
│   ├── DocumentTooLargeError       over a limit that a setting names
│   ├── ParserCrashedError          the parser process died or ran over its time or memory
│   └── WorkerLostError             every worker that took up the document ended or hung (retryable)
├── VectorIndexError                the vector index cannot do what was asked
│   ├── IndexUnavailableError       the index or its owner does not answer (retryable)
│   └── EmbedderMismatchError       the index was built with another embedder
├── EmbedderError                   a local model cannot be loaded or its weights are not the published ones
├── ModelServerError                a model server refuses, or answers with something else than was asked for
│   ├── PromptTooLongError          the prompt is over what the model's server takes
│   ├── ModelAccessError            it refuses the key
│   ├── ModelNotFoundError          it has no model of this name
│   └── ModelUnavailableError       it does not answer now (retryable)
│       ├── ModelOverloadedError    too many requests at once (retryable)
│       └── ModelInterruptedError   an answer ended in its middle (retryable)
├── PluginError                     a plugin cannot be loaded or broke its contract
├── ToolError                       a tool was called wrongly or cannot do what was asked
└── ServiceError                    a process cannot be started
    ├── PortInUseError              the port is taken
    └── BrokerUnavailableError      the broker does not take work (retryable)

Errors pickle, so that they cross from parser processes and Celery workers whole.
"""

from __future__ import annotations


class AssistantError(Exception):
    """The root of the tree.

    Args:
        message: one line that names the thing and the cause.
        hint: one line with the next step, empty if there is none.
    """

    retryable = False

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message

    @property
    def code(self) -> str:
        """The class's name: the stable word for this kind of error in records and in the API."""
        return type(self).__name__


class ConfigurationError(AssistantError):
    """A setting, a rule file or an argument is wrong."""


class SettingsError(ConfigurationError):
    """The settings file or an `ASSISTANT_` variable cannot be used."""


class TakenError(ConfigurationError):
    """A name or an id that only one may have is taken."""


class NotFoundError(AssistantError):
    """There is no such source, document, page or run, or none that this user may read."""


class SourceBusyError(AssistantError):
    """A sync of this source is at work: there is one at a time."""

    retryable = True


class IndexBusyError(AssistantError):
    """This process builds, swaps, checks or deletes an index for an admin: it does one such thing at a time."""

    retryable = True


class ConversationBusyError(AssistantError):
    """A question of this conversation is being answered: there is one at a time."""

    retryable = True


class EvaluationBusyError(AssistantError):
    """The kept questions are being asked already: there is one such run at a time."""

    retryable = True


class AlreadyDecidedError(AssistantError):
    """A call of a tool does not wait for a person's decision any more: it was decided, or its answer has ended."""


class ChangedMeanwhileError(AssistantError):
    """What somebody looked at and decided on is another by now: what was meant is not what would be done."""


class AccessDeniedError(AssistantError):
    """The caller's role does not allow this action."""


class RightsLostError(AccessDeniedError):
    """While an answer was written, a right was taken away from who asked, on something that it rests on."""


class PasswordChangeNeededError(AccessDeniedError):
    """The person signed in with a password that somebody else set: it has to be changed before anything else."""


class NotSignedInError(AssistantError):
    """Nobody is signed in by what a request brought: no token or session, or one that is unknown or has ended."""


class IdentityProviderError(AssistantError):
    """The identity provider that `oidc_issuer` names does not answer, or not as an identity provider does."""

    retryable = True


class TooManyAttemptsError(AssistantError):
    """Too many wrong passwords or tokens came for one account or from one address: it takes a while until the next."""

    retryable = True


class StorageError(AssistantError):
    """The home or the disk does not take what has to be stored."""


class HomeNotWritableError(StorageError):
    """The home cannot be created or written to."""


class HomeInUseError(StorageError):
    """Another process owns this home's index; nothing was touched."""


class CatalogUnavailableError(StorageError):
    """The catalog's database is locked, or does not answer now."""

    retryable = True


class CatalogTooNewError(StorageError):
    """The catalog was migrated by a newer version, and this one cannot use it, or cannot do this on it."""


class AuditUnavailableError(StorageError):
    """The audit log cannot be written now; what would have to be recorded is neither done nor shown."""

    retryable = True


class StorageFullError(StorageError):
    """There is no space left on the device."""

    retryable = True


class BackupError(StorageError):
    """A backup cannot be made there, or what is there is unfinished, damaged or newer than this assistant."""


class IngestError(AssistantError):
    """One document could not be indexed."""


class SourceError(IngestError):
    """The source as a whole cannot be read."""


class SourceUnreachableError(SourceError):
    """The source does not answer now."""

    retryable = True


class DocumentUnreadableError(IngestError):
    """The source lists the document but does not hand it out."""


class DocumentChangedError(IngestError):
    """The document changed while it was read."""

    retryable = True


class UnsupportedFormatError(IngestError):
    """No parser accepts this type."""


class EmptyDocumentError(IngestError):
    """The parser found no text: a failure to report, never an empty success."""


class EncryptedDocumentError(IngestError):
    """The document asks for a password."""


class DamagedDocumentError(IngestError):
    """The parser could not make sense of the bytes."""


class DocumentTooLargeError(IngestError):
    """The document is over a limit that a setting names."""


class ParserCrashedError(IngestError):
    """The parser process died, or ran over its limit of time or memory."""


class WorkerLostError(IngestError):
    """Every worker that took up the document ended or hung; it is tried again, each time later."""

    retryable = True


class VectorIndexError(AssistantError):
    """The vector index cannot do what was asked."""


class IndexUnavailableError(VectorIndexError):
    """The index or the process that owns it does not answer."""

    retryable = True


class EmbedderMismatchError(VectorIndexError):
    """The index was built with another embedder than the one that is configured."""


class EmbedderError(AssistantError):
    """An embedding model or a reranker cannot be loaded, or its weights are not the published ones."""


class ModelServerError(AssistantError):
    """A model server refuses what was asked, or answers with something else."""


class PromptTooLongError(ModelServerError):
    """The prompt, with the room for its answer, is longer than what the model's server takes.

    Args:
        limit: the most tokens that the server takes; None where it does not say.
        tokens: how many it counted; None where it does not say.
    """

    def __init__(self, message: str, hint: str = "", *, limit: int | None = None, tokens: int | None = None) -> None:
        super().__init__(message, hint)
        self.limit = limit
        self.tokens = tokens


class ModelAccessError(ModelServerError):
    """The model server refuses the API key, or asks for one."""


class ModelNotFoundError(ModelServerError):
    """The model server has no model of this name."""


class ModelUnavailableError(ModelServerError):
    """The model server does not answer now.

    Args:
        retry_after: seconds after which it wants to be asked again; None where it does not say.
    """

    retryable = True

    def __init__(self, message: str, hint: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(message, hint)
        self.retry_after = retry_after


class ModelOverloadedError(ModelUnavailableError):
    """More requests are at work or waiting than the model server, or this process, takes at once."""


class ModelInterruptedError(ModelUnavailableError):
    """The model server ended an answer in its middle, or was too slow to finish it.

    Args:
        text: what had come of the answer.
    """

    def __init__(self, message: str, hint: str = "", *, text: str = "") -> None:
        super().__init__(message, hint)
        self.text = text


class PluginError(AssistantError):
    """A plugin cannot be loaded or broke its contract."""


class ToolError(AssistantError):
    """A tool was called with wrong arguments, or cannot do what was asked."""


class ServiceError(AssistantError):
    """A process of the assistant cannot be started."""


class PortInUseError(ServiceError):
    """The port that a server should listen on is taken."""


class BrokerUnavailableError(ServiceError):
    """The broker does not take work for the workers."""

    retryable = True
