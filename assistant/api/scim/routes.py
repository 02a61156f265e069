"""The routes of SCIM 2.0: discovery, people, groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from scim2_models import (
    Context,
    ListResponse,
    PatchOp,
    PreconditionFailedException,
    Resource,
    ResponseParameters,
    SearchRequest,
)
from scim2_models.path.expressions import Comparison

from assistant.api.context import ContextOf
from assistant.api.scim.answers import PREFIX, RESPONSES, ScimResponse, ScimRoute, answered, body_of, read_as
from assistant.api.scim.mapping import group_of, group_resource, name_of, person_resource, said_of
from assistant.api.scim.resources import CONFIG, MOST_RESULTS, POLICY, PROVIDER, Group
from assistant.api.scim.resources import User as Person
from assistant.api.signed_in import UserOf
from assistant.catalog import ProvisionedGroup, ProvisionedPerson
from assistant.errors import AccessDeniedError, NotFoundError

router = APIRouter(
    prefix=PREFIX, tags=["scim"], route_class=ScimRoute, default_response_class=ScimResponse, responses=RESPONSES
)


async def base_of(request: Request, context: ContextOf) -> str:
    """Return the URL of the service, as the identity provider reaches it."""
    return (context.app.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")) + PREFIX


BodyOf = Annotated[dict[str, Any], Depends(body_of)]
BaseOf = Annotated[str, Depends(base_of)]


@router.get("/ServiceProviderConfig")
def service_provider_config(base: BaseOf) -> Response:
    """Return what this service can do."""
    value = CONFIG.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
    where = {"resourceType": "ServiceProviderConfig", "location": f"{base}/ServiceProviderConfig"}
    return answered({**value, "meta": where})


@router.get("/ResourceTypes")
def resource_types(request: Request, base: BaseOf) -> Response:
    """Return the kinds of resources."""
    return _described(request, [_placed(one, "ResourceType", base, str(one.id)) for one in PROVIDER.resource_types])


@router.get("/ResourceTypes/{kind}")
def resource_type(kind: str, base: BaseOf) -> Response:
    """Return one kind of resources."""
    return answered(_one(PROVIDER.resource_types, kind, "ResourceType", base))


@router.get("/Schemas")
def schemas(request: Request, base: BaseOf) -> Response:
    """Return the schemas of all resources."""
    return _described(request, [_placed(one, "Schema", base, str(one.id)) for one in PROVIDER.schemas])


@router.get("/Schemas/{urn}")
def schema(urn: str, base: BaseOf) -> Response:
    """Return one schema."""
    return answered(_one(PROVIDER.schemas, urn, "Schema", base))


@router.post("/.search")
def search(body: BodyOf, context: ContextOf, user: UserOf, base: BaseOf) -> Response:
    """Return the provisioned people and groups that a filter leaves."""
    wanted = read_as(SearchRequest[Person | Group], body, Context.SEARCH_REQUEST)
    desk = context.app.rights.provisioning
    found: list[Any] = [person_resource(one, base) for one in desk.people(user)]
    return _listed(wanted, found + [group_resource(one, base) for one in desk.groups(user)])


@router.get("/Users")
def people(request: Request, context: ContextOf, user: UserOf, base: BaseOf) -> Response:
    """Return the provisioned people that a filter leaves, a page of them."""
    wanted = _search(SearchRequest[Person], request)
    found = context.app.rights.provisioning.people(user, _asked_name(wanted, "username"))
    return _listed(wanted, [person_resource(one, base) for one in found])


@router.post("/Users/.search")
def search_people(body: BodyOf, context: ContextOf, user: UserOf, base: BaseOf) -> Response:
    """Return the provisioned people that a filter leaves; as a GET does it, with the search in the body."""
    wanted = read_as(SearchRequest[Person], body, Context.SEARCH_REQUEST)
    found = context.app.rights.provisioning.people(user, _asked_name(wanted, "username"))
    return _listed(wanted, [person_resource(one, base) for one in found])


@router.post("/Users", status_code=201)
def add_person(body: BodyOf, context: ContextOf, user: UserOf, base: BaseOf) -> Response:
    """Add a person."""
    asked: Person = read_as(Person, body, Context.RESOURCE_CREATION_REQUEST)
    asked.active = asked.active is not False
    made = context.app.rights.provisioning.add_person(asked.user_name or "", said_of(asked, was_active=True), user)
    return answered(_told(person_resource(made, base), Context.RESOURCE_CREATION_RESPONSE), 201)


@router.get("/Users/{person}")
def person(person: str, request: Request, context: ContextOf, user: UserOf, base: BaseOf) -> Response:
    """Return a person."""
    found = context.app.rights.provisioning.person(name_of("User", person), user)
    return _shown(request, person_resource(found, base), Person)


@router.put("/Users/{person}")
def replace_person(
    person: str, body: BodyOf, request: Request, context: ContextOf, user: UserOf, base: BaseOf
) -> Response:
    """Replace what is known of a person; one who is not active any more is signed out at once."""
    asked: Person = read_as(Person, body, Context.RESOURCE_REPLACEMENT_REQUEST)

    def change(before: ProvisionedPerson) -> Any:
        there = person_resource(before, base)
        _must_match(request, there)
        asked.replace(there)
        return said_of(asked, was_active=before.active)

    changed = context.app.rights.provisioning.change_person(name_of("User", person), change, user)
    return answered(_told(person_resource(changed, base), Context.RESOURCE_REPLACEMENT_RESPONSE))


@router.patch("/Users/{person}")
def patch_person(
    person: str, body: BodyOf, request: Request, context: ContextOf, user: UserOf, base: BaseOf
) -> Response:
    """Change some of what is known of a person; one who is not active any more is signed out at once."""
    asked = read_as(PatchOp[Person], body, Context.RESOURCE_PATCH_REQUEST)

    def change(before: ProvisionedPerson) -> Any:
        there = person_resource(before, base)
        _must_match(request, there)
        asked.patch(there, scim_policy=POLICY)
        return said_of(there, was_active=before.active)

    changed = context.app.rights.provisioning.change_person(name_of("User", person), change, user)
    return answered(_told(person_resource(changed, base), Context.RESOURCE_PATCH_RESPONSE))


@router.delete("/Users/{person}", status_code=204)
def remove_person(person: str, request: Request, context: ContextOf, user: UserOf, base: BaseOf) -> Response:
    """Disable a person for good: groups, role, tokens and sessions are gone, and nobody else gets the id."""
    context.app.rights.provisioning.remove_person(
        name_of("User", person), lambda before: _must_match(request, person_resource(before, base)), user
    )
    return Response(status_code=204)


@router.get("/Groups")
def groups(request: Request, context: ContextOf, user: UserOf, base: BaseOf) -> Response:
    """Return the provisioned groups that a filter leaves, a page of them."""
    wanted = _search(SearchRequest[Group], request)
    return _listed(wanted, [group_resource(one, base) for one in context.app.rights.provisioning.groups(user)])


@router.post("/Groups/.search")
def search_groups(body: BodyOf, context: ContextOf, user: UserOf, base: BaseOf) -> Response:
    """Return the provisioned groups that a filter leaves; as a GET does it, with the search in the body."""
    wanted = read_as(SearchRequest[Group], body, Context.SEARCH_REQUEST)
    return _listed(wanted, [group_resource(one, base) for one in context.app.rights.provisioning.groups(user)])


@router.post("/Groups", status_code=201)
def add_group(body: BodyOf, context: ContextOf, user: UserOf, base: BaseOf) -> Response:
    """Add a group; readers name it as it is called now."""
    asked: Group = read_as(Group, body, Context.RESOURCE_CREATION_REQUEST)
    made = context.app.rights.provisioning.add_group(group_of(asked), user)
    return answered(_told(group_resource(made, base), Context.RESOURCE_CREATION_RESPONSE), 201)


@router.get("/Groups/{group}")
def group(group: str, request: Request, context: ContextOf, user: UserOf, base: BaseOf) -> Response:
    """Return a group with its members."""
    found = context.app.rights.provisioning.group(name_of("Group", group), user)
    return _shown(request, group_resource(found, base), Group)


@router.put("/Groups/{group}")
def replace_group(
    group: str, body: BodyOf, request: Request, context: ContextOf, user: UserOf, base: BaseOf
) -> Response:
    """Replace a group's title and members."""
    asked: Group = read_as(Group, body, Context.RESOURCE_REPLACEMENT_REQUEST)

    def change(before: ProvisionedGroup) -> ProvisionedGroup:
        there = group_resource(before, base)
        _must_match(request, there)
        asked.replace(there)
        return group_of(asked, before)

    changed = context.app.rights.provisioning.change_group(name_of("Group", group), change, user)
    return answered(_told(group_resource(changed, base), Context.RESOURCE_REPLACEMENT_RESPONSE))


@router.patch("/Groups/{group}")
def patch_group(group: str, body: BodyOf, request: Request, context: ContextOf, user: UserOf, base: BaseOf) -> Response:
    """Change some of a group: add and remove members, change its title."""
    asked = read_as(PatchOp[Group], body, Context.RESOURCE_PATCH_REQUEST)

    def change(before: ProvisionedGroup) -> ProvisionedGroup:
        there = group_resource(before, base)
        _must_match(request, there)
        asked.patch(there, scim_policy=POLICY)
        return group_of(there, before)

    changed = context.app.rights.provisioning.change_group(name_of("Group", group), change, user)
    return answered(_told(group_resource(changed, base), Context.RESOURCE_PATCH_RESPONSE))


@router.delete("/Groups/{group}", status_code=204)
def remove_group(group: str, request: Request, context: ContextOf, user: UserOf, base: BaseOf) -> Response:
    """Take everybody out of a group and forget it."""
    context.app.rights.provisioning.remove_group(
        name_of("Group", group), lambda before: _must_match(request, group_resource(before, base)), user
    )
    return Response(status_code=204)


def _placed(described: Resource[Any], kind: str, base: str, name: str) -> dict[str, Any]:
    """Return something that the service says of itself, with its place."""
    value = described.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
    return {**value, "meta": {"resourceType": kind, "location": f"{base}/{kind}s/{name}"}}


def _described(request: Request, found: list[dict[str, Any]]) -> Response:
    """Return all that the service says of itself of one kind; RFC 7644, 4: a filter on it is refused."""
    if "filter" in request.query_params:
        raise AccessDeniedError("there is no filter on what the service says of itself", "leave the filter out")
    whole = {"totalResults": len(found), "startIndex": 1, "itemsPerPage": len(found), "Resources": found}
    return answered({"schemas": [str(ListResponse.__schema__)], **whole})


def _one(described: Sequence[Resource[Any]], name: str, kind: str, base: str) -> dict[str, Any]:
    found = next((one for one in described if str(one.id).casefold() == name.casefold()), None)
    if found is None:
        raise NotFoundError(f"there is no {kind} {name!r}", f"see {PREFIX}/{kind}s")
    return _placed(found, kind, base, str(found.id))


def _search(model: type[Any], request: Request) -> Any:
    return model.model_validate(dict(request.query_params), scim_ctx=Context.DEFAULT, scim_policy=POLICY)


def _asked_name(wanted: Any, attribute: str) -> str | None:
    """Return what a filter wants this attribute to be, where it wants nothing else: then one row is looked up."""
    tree = None if wanted.filter is None else wanted.filter.ast
    if isinstance(tree, Comparison) and tree.op == "eq" and str(tree.attr_path).casefold() == attribute:
        return str(tree.value)
    return None


def _listed(wanted: Any, found: list[Any]) -> Response:
    """Return the page that a search asks for: filtered, sorted, at most MOST_RESULTS at once."""
    if wanted.filter is not None:
        found = [one for one in found if wanted.filter.match(one)]
    found = wanted.sort(found)
    count = MOST_RESULTS if wanted.count is None else min(wanted.count, MOST_RESULTS)
    page = found[wanted.start_index_0 : wanted.start_index_0 + count]
    shown = [one.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=wanted) for one in page]
    whole = {
        "schemas": [str(ListResponse.__schema__)],
        "totalResults": len(found),
        "startIndex": wanted.start_index_0 + 1,
        "itemsPerPage": len(page),
        "Resources": shown,
    }
    return answered(whole)


def _shown(request: Request, found: Any, model: Any) -> Response:
    """Return one resource, with the attributes that are asked for; nothing where the asker has this version."""
    parameters = _search(ResponseParameters[model], request)
    version = found.meta.version
    if version in _versions(request, "if-none-match"):
        return Response(status_code=304, headers={"ETag": version})
    value = found.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=parameters)
    response = answered(value)
    response.headers["ETag"] = version
    return response


def _told(found: Any, context: Context) -> dict[str, Any]:
    value: dict[str, Any] = found.model_dump(scim_ctx=context)
    return value


def _must_match(request: Request, there: Any) -> None:
    """Raise PreconditionFailedException where the asker knows another version than the one that is there."""
    known = _versions(request, "if-match")
    if known and "*" not in known and there.meta.version not in known:
        raise PreconditionFailedException(detail=f"it has changed: its version is {there.meta.version} now")


def _versions(request: Request, header: str) -> list[str]:
    return [one.strip() for one in request.headers.get(header, "").split(",") if one.strip()]
