"""What each route of the API asks of its caller, and the word that the audit log has for it: one table, all routes.

A route that is not in the table is refused, and `create_api` does not start with one. `curate` lets those pass who look
after any source; the route itself checks which one it is about.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast, get_args

from fastapi.routing import APIRoute

from assistant.access import Caller
from assistant.access.roles import Scope
from assistant.errors import AccessDeniedError, ServiceError
from assistant.types import Role

Right = Literal["public", "signed_in", "read", "ask", "upload", "curate", "manage", "audit", "metrics", "scim"]
RIGHTS: tuple[Right, ...] = get_args(Right)

_SCOPES: dict[Right, Scope | None] = {"signed_in": None, "curate": "manage"}  # others are called as the right
_EVERYBODY: frozenset[Role] = frozenset({"employee", "curator", "admin", "auditor", "operator"})
ROLES: dict[Right, frozenset[Role]] = {
    "signed_in": _EVERYBODY,
    "read": _EVERYBODY,
    "ask": _EVERYBODY,
    "upload": _EVERYBODY,
    "curate": frozenset({"curator", "admin", "operator"}),
    "manage": frozenset({"admin", "operator"}),
    "audit": frozenset({"auditor", "admin", "operator"}),
    "metrics": frozenset({"auditor", "admin", "operator"}),
    "scim": frozenset({"admin", "operator"}),
}
_WHO: dict[Right, str] = {
    "curate": "only admins and curators do this",
    "manage": "only admins manage sources, plugins, tools, webhooks and people",
    "audit": "only auditors and admins read the audit log",
    "metrics": "only auditors, admins and tokens of theirs with the scope 'metrics' read the metrics",
    "scim": "only a token of an admin with the scope 'scim' provisions people",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """What a route asks for.

    Attributes:
        right: what the caller must have.
        action: what the audit log calls it; None: it is not recorded.
    """

    right: Right
    action: str | None = None


RULES: dict[tuple[str, str], Rule] = {
    ("GET", "/health"): Rule("public"),
    ("GET", "/ready"): Rule("public"),
    ("GET", "/metrics"): Rule("metrics"),
    ("GET", "/api/status"): Rule("signed_in"),
    # the pages look by themselves for a session, and lead those who have none to where they sign in
    ("GET", "/enter"): Rule("public"),
    ("GET", "/sign-in"): Rule("public"),
    ("POST", "/sign-in"): Rule("public", "signed in"),
    ("GET", "/sign-in/oidc"): Rule("public"),
    ("GET", "/sign-in/oidc/callback"): Rule("public", "signed in"),
    ("GET", "/sign-out"): Rule("public"),
    ("POST", "/sign-out"): Rule("public", "signed out"),
    ("GET", "/change-password"): Rule("public"),
    ("POST", "/change-password"): Rule("public", "password changed"),
    ("GET", "/api/me"): Rule("signed_in"),
    ("GET", "/api/sessions"): Rule("signed_in"),
    ("DELETE", "/api/sessions"): Rule("signed_in", "sessions ended"),
    ("DELETE", "/api/sessions/{session}"): Rule("signed_in", "session ended"),
    ("GET", "/api/tokens"): Rule("signed_in"),
    ("POST", "/api/tokens"): Rule("signed_in", "token made"),
    ("DELETE", "/api/tokens/{token}"): Rule("signed_in", "token revoked"),
    ("GET", "/api/people"): Rule("manage", "people listed"),
    ("POST", "/api/people"): Rule("manage", "person added"),
    ("GET", "/api/people/{person}"): Rule("manage"),
    ("PATCH", "/api/people/{person}"): Rule("manage", "person changed"),
    ("POST", "/api/people/{person}/password"): Rule("manage", "password reset"),
    ("GET", "/api/people/{person}/sessions"): Rule("manage", "sessions listed"),
    ("DELETE", "/api/people/{person}/sessions"): Rule("manage", "sessions ended"),
    ("GET", "/api/people/{person}/tokens"): Rule("manage", "tokens listed"),
    ("POST", "/api/ask"): Rule("ask", "asked"),
    ("GET", "/v1/models"): Rule("ask"),
    ("GET", "/v1/models/{model}"): Rule("ask"),
    ("POST", "/v1/chat/completions"): Rule("ask", "asked"),
    ("POST", "/api/plan"): Rule("ask", "searched"),
    ("GET", "/api/scope"): Rule("read"),
    ("GET", "/api/suggestions"): Rule("read"),
    ("POST", "/api/search"): Rule("read", "searched"),
    ("POST", "/api/search/documents"): Rule("read", "searched"),
    ("POST", "/api/search/pictures"): Rule("read", "searched"),
    ("POST", "/api/search/picture"): Rule("read", "searched"),
    ("GET", "/api/conversations"): Rule("ask"),
    ("POST", "/api/conversations"): Rule("ask", "asked"),
    ("GET", "/api/conversations/{conversation}"): Rule("ask"),
    ("PATCH", "/api/conversations/{conversation}"): Rule("ask"),
    ("DELETE", "/api/conversations/{conversation}"): Rule("ask", "conversation deleted"),
    ("POST", "/api/conversations/{conversation}/restore"): Rule("ask", "conversation restored"),
    ("GET", "/api/conversations/{conversation}/export"): Rule("ask", "conversation exported"),
    ("POST", "/api/conversations/{conversation}/turns"): Rule("ask", "asked"),
    ("GET", "/api/conversations/{conversation}/turns/{turn}"): Rule("ask"),
    ("POST", "/api/conversations/{conversation}/turns/{turn}/regenerate"): Rule("ask", "asked"),
    ("POST", "/api/conversations/{conversation}/turns/{turn}/edit"): Rule("ask", "asked"),
    ("GET", "/api/conversations/{conversation}/turns/{turn}/attachments/{number}"): Rule("ask"),
    ("POST", "/api/conversations/{conversation}/turns/{turn}/stop"): Rule("ask"),
    ("POST", "/api/conversations/{conversation}/turns/{turn}/calls/{call}/decision"): Rule("ask", "call decided"),
    ("GET", "/api/conversations/{conversation}/turns/{turn}/events"): Rule("ask"),
    ("GET", "/api/conversations/{conversation}/turns/{turn}/suggestions"): Rule("ask"),
    ("GET", "/api/conversations/{conversation}/feedback"): Rule("ask"),
    ("PUT", "/api/conversations/{conversation}/turns/{turn}/feedback"): Rule("ask", "feedback given"),
    ("DELETE", "/api/conversations/{conversation}/turns/{turn}/feedback"): Rule("ask", "feedback deleted"),
    ("GET", "/api/conversations/{conversation}/shares"): Rule("ask"),
    ("POST", "/api/conversations/{conversation}/shares"): Rule("ask", "conversation shared"),
    ("DELETE", "/api/conversations/{conversation}/shares/{share}"): Rule("ask", "share ended"),
    ("GET", "/api/shared"): Rule("read"),
    ("GET", "/api/shared/{share}"): Rule("read", "shared conversation read"),
    ("POST", "/api/feedback"): Rule("ask", "feedback given"),
    ("GET", "/api/feedback"): Rule("manage", "feedback read"),
    ("DELETE", "/api/feedback/{feedback_id}"): Rule("manage", "feedback deleted"),
    ("GET", "/api/questions"): Rule("manage", "questions read"),
    ("POST", "/api/questions"): Rule("manage", "question kept"),
    ("DELETE", "/api/questions/{question_id}"): Rule("manage", "question deleted"),
    ("GET", "/api/questions/unanswered"): Rule("manage", "unanswered questions read"),
    ("GET", "/api/evaluations"): Rule("manage"),
    ("POST", "/api/evaluations"): Rule("manage", "evaluation started"),
    ("GET", "/api/evaluations/{evaluation}"): Rule("manage", "evaluation read"),
    ("POST", "/api/evaluations/{evaluation}/cancel"): Rule("manage", "evaluation cancelled"),
    ("DELETE", "/api/evaluations/{evaluation}"): Rule("manage", "evaluation removed"),
    ("GET", "/api/usage"): Rule("metrics"),
    ("GET", "/api/settings"): Rule("manage", "settings read"),
    ("GET", "/api/documents"): Rule("read", "documents listed"),
    ("GET", "/api/documents/text"): Rule("read", "document opened"),
    ("GET", "/api/documents/types"): Rule("read"),
    ("GET", "/api/documents/blocks"): Rule("read", "document opened"),
    ("GET", "/api/documents/chunks"): Rule("read", "document opened"),
    ("GET", "/api/documents/layout"): Rule("read"),
    ("GET", "/api/documents/warnings"): Rule("curate", "warnings read"),
    ("POST", "/api/documents/warnings/review"): Rule("curate", "warning reviewed"),
    ("GET", "/api/documents/page"): Rule("read", "document opened"),
    ("GET", "/api/documents/boxes"): Rule("read"),
    ("GET", "/api/documents/page-image"): Rule("read", "document opened"),
    ("GET", "/api/documents/thumbnail"): Rule("read"),  # nobody reads it; the search that found it is recorded
    ("GET", "/api/documents/original"): Rule("read", "original downloaded"),
    ("GET", "/api/documents/pictures"): Rule("read"),
    ("GET", "/api/documents/picture"): Rule("read", "document opened"),
    ("GET", "/api/inventory"): Rule("curate", "documents overlooked"),
    ("GET", "/api/inventory/document"): Rule("curate", "document inspected"),
    ("POST", "/api/inventory/ingest"): Rule("curate", "document taken in again"),
    ("POST", "/api/inventory/delete"): Rule("curate", "document deleted"),
    ("GET", "/api/uploads"): Rule("upload"),
    ("POST", "/api/uploads"): Rule("upload", "file uploaded"),
    ("PATCH", "/api/uploads/{key}"): Rule("upload", "upload shared"),
    ("DELETE", "/api/uploads/{key}"): Rule("upload", "upload removed"),
    ("GET", "/api/sources"): Rule("curate"),
    ("POST", "/api/sources"): Rule("manage", "source added"),
    ("POST", "/api/sources/test"): Rule("manage", "source tried"),
    ("POST", "/api/sources/{name}/sync"): Rule("curate", "source synced"),
    ("POST", "/api/sources/{name}/test"): Rule("curate", "source tried"),
    ("PATCH", "/api/sources/{name}"): Rule("manage", "source changed"),
    ("POST", "/api/sources/{name}/pause"): Rule("curate", "source paused"),
    ("POST", "/api/sources/{name}/resume"): Rule("curate", "source resumed"),
    ("DELETE", "/api/sources/{name}"): Rule("manage", "source removed"),
    ("GET", "/api/schedules/next"): Rule("curate"),
    ("GET", "/api/runs"): Rule("curate"),
    ("GET", "/api/runs/{run_id}"): Rule("curate"),
    ("GET", "/api/runs/{run_id}/events"): Rule("curate"),
    ("POST", "/api/runs/{run_id}/cancel"): Rule("curate", "run cancelled"),
    ("GET", "/api/failures"): Rule("curate"),
    ("POST", "/api/failures/retry"): Rule("curate", "failures retried"),
    ("POST", "/api/failures/ignore"): Rule("curate", "failures ignored"),
    ("GET", "/api/plugins"): Rule("manage"),
    ("GET", "/api/plugins/{name}"): Rule("manage"),
    ("POST", "/api/plugins/{name}/enable"): Rule("manage", "plugin enabled"),
    ("POST", "/api/plugins/{name}/disable"): Rule("manage", "plugin disabled"),
    ("POST", "/api/plugins/{name}/health"): Rule("manage"),
    ("GET", "/api/models"): Rule("manage"),
    ("POST", "/api/models/check"): Rule("manage"),
    ("POST", "/api/models/try"): Rule("manage", "model tried"),
    ("GET", "/api/index"): Rule("manage"),
    ("POST", "/api/index/recall"): Rule("manage", "index checked"),
    ("POST", "/api/index/build"): Rule("manage", "index built"),
    ("POST", "/api/index/stop"): Rule("manage", "index build stopped"),
    ("POST", "/api/index/swap"): Rule("manage", "index swapped"),
    ("POST", "/api/index/back"): Rule("manage", "index swapped back"),
    ("POST", "/api/index/drop"): Rule("manage", "index dropped"),
    ("GET", "/api/usable-tools"): Rule("ask"),
    ("GET", "/api/audit"): Rule("audit", "audit read"),
    ("GET", "/api/audit/export"): Rule("audit", "audit exported"),
    ("GET", "/api/audit/verify"): Rule("audit", "audit verified"),
    ("GET", "/api/tools"): Rule("manage"),
    ("POST", "/api/tools"): Rule("manage", "tool added"),
    ("POST", "/api/tools/test"): Rule("manage", "tool tried"),
    ("GET", "/api/tools/{name}"): Rule("manage"),
    ("PATCH", "/api/tools/{name}"): Rule("manage", "tool changed"),
    ("POST", "/api/tools/{name}/test"): Rule("manage", "tool tried"),
    ("POST", "/api/tools/{name}/call"): Rule("manage", "tool called"),
    ("POST", "/api/tools/{name}/enable"): Rule("manage", "tool enabled"),
    ("POST", "/api/tools/{name}/disable"): Rule("manage", "tool disabled"),
    ("DELETE", "/api/tools/{name}"): Rule("manage", "tool removed"),
    ("GET", "/api/webhooks"): Rule("manage"),
    ("POST", "/api/webhooks"): Rule("manage", "webhook added"),
    ("GET", "/api/webhooks/{webhook}"): Rule("manage"),
    ("PATCH", "/api/webhooks/{webhook}"): Rule("manage", "webhook changed"),
    ("DELETE", "/api/webhooks/{webhook}"): Rule("manage", "webhook removed"),
    ("POST", "/api/webhooks/{webhook}/secret"): Rule("manage", "webhook secret renewed"),
    ("POST", "/api/webhooks/{webhook}/test"): Rule("manage", "webhook tried"),
    ("GET", "/api/webhooks/{webhook}/deliveries"): Rule("manage"),
    ("POST", "/api/webhooks/{webhook}/deliveries/{delivery}/redeliver"): Rule("manage", "webhook sent again"),
    ("GET", "/api/me/export"): Rule("ask", "own data exported"),
    ("GET", "/api/people/{person}/export"): Rule("manage", "person exported"),
    ("POST", "/api/people/{person}/erase"): Rule("manage", "person erased"),
    ("GET", "/scim/v2/ServiceProviderConfig"): Rule("scim"),
    ("GET", "/scim/v2/ResourceTypes"): Rule("scim"),
    ("GET", "/scim/v2/ResourceTypes/{kind}"): Rule("scim"),
    ("GET", "/scim/v2/Schemas"): Rule("scim"),
    ("GET", "/scim/v2/Schemas/{urn}"): Rule("scim"),
    ("GET", "/scim/v2/Users"): Rule("scim", "people listed"),
    ("POST", "/scim/v2/.search"): Rule("scim", "people listed"),
    ("POST", "/scim/v2/Users/.search"): Rule("scim", "people listed"),
    ("POST", "/scim/v2/Groups/.search"): Rule("scim", "groups listed"),
    ("POST", "/scim/v2/Users"): Rule("scim", "person provisioned"),
    ("GET", "/scim/v2/Users/{person}"): Rule("scim", "people listed"),
    ("PUT", "/scim/v2/Users/{person}"): Rule("scim", "person changed"),
    ("PATCH", "/scim/v2/Users/{person}"): Rule("scim", "person changed"),
    ("DELETE", "/scim/v2/Users/{person}"): Rule("scim", "person removed"),
    ("GET", "/scim/v2/Groups"): Rule("scim", "groups listed"),
    ("POST", "/scim/v2/Groups"): Rule("scim", "group provisioned"),
    ("GET", "/scim/v2/Groups/{group}"): Rule("scim", "groups listed"),
    ("PUT", "/scim/v2/Groups/{group}"): Rule("scim", "group changed"),
    ("PATCH", "/scim/v2/Groups/{group}"): Rule("scim", "group changed"),
    ("DELETE", "/scim/v2/Groups/{group}"): Rule("scim", "group removed"),
    ("GET", "/api/access/why"): Rule("read", "access explained"),
    ("GET", "/api/access/sees"): Rule("curate", "access overlooked"),
    ("POST", "/api/access/preview"): Rule("curate"),
    ("POST", "/api/access/open"): Rule("manage", "document opened by break-glass"),
    ("GET", "/api/access/openings"): Rule("audit"),
    ("DELETE", "/api/access/openings/{opening}"): Rule("manage", "break-glass ended"),
    ("GET", "/api/groups"): Rule("manage"),
    ("GET", "/api/groups/members"): Rule("manage"),
    ("POST", "/api/groups/nested"): Rule("manage", "group nested"),
    ("DELETE", "/api/groups/nested"): Rule("manage", "group unnested"),
}


def check(caller: Caller, right: Right) -> None:
    """Raise AccessDeniedError unless the caller's role and token are for this right."""
    if right == "public":
        return
    if caller.user.role not in ROLES[right]:
        raise AccessDeniedError(_WHO.get(right, "this role may not do this"), "ask an admin")
    scope = _SCOPES.get(right, cast(Scope, right))
    if scope is not None:
        caller.may(scope)


def see_that_all_are_ruled(routes: Iterable[object]) -> None:
    """Raise ServiceError where a route has no rule, or a rule no route: what is not thought of is not served."""
    there = {(method, one.path_format) for one in routes if isinstance(one, APIRoute) for method in one.methods or ()}
    odd = [f"{method} {path} has no rule" for method, path in sorted(there - RULES.keys())]
    odd += [f"there is no route {method} {path}" for method, path in sorted(RULES.keys() - there)]
    if odd:
        raise ServiceError("; ".join(odd), "put it right in assistant/api/rights.py")
