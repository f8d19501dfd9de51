"""The values that buttons, menus and blocks send back, each with one encoding.

Values come back from clients, so nothing in them is trusted: `decode` accepts any text
and returns empty strings, None or the first page for what it cannot read. Ids, role
names and numbers hold no spaces; the last part of a value may.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from collab.durations import parse_date
from collab.model import ChannelId, InvitationId, PersonId, ResourceId

DIGEST_MARK = "="  # before a digest; no id begins with it
EVERYTHING = "home"  # instead of a resource id; Slack rejects an empty value
MAX_PAGE_DIGITS = 6  # more pages than any list has


@dataclass(frozen=True, slots=True)
class ResourceScope:
    """One resource, or everything that the person may see."""

    resource_id: ResourceId | None = None

    def encode(self) -> str:
        """Return it as a value."""
        return self.resource_id or EVERYTHING

    @classmethod
    def decode(cls, value: str) -> ResourceScope:
        """Return the scope in a value; an empty value means everything."""
        return cls(None if value in {"", EVERYTHING} else ResourceId(value))


@dataclass(frozen=True, slots=True)
class ResourcePage:
    """A page of a list that belongs to a resource."""

    resource_id: ResourceId
    page: int = 0

    def encode(self) -> str:
        """Return it as a value."""
        return f"{self.resource_id} {self.page}"

    @classmethod
    def decode(cls, value: str) -> ResourcePage:
        """Return the page in a value."""
        resource_id, page = split_words(value, 2)
        return cls(ResourceId(resource_id), parse_page(page))


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a list of the person's own."""

    list_name: str
    page: int = 0

    def encode(self) -> str:
        """Return it as a value."""
        return f"{self.list_name} {self.page}"

    @classmethod
    def decode(cls, value: str) -> ListPage:
        """Return the page in a value."""
        list_name, page = split_words(value, 2)
        return cls(list_name, parse_page(page))


@dataclass(frozen=True, slots=True)
class CapabilityPage:
    """A page of the people with a capability on a resource, now or on a past day."""

    resource_id: ResourceId
    capability: str
    page: int = 0
    day: date | None = None

    def encode(self) -> str:
        """Return it as a value."""
        day = self.day.isoformat() if self.day else ""
        return f"{self.resource_id} {self.capability} {self.page} {day}".rstrip()

    @classmethod
    def decode(cls, value: str) -> CapabilityPage:
        """Return the page in a value."""
        resource_id, capability, page, day = split_words(value, 4)
        return cls(
            ResourceId(resource_id), capability, parse_page(page), parse_date(day)
        )


@dataclass(frozen=True, slots=True)
class ChannelsPage:
    """A page of the linked channels, of one resource or of all."""

    page: int
    resource_id: ResourceId | None = None

    def encode(self) -> str:
        """Return it as a value."""
        return f"{self.page} {self.resource_id or ''}".rstrip()

    @classmethod
    def decode(cls, value: str) -> ChannelsPage:
        """Return the page in a value."""
        page, resource_id = split_words(value, 2)
        return cls(parse_page(page), _parse_resource_id(resource_id))


@dataclass(frozen=True, slots=True)
class HomePages:
    """The pages at which the lists of a Home are."""

    pages: tuple[int, ...]

    def encode(self) -> str:
        """Return it as a value."""
        return " ".join(str(page) for page in self.pages)

    @classmethod
    def decode(cls, value: str) -> HomePages:
        """Return the pages in a value."""
        return cls(tuple(parse_page(page) for page in value.split()))


@dataclass(frozen=True, slots=True)
class ClaimRef:
    """An invitation, and who asks for it in place of the invited person."""

    invitation_id: InvitationId
    claimant_id: PersonId

    def encode(self) -> str:
        """Return it as a value."""
        return f"{self.invitation_id} {self.claimant_id}"

    @classmethod
    def decode(cls, value: str) -> ClaimRef:
        """Return the claim in a value."""
        invitation_id, claimant_id = split_words(value, 2)
        return cls(InvitationId(invitation_id), PersonId(claimant_id))


@dataclass(frozen=True, slots=True)
class MemberRef:
    """A person as a member of a resource."""

    resource_id: ResourceId
    person_id: PersonId

    def encode(self) -> str:
        """Return it as a value."""
        return f"{self.resource_id} {self.person_id}"

    @classmethod
    def decode(cls, value: str) -> MemberRef:
        """Return the member in a value."""
        resource_id, person_id = split_words(value, 2)
        return cls(ResourceId(resource_id), PersonId(person_id))


@dataclass(frozen=True, slots=True)
class ExpiringMember:
    """A member and the end of their membership as the button showed it; `others` are the
    resources on which it ends with it.
    """

    resource_id: ResourceId
    person_id: PersonId
    expires_at: datetime | None
    others: tuple[ResourceId, ...] = ()

    def encode(self) -> str:
        """Return it as a value."""
        end = self.expires_at.isoformat() if self.expires_at else ""
        resource_ids = ",".join((self.resource_id, *self.others))
        return f"{resource_ids} {self.person_id} {end}".rstrip()

    @classmethod
    def decode(cls, value: str) -> ExpiringMember:
        """Return the member in a value."""
        resource_ids, person_id, end = split_words(value, 3)
        first, *others = map(ResourceId, resource_ids.split(","))
        return cls(first, PersonId(person_id), _parse_datetime(end), tuple(others))


@dataclass(frozen=True, slots=True)
class ShownPreview:
    """The digest of the effects that a preview shows, and what the button is about.

    `target` is an encoded value. A value without a digest has an empty one, which is
    no preview's.
    """

    digest: str
    target: str

    def encode(self) -> str:
        """Return it as a value."""
        return f"{DIGEST_MARK}{self.digest} {self.target}"

    @classmethod
    def decode(cls, value: str) -> ShownPreview:
        """Return the preview in a value."""
        if not value.startswith(DIGEST_MARK):
            return cls("", value)
        digest, target = split_words(value.removeprefix(DIGEST_MARK), 2)
        return cls(digest, target)


@dataclass(frozen=True, slots=True)
class MoveTarget:
    """A resource and where to move it; no container means out of every other."""

    resource_id: ResourceId
    container_id: ResourceId | None = None

    def encode(self) -> str:
        """Return it as a value."""
        return f"{self.resource_id} {self.container_id or ''}".rstrip()

    @classmethod
    def decode(cls, value: str) -> MoveTarget:
        """Return the target in a value."""
        resource_id, container_id = split_words(value, 2)
        return cls(ResourceId(resource_id), _parse_resource_id(container_id))


@dataclass(frozen=True, slots=True)
class TeamShareTarget:
    """A resource that a team has, and the member whom it is assigned to, if any."""

    resource_id: ResourceId
    team_id: ResourceId
    person_id: PersonId | None = None

    def encode(self) -> str:
        """Return it as a value."""
        return f"{self.resource_id} {self.team_id} {self.person_id or ''}".rstrip()

    @classmethod
    def decode(cls, value: str) -> TeamShareTarget:
        """Return the target in a value."""
        resource_id, team_id, person_id = split_words(value, 3)
        return cls(
            ResourceId(resource_id),
            ResourceId(team_id),
            PersonId(person_id) if person_id else None,
        )


@dataclass(frozen=True, slots=True)
class RoleChangeTarget:
    """A member's new role, and the resources inside on which they keep theirs."""

    resource_id: ResourceId
    person_id: PersonId
    role: str
    kept_ids: tuple[ResourceId, ...] = ()

    def encode(self) -> str:
        """Return it as a value."""
        kept = ",".join(self.kept_ids)
        return f"{self.resource_id} {self.person_id} {self.role} {kept}".rstrip()

    @classmethod
    def decode(cls, value: str) -> RoleChangeTarget:
        """Return the target in a value."""
        resource_id, person_id, role, kept = split_words(value, 4)
        kept_ids = tuple(ResourceId(each) for each in kept.split(",") if each)
        return cls(ResourceId(resource_id), PersonId(person_id), role, kept_ids)


@dataclass(frozen=True, slots=True)
class RoleFormMetadata:
    """What a form for a role showed, and where the list is that it was opened from."""

    shown: ShownPreview
    list_url: str = ""

    def encode(self) -> str:
        """Return it as the metadata of a modal."""
        return f"{self.shown.encode()} {self.list_url}".rstrip()

    @classmethod
    def decode(cls, value: str) -> RoleFormMetadata:
        """Return it from the metadata of a modal."""
        shown, separator, url = value.rpartition(" http")
        if not separator:
            return cls(ShownPreview.decode(value))
        return cls(ShownPreview.decode(shown), f"http{url}")


@dataclass(frozen=True, slots=True)
class LinkedChannelRef:
    """A channel linked to a resource, and the list of channels to show again."""

    resource_id: ResourceId
    channel_id: ChannelId
    list_scope: ResourceScope = ResourceScope()

    def encode(self) -> str:
        """Return it as a value."""
        return f"{self.resource_id} {self.channel_id} {self.list_scope.encode()}"

    @classmethod
    def decode(cls, value: str) -> LinkedChannelRef:
        """Return the link in a value."""
        resource_id, channel_id, scope = split_words(value, 3)
        return cls(
            ResourceId(resource_id), ChannelId(channel_id), ResourceScope.decode(scope)
        )


@dataclass(frozen=True, slots=True)
class SharedChannelLink:
    """The link of a channel that another company shares, until a person confirms it.

    `groups` are separated by commas. `return_to` is the encoded scope of the list of
    channels to show again, or empty.
    """

    channel_id: ChannelId
    resource_id: ResourceId
    rhythm: str
    hour: str
    groups: str
    return_to: str = ""

    def encode(self) -> str:
        """Return it as a value."""
        settings = f"{self.rhythm} {self.hour} {self.groups}"
        value = f"{self.channel_id} {self.resource_id} {settings} {self.return_to}"
        return value.rstrip()

    @classmethod
    def decode(cls, value: str) -> SharedChannelLink:
        """Return the link in a value."""
        channel_id, resource_id, *rest = split_words(value, 6)
        return cls(ChannelId(channel_id), ResourceId(resource_id), *rest)


@dataclass(frozen=True, slots=True)
class VerbChoice:
    """A verb chosen in the menu of verbs, for a resource or for none."""

    verb: str
    resource_id: ResourceId | None = None

    def encode(self) -> str:
        """Return it as a value."""
        return f"{self.verb} {self.resource_id or ''}".rstrip()

    @classmethod
    def decode(cls, value: str) -> VerbChoice:
        """Return the choice in a value."""
        verb, resource_id = split_words(value, 2)
        return cls(verb, _parse_resource_id(resource_id))


@dataclass(frozen=True, slots=True)
class MenuOption:
    """An option of a menu without a route of its own: it names the route, too."""

    route: str
    value: str

    def encode(self) -> str:
        """Return it as a value."""
        return f"{self.route} {self.value}"

    @classmethod
    def decode(cls, value: str) -> MenuOption:
        """Return the option in a value."""
        route, option_value = split_words(value, 2)
        return cls(route, option_value)


@dataclass(frozen=True, slots=True)
class BlockId:
    """A block's id: the name of its list or field, and what tells its blocks apart."""

    name: str
    key: str = ""

    def encode(self) -> str:
        """Return it as a block id."""
        return f"{self.name} {self.key}".rstrip()

    @classmethod
    def decode(cls, block_id: str) -> BlockId:
        """Return the parts of a block id."""
        name, key = split_words(block_id, 2)
        return cls(name, key)


def parse_page(text: str, default: int = 0) -> int:
    """Return a page number or another small number; `default` for anything else."""
    is_number = text.isdecimal() and len(text) <= MAX_PAGE_DIGITS
    return int(text) if is_number else default


def split_words(value: str, count: int) -> list[str]:
    """Return exactly so many parts of a text, the last with all that is left."""
    words = value.split(" ", count - 1)
    return words + [""] * (count - len(words))


def _parse_resource_id(text: str) -> ResourceId | None:
    return ResourceId(text) if text else None


def _parse_datetime(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
