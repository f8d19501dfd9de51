"""Modals and Home tabs: open, push, update, submit and close them, one stack a user."""

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

MAX_STACK_DEPTH = 3


def validate_view(
    state: PlaygroundState, view: Any, view_type: str, replaced: View | None = None
) -> Json:
    """Return a view in its stored form; SlackError if Slack rejects it."""
    if not isinstance(view, dict) or view.get("type") != view_type:
        raise SlackError(
            "invalid_arguments",
            messages=[f"[ERROR] must be a {view_type} [json-pointer:/view/type]"],
        )
    errors = view_errors(view)
    if errors:
        raise SlackError("invalid_arguments", messages=errors)
    if is_too_large(view):
        raise SlackError("view_too_large")
    _require_unique_external_id(state, view.get("external_id"), replaced)
    return {**view, "blocks": add_missing_ids(view["blocks"])}


def _require_unique_external_id(
    state: PlaygroundState, external_id: str | None, replaced: View | None
) -> None:
    other = find_by_external_id(state, external_id) if external_id else None
    if other is not None and other is not replaced:
        raise SlackError("duplicate_external_id")


def find_by_external_id(state: PlaygroundState, external_id: str) -> View | None:
    """Return the open view with this external id."""
    with state.workspace.lock:
        views = state.workspace.list_views()
    for view in views:
        if view.body.get("external_id") == external_id:
            return view
    return None


def open_modal(state: PlaygroundState, user_id: str, view: Any) -> View:
    """Open a modal in a new stack, which replaces the user's present one."""
    body = validate_view(state, view, "modal")
    with state.workspace.lock:
        opened = _create_view(state, user_id, body)
        state.workspace.modal_stacks[user_id] = [opened]
    state.publish_views(user_id)
    return opened


def push_modal(state: PlaygroundState, user_id: str, view: Any) -> View:
    """Push a modal on the user's stack."""
    body = validate_view(state, view, "modal")
    with state.workspace.lock:
        stack = state.workspace.modal_stacks.setdefault(user_id, [])
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= MAX_STACK_DEPTH:
            raise SlackError("push_limit_reached")
        pushed = _create_view(state, user_id, body)
        pushed.root_id, pushed.previous_id = stack[0].id, stack[-1].id
        stack.append(pushed)
    state.publish_views(user_id)
    return pushed


def update_view(
    state: PlaygroundState, view: View, body: Any, expected_hash: str | None = None
) -> View:
    """Replace the content of an open modal; inputs that remain keep their values."""
    validated = validate_view(state, body, view.body["type"], view)
    with state.workspace.lock:
        _require_hash(view, expected_hash)
        view.body, view.hash = validated, state.workspace.new_hash()
        view.state = initial_state(validated["blocks"], view.state)
    state.publish_views(view.user_id)
    return view


def publish_home(
    state: PlaygroundState, user_id: str, body: Any, expected_hash: str | None = None
) -> View:
    """Replace the content of a user's Home tab."""
    home = state.workspace.home_views.get(user_id)
    validated = validate_view(state, body, "home", home)
    with state.workspace.lock:
        if home is None:
            home = _create_view(state, user_id, validated)
            state.workspace.home_views[user_id] = home
        else:
            _require_hash(home, expected_hash)
            home.body, home.hash = validated, state.workspace.new_hash()
            home.state = initial_state(validated["blocks"])
    state.publish_home(user_id)
    return home


def _require_hash(view: View, expected_hash: str | None) -> None:
    if expected_hash and expected_hash != view.hash:
        raise SlackError("hash_conflict")


def _create_view(state: PlaygroundState, user_id: str, body: Json) -> View:
    view_id = state.workspace.new_id("V")
    return View(
        view_id,
        user_id,
        body,
        state.workspace.new_hash(),
        view_id,
        state=initial_state(body["blocks"]),
    )


def fill_view(
    state: PlaygroundState, view: View, values: dict[str, dict[str, Any]]
) -> None:
    """Set a user's values in a view; KeyError for an unknown input or option."""
    for block_id, block_values in values.items():
        for action_id, value in block_values.items():
            _, element = find_control(view.body["blocks"], action_id, block_id)
            options = state.loaded_options.get((view.user_id, view.id, action_id), [])
            stored_value = build_value(element, value, options)
            with state.workspace.lock:
                view.state.setdefault(block_id, {})[action_id] = stored_value


def submit_view(state: PlaygroundState, account: SlackAccount, view: View) -> Any:
    """Submit a modal; return the app's answer, or Slack's own errors in its form."""
    if not view.body.get("submit"):
        raise KeyError("this modal has no submit button")
    errors = list_input_errors(view.body["blocks"], view.state)
    if errors:
        return {"response_action": "errors", "errors": errors}
    payload = payloads.build_view_submission(state, account, view)
    body = delivery.deliver_payload(
        state, "view_submission", payload, _quote_title(view)
    )
    try:
        _apply_response_action(state, view, body or {})
    except SlackError as refusal:
        raise InvalidAnswer(_quote_title(view), refusal.messages) from None
    return body


def _quote_title(view: View) -> str:
    return f"the modal “{view.body['title']['text']}”"


def _apply_response_action(state: PlaygroundState, view: View, body: Json) -> None:
    action = body.get("response_action")
    if action == "errors":
        _check_errors(view, body.get("errors"))
    elif action == "update":
        update_view(state, view, body.get("view"))
    elif action == "push":
        push_modal(state, view.user_id, body.get("view"))
    elif action == "clear":
        clear_stack(state, view.user_id)
    elif body:
        raise SlackError(
            "invalid_arguments", messages=[f"[ERROR] unknown response_action: {action}"]
        )
    else:
        remove_view(state, view)


def _check_errors(view: View, errors: Any) -> None:
    blocks = view.body["blocks"]
    input_ids = {block["block_id"] for block in blocks if block["type"] == "input"}
    is_valid = isinstance(errors, dict) and errors and input_ids.issuperset(errors)
    if not is_valid:
        problem = (
            "[ERROR] errors must name input blocks of the view, "
            f"has {errors}, knows {sorted(input_ids)}"
        )
        raise SlackError("invalid_arguments", messages=[problem])


def remove_view(state: PlaygroundState, view: View) -> None:
    """Remove a modal, and those above it, from its stack."""
    with state.workspace.lock:
        stack = state.workspace.modal_stacks.get(view.user_id, [])
        if view in stack:
            del stack[stack.index(view) :]
    state.publish_views(view.user_id)


def clear_stack(state: PlaygroundState, user_id: str) -> None:
    """Remove all modals of a user."""
    with state.workspace.lock:
        state.workspace.modal_stacks.pop(user_id, None)
    state.publish_views(user_id)


def close_view(
    state: PlaygroundState, account: SlackAccount, view: View, whole_stack: bool = False
) -> None:
    """Close a modal, or the whole stack if the user or the modal says so.

    The app is notified if the modal has `notify_on_close`.
    """
    closed = state.workspace.list_open_modals(account.id) if whole_stack else [view]
    if whole_stack or view.body.get("clear_on_close"):
        clear_stack(state, account.id)
    else:
        remove_view(state, view)
    for each in closed:
        if each.body.get("notify_on_close"):
            payload = payloads.build_view_closed(state, account, each, whole_stack)
            summary = f"closed {_quote_title(each)}"
            delivery.deliver_payload(state, "view_closed", payload, summary)


def map_inputs_to_blocks(view: View) -> dict[str, str]:
    """Return the block id of each input of a view, by action id."""
    return {
        element["action_id"]: block["block_id"]
        for block, element in iterate_controls(view.body["blocks"])
    }
