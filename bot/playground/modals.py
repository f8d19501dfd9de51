"""Modals and Home tabs: one stack a person, opened, pushed, updated, sent in and closed."""

from typing import Any

from bot.playground import delivery, payloads
from bot.playground.blockkit import is_too_large, view_errors
from bot.playground.elements import (
    add_missing_ids,
    build_value,
    find_control,
    initial_state,
    iterate_controls,
    list_input_errors,
)
from bot.playground.errors import InvalidAnswer, SlackError
from bot.playground.state import PlaygroundState
from bot.playground.workspace import Json, SlackAccount, View

MAX_STACK_DEPTH = 3  # modals in a stack


def validate_view(
    site: PlaygroundState, view: Any, kind: str, instead_of: View | None = None
) -> Json:
    """A view as it is kept; SlackError where Slack would refuse it."""
    if not isinstance(view, dict) or view.get("type") != kind:
        raise SlackError(
            "invalid_arguments",
            messages=[f"[ERROR] must be a {kind} [json-pointer:/view/type]"],
        )
    errors = view_errors(view)
    if errors:
        raise SlackError("invalid_arguments", messages=errors)
    if is_too_large(view):
        raise SlackError("view_too_large")
    _require_unique_external_id(site, view.get("external_id"), instead_of)
    return {**view, "blocks": add_missing_ids(view["blocks"])}


def _require_unique_external_id(
    site: PlaygroundState, external_id: str | None, instead_of: View | None
) -> None:
    if external_id and find_by_external_id(site, external_id) not in {None, instead_of}:
        raise SlackError("duplicate_external_id")


def find_by_external_id(site: PlaygroundState, external_id: str) -> View | None:
    """The open view with this external id."""
    with site.workspace.lock:
        views = [
            view for stack in site.workspace.modal_stacks.values() for view in stack
        ]
        views += site.workspace.home_views.values()
    return next(
        (view for view in views if view.body.get("external_id") == external_id), None
    )


def open_modal(site: PlaygroundState, person_id: str, view: Any) -> View:
    """Start a new stack with this modal; an older one goes."""
    body = validate_view(site, view, "modal")
    with site.workspace.lock:
        made = _create_view(site, person_id, body)
        site.workspace.modal_stacks[person_id] = [made]
    site.publish_views(person_id)
    return made


def push_modal(site: PlaygroundState, person_id: str, view: Any) -> View:
    """Lay a modal upon the stack."""
    body = validate_view(site, view, "modal")
    with site.workspace.lock:
        stack = site.workspace.modal_stacks.setdefault(person_id, [])
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= MAX_STACK_DEPTH:
            raise SlackError("push_limit_reached")
        made = _create_view(site, person_id, body)
        made.root_id, made.previous_id = stack[0].id, stack[-1].id
        stack.append(made)
    site.publish_views(person_id)
    return made


def update_view(
    site: PlaygroundState, view: View, body: Any, expected_hash: str | None = None
) -> View:
    """Give an open modal other content; what was filled in stays where the input stays."""
    kept = validate_view(site, body, view.body["type"], view)
    with site.workspace.lock:
        _require_hash(view, expected_hash)
        view.body, view.hash = kept, site.workspace.new_hash()
        view.state = initial_state(kept["blocks"], view.state)
    site.publish_views(view.user_id)
    return view


def publish_home(
    site: PlaygroundState, person_id: str, body: Any, expected_hash: str | None = None
) -> View:
    """Give a person's Home tab its content."""
    before = site.workspace.home_views.get(person_id)
    kept = validate_view(site, body, "home", before)
    with site.workspace.lock:
        if before is None:
            before = site.workspace.home_views[person_id] = _create_view(
                site, person_id, kept
            )
        else:
            _require_hash(before, expected_hash)
            before.body, before.hash = kept, site.workspace.new_hash()
            before.state = initial_state(kept["blocks"])
    site.publish_home(person_id)
    return before


def _require_hash(view: View, expected_hash: str | None) -> None:
    if expected_hash and expected_hash != view.hash:
        raise SlackError("hash_conflict")


def _create_view(site: PlaygroundState, person_id: str, body: Json) -> View:
    name = site.workspace.new_id("V")
    return View(
        name,
        person_id,
        body,
        site.workspace.new_hash(),
        name,
        state=initial_state(body["blocks"]),
    )


def fill_view(
    site: PlaygroundState, view: View, values: dict[str, dict[str, Any]]
) -> None:
    """Put a person's values into a view; KeyError for an input or option that it does not have."""
    suggested = site.suggested_options
    for block_id, inside in values.items():
        for action_id, value in inside.items():
            block, element = find_control(view.body["blocks"], action_id, block_id)
            offered = suggested.get((view.user_id, view.id, action_id), [])
            told = build_value(element, value, offered)
            with site.workspace.lock:
                view.state.setdefault(block["block_id"], {})[action_id] = told


def submit_view(site: PlaygroundState, person: SlackAccount, view: View) -> Any:
    """Send a modal in; gives the app's answer, or Slack's own errors in the same form."""
    if not view.body.get("submit"):
        raise KeyError("this modal has no submit button")
    against = list_input_errors(view.body["blocks"], view.state)
    if against:
        return {"response_action": "errors", "errors": against}
    payload = payloads.build_view_submission(site, person, view)
    body = delivery.deliver_payload(
        site, "view_submission", payload, _quote_title(view)
    )
    try:
        _apply_response_action(site, view, body or {})
    except SlackError as refusal:
        raise InvalidAnswer(_quote_title(view), refusal.messages) from None
    return body


def _quote_title(view: View) -> str:
    return f"the modal “{view.body['title']['text']}”"


def _apply_response_action(site: PlaygroundState, view: View, body: Json) -> None:
    action = body.get("response_action")
    if action == "errors":
        _check_errors(view, body.get("errors"))
    elif action == "update":
        update_view(site, view, body.get("view"))
    elif action == "push":
        push_modal(site, view.user_id, body.get("view"))
    elif action == "clear":
        clear_stack(site, view.user_id)
    elif body:
        raise SlackError(
            "invalid_arguments", messages=[f"[ERROR] unknown response_action: {action}"]
        )
    else:
        remove_view(site, view)


def _check_errors(view: View, errors: Any) -> None:
    inputs = {
        block["block_id"] for block in view.body["blocks"] if block["type"] == "input"
    }
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        renderer = f"[ERROR] errors must name input blocks of the view, has {errors}, knows {sorted(inputs)}"
        raise SlackError("invalid_arguments", messages=[renderer])


def remove_view(site: PlaygroundState, view: View) -> None:
    """Take a modal, and what lies upon it, from its stack."""
    with site.workspace.lock:
        stack = site.workspace.modal_stacks.get(view.user_id, [])
        if view in stack:
            del stack[stack.index(view) :]
    site.publish_views(view.user_id)


def clear_stack(site: PlaygroundState, person_id: str) -> None:
    """Take all modals of a person away."""
    with site.workspace.lock:
        site.workspace.modal_stacks.pop(person_id, None)
    site.publish_views(person_id)


def close_view(
    site: PlaygroundState, person: SlackAccount, view: View, whole_stack: bool = False
) -> None:
    """Close a modal, or the whole stack where the person or the modal asks for that; tell the app if it asked."""
    closed = site.workspace.list_open_modals(person.id) if whole_stack else [view]
    if whole_stack or view.body.get("clear_on_close"):
        clear_stack(site, person.id)
    else:
        remove_view(site, view)
    for one in closed:
        if one.body.get("notify_on_close"):
            payload = payloads.build_view_closed(site, person, one, whole_stack)
            delivery.deliver_payload(
                site, "view_closed", payload, f"closed {_quote_title(one)}"
            )


def map_inputs_to_blocks(view: View) -> dict[str, str]:
    """The inputs of a view: action id → block id."""
    return {
        element["action_id"]: block["block_id"]
        for block, element in iterate_controls(view.body["blocks"])
    }
