"""Tools: those that somebody may use, and those that admins configure."""

from __future__ import annotations

from fastapi import APIRouter

from assistant.agent.trying import try_call
from assistant.api.context import ContextOf, must_manage
from assistant.api.schemas import NewTool, ToolCallTrial, ToolChanges, ToolTrial
from assistant.api.signed_in import UserOf
from assistant.audit import note
from assistant.errors import NotFoundError
from assistant.wire import OfferedToolsJson, ToolJson, ToolKindsJson, ToolsJson, ToolTrialJson
from assistant.wire.tools import ToolCallJson

router = APIRouter(prefix="/api", tags=["tools"])


@router.get("/usable-tools")
def usable_tools(context: ContextOf, user: UserOf) -> OfferedToolsJson:
    """Return every tool that this user may use, as a model is told of it."""
    return OfferedToolsJson.of(context.app.tools.for_user(user))


@router.get("/tools")
def tools(context: ContextOf, user: UserOf) -> ToolsJson:
    """Return all configured tools, and the kinds that can be added."""
    must_manage(user)
    desk = context.app.tools
    return ToolsJson(tools=[ToolJson.of(info) for info in desk.all()], kinds=ToolKindsJson.of(desk.kinds).kinds)


@router.post("/tools", status_code=201)
def add_tool(body: NewTool, context: ContextOf, user: UserOf) -> ToolJson:
    """Try a tool, add it, and switch it on."""
    must_manage(user)
    note(name=body.name, kind=body.kind, groups=body.groups)
    return ToolJson.of(context.app.tools.add(body.name, body.kind, body.config, body.groups, user))


@router.post("/tools/test")
def try_new_tool(body: ToolTrial, context: ContextOf, user: UserOf) -> ToolTrialJson:
    """Try a configuration before it is added."""
    must_manage(user)
    return ToolTrialJson(tried=context.app.tools.try_new(body.kind, body.config, user))


@router.get("/tools/{name}")
def tool(name: str, context: ContextOf, user: UserOf) -> ToolJson:
    """Return one configured tool."""
    must_manage(user)
    return ToolJson.of(context.app.tools.show(name))


@router.patch("/tools/{name}")
def change_tool(name: str, body: ToolChanges, context: ContextOf, user: UserOf) -> ToolJson:
    """Change what is given, a configuration after it was tried; a secret sent as its mask stays what it is."""
    must_manage(user)
    note(changed=sorted(body.model_fields_set), groups=body.groups)
    return ToolJson.of(context.app.tools.change(name, user, config=body.config, groups=body.groups))


@router.post("/tools/{name}/test")
def test_tool(name: str, context: ContextOf, user: UserOf) -> ToolJson:
    """Try the tool, and offer it as it is now."""
    must_manage(user)
    return ToolJson.of(context.app.tools.test(name))


@router.post("/tools/{name}/call")
def call_tool(name: str, body: ToolCallTrial, context: ContextOf, user: UserOf) -> ToolCallJson:
    """Call one of what a configured tool offers, with one's own rights: whoever is in none of its groups may not."""
    must_manage(user)
    info = context.app.tools.show(name)
    known = next((one for one in info.tools if one.name == body.tool), None)
    if known is None:
        raise NotFoundError(f"{name!r} offers no tool {body.tool!r}", f"see GET /api/tools/{name}")
    note(tool=body.tool, agreed=body.agreed, arguments=body.arguments if known.writes else None)
    tools = context.app.registry.tools_for(user)
    return ToolCallJson.of(try_call(tools, body.tool, body.arguments, user, agreed=body.agreed))


@router.post("/tools/{name}/enable")
def enable_tool(name: str, context: ContextOf, user: UserOf) -> ToolJson:
    """Try the tool and switch it on."""
    must_manage(user)
    return ToolJson.of(context.app.tools.enable(name))


@router.post("/tools/{name}/disable")
def disable_tool(name: str, context: ContextOf, user: UserOf) -> ToolJson:
    """Switch the tool off."""
    must_manage(user)
    return ToolJson.of(context.app.tools.disable(name))


@router.delete("/tools/{name}")
def remove_tool(name: str, context: ContextOf, user: UserOf) -> ToolJson:
    """Forget the tool with its secrets; the answer is what it was."""
    must_manage(user)
    return ToolJson.of(context.app.tools.remove(name))
