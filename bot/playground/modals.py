"""Modals and Home tabs: one stack a person, opened, pushed, updated, sent in and closed."""

from typing import Any

from bot.playground import delivery, payloads
from bot.playground.blockkit import too_large, view_errors
from bot.playground.controls import chosen, controls, find, identified, initial_state, missing
from bot.playground.errors import BadAnswer, SlackError
from bot.playground.site import Site
from bot.playground.world import Json, Person, View

DEEPEST = 3  # modals in a stack


def checked(site: Site, view: Any, kind: str, instead_of: View | None = None) -> Json:
    """A view as it is kept; SlackError where Slack would refuse it."""
    if not isinstance(view, dict) or view.get("type") != kind:
        raise SlackError("invalid_arguments", messages=[f"[ERROR] must be a {kind} [json-pointer:/view/type]"])
    errors = view_errors(view)
    if errors:
        raise SlackError("invalid_arguments", messages=errors)
    if too_large(view):
        raise SlackError("view_too_large")
    _unique(site, view.get("external_id"), instead_of)
    return {**view, "blocks": identified(view["blocks"])}


def _unique(site: Site, external_id: str | None, instead_of: View | None) -> None:
    if external_id and by_external_id(site, external_id) not in {None, instead_of}:
        raise SlackError("duplicate_external_id")


def by_external_id(site: Site, external_id: str) -> View | None:
    """The open view with this external id."""
    with site.world.lock:
        views = [view for stack in site.world.stacks.values() for view in stack]
        views += site.world.homes.values()
    return next((view for view in views if view.body.get("external_id") == external_id), None)


def open_modal(site: Site, person_id: str, view: Any) -> View:
    """Start a new stack with this modal; an older one goes."""
    body = checked(site, view, "modal")
    with site.world.lock:
        made = _made(site, person_id, body)
        site.world.stacks[person_id] = [made]
    site.tell_views(person_id)
    return made


def push_modal(site: Site, person_id: str, view: Any) -> View:
    """Lay a modal upon the stack."""
    body = checked(site, view, "modal")
    with site.world.lock:
        stack = site.world.stacks.setdefault(person_id, [])
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= DEEPEST:
            raise SlackError("push_limit_reached")
        made = _made(site, person_id, body)
        made.root_id, made.previous_id = stack[0].id, stack[-1].id
        stack.append(made)
    site.tell_views(person_id)
    return made


def update_view(site: Site, view: View, body: Any, expected_hash: str | None = None) -> View:
    """Give an open modal other content; what was filled in stays where the input stays."""
    kept = checked(site, body, view.body["type"], view)
    with site.world.lock:
        _expect(view, expected_hash)
        view.body, view.hash = kept, site.world.new_hash()
        view.state = initial_state(kept["blocks"], view.state)
    site.tell_views(view.person)
    return view


def publish_home(site: Site, person_id: str, body: Any, expected_hash: str | None = None) -> View:
    """Give a person's Home tab its content."""
    before = site.world.homes.get(person_id)
    kept = checked(site, body, "home", before)
    with site.world.lock:
        if before is None:
            before = site.world.homes[person_id] = _made(site, person_id, kept)
        else:
            _expect(before, expected_hash)
            before.body, before.hash = kept, site.world.new_hash()
            before.state = initial_state(kept["blocks"])
    site.tell_home(person_id)
    return before


def _expect(view: View, expected_hash: str | None) -> None:
    if expected_hash and expected_hash != view.hash:
        raise SlackError("hash_conflict")


def _made(site: Site, person_id: str, body: Json) -> View:
    name = site.world.new_id("V")
    return View(name, person_id, body, site.world.new_hash(), name, state=initial_state(body["blocks"]))


def fill(site: Site, view: View, values: dict[str, dict[str, Any]]) -> None:
    """Put a person's values into a view; KeyError for an input or option that it does not have."""
    suggested = site.suggested
    for block_id, inside in values.items():
        for action_id, value in inside.items():
            block, element = find(view.body["blocks"], action_id, block_id)
            offered = suggested.get((view.person, view.id, action_id), [])
            told = chosen(element, value, offered)
            with site.world.lock:
                view.state.setdefault(block["block_id"], {})[action_id] = told


def submit(site: Site, person: Person, view: View) -> Any:
    """Send a modal in; gives the app's answer, or Slack's own errors in the same form."""
    if not view.body.get("submit"):
        raise KeyError("this modal has no submit button")
    against = missing(view.body["blocks"], view.state)
    if against:
        return {"response_action": "errors", "errors": against}
    payload = payloads.view_submission(site, person, view)
    body = delivery.deliver(site, "view_submission", payload, _title(view))
    try:
        _follow(site, view, body or {})
    except SlackError as refusal:
        raise BadAnswer(_title(view), refusal.messages) from None
    return body


def _title(view: View) -> str:
    return f"the modal “{view.body['title']['text']}”"


def _follow(site: Site, view: View, body: Json) -> None:
    action = body.get("response_action")
    if action == "errors":
        _check_errors(view, body.get("errors"))
    elif action == "update":
        update_view(site, view, body.get("view"))
    elif action == "push":
        push_modal(site, view.person, body.get("view"))
    elif action == "clear":
        clear(site, view.person)
    elif body:
        raise SlackError("invalid_arguments", messages=[f"[ERROR] unknown response_action: {action}"])
    else:
        drop(site, view)


def _check_errors(view: View, errors: Any) -> None:
    inputs = {block["block_id"] for block in view.body["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        words = f"[ERROR] errors must name input blocks of the view, has {errors}, knows {sorted(inputs)}"
        raise SlackError("invalid_arguments", messages=[words])


def drop(site: Site, view: View) -> None:
    """Take a modal, and what lies upon it, from its stack."""
    with site.world.lock:
        stack = site.world.stacks.get(view.person, [])
        if view in stack:
            del stack[stack.index(view) :]
    site.tell_views(view.person)


def clear(site: Site, person_id: str) -> None:
    """Take all modals of a person away."""
    with site.world.lock:
        site.world.stacks.pop(person_id, None)
    site.tell_views(person_id)


def close(site: Site, person: Person, view: View, whole_stack: bool = False) -> None:
    """Close a modal, or the whole stack where the person or the modal asks for that; tell the app if it asked."""
    closed = site.world.stack(person.id) if whole_stack else [view]
    if whole_stack or view.body.get("clear_on_close"):
        clear(site, person.id)
    else:
        drop(site, view)
    for one in closed:
        if one.body.get("notify_on_close"):
            payload = payloads.view_closed(site, person, one, whole_stack)
            delivery.deliver(site, "view_closed", payload, f"closed {_title(one)}")


def inputs(view: View) -> dict[str, str]:
    """The inputs of a view: action id → block id."""
    return {element["action_id"]: block["block_id"] for block, element in controls(view.body["blocks"])}
