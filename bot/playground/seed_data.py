"""The accounts and channels that the playground starts with."""

from dataclasses import replace

from bot.playground.workspace import Channel, SlackAccount, SlackWorkspace

HOME_TEAM_ID, PARTNER_TEAM_ID = "T0ACME0HQ", "T0EVECORP"
# The second workspace of a playground that has two: of another company, or of the
# organisation that the first one belongs to.
SECOND_TEAM_ID, WEST_TEAM_ID = "T0NORDLICHT", "T0ACMEWEST"
ORGANISATION_ID, ORGANISATION_NAME = "E0ACMEGRID", "Acme Group"
APP_DESCRIPTION = "What customers see, and where they buy."
REQUEST_NOTE = "I'd like to bring in a photographer."
SEED_ACCOUNTS = (
    SlackAccount(
        "UADA",
        "ada",
        "Ada Lindqvist",
        "ada@acme.example.com",
        HOME_TEAM_ID,
        "Lead",
        "Europe/Berlin",
        "en-GB",
        "#1f6f5c",
        is_admin=True,
    ),
    SlackAccount(
        "UCARL",
        "carl",
        "Carl Mendes",
        "carl@client.example.com",
        HOME_TEAM_ID,
        "Client",
        "America/New_York",
        "en-US",
        "#a8552d",
    ),
    SlackAccount(
        "UDEVI",
        "devi",
        "Devi Rao",
        "devi@acme.example.com",
        HOME_TEAM_ID,
        "Developer",
        "Asia/Kolkata",
        "en-IN",
        "#6b4fa0",
    ),
    SlackAccount(
        "UBO",
        "bo",
        "Bo Chen",
        "bo@acme.example.com",
        HOME_TEAM_ID,
        "Accountant",
        "Europe/London",
        "en-GB",
        "#2b65a8",
    ),
    SlackAccount(
        "ULENA",
        "lena",
        "Lena Vogt",
        "lena@acme.example.com",
        HOME_TEAM_ID,
        "Designer",
        "Europe/Berlin",
        "de-DE",
        "#3f7d8c",
    ),
    SlackAccount(
        "USAM",
        "sam",
        "Sam Okoye",
        "sam@freelance.example.com",
        HOME_TEAM_ID,
        "Guest",
        "Africa/Lagos",
        "en-GB",
        "#8a6d1f",
        guest=True,
    ),
    SlackAccount(
        "UEVE",
        "eve",
        "Eve Martin",
        "eve@evecorp.example.net",
        PARTNER_TEAM_ID,
        "Partner",
        "America/Los_Angeles",
        "en-US",
        "#a03a5b",
    ),
)


SECOND_ACCOUNTS = (
    SlackAccount(
        "UNORA",
        "nora",
        "Nora Berg",
        "nora@nordlicht.example.com",
        SECOND_TEAM_ID,
        "Lead",
        "Europe/Berlin",
        "en-GB",
        "#7a4a12",
        is_admin=True,
    ),
    SlackAccount(
        "UTOM",
        "tom",
        "Tom Weiss",
        "tom@client.example.org",
        SECOND_TEAM_ID,
        "Client",
        "Europe/Vienna",
        "en-GB",
        "#1d6a86",
    ),
    SlackAccount(
        "UINES",
        "ines",
        "Ines Roth",
        "ines@nordlicht.example.com",
        SECOND_TEAM_ID,
        "Developer",
        "Europe/Berlin",
        "en-GB",
        "#8b3a62",
    ),
)


def populate_workspace(workspace: SlackWorkspace, bot_name: str) -> None:
    """Add the seed accounts and channels to an empty workspace."""
    bot_user_id = workspace.bot_user_id
    workspace.other_teams[PARTNER_TEAM_ID] = "Evecorp"
    _add_bot(workspace, bot_name)
    for account in SEED_ACCOUNTS:
        workspace.add_account(account)
    home = [account.id for account in SEED_ACCOUNTS if account.team_id == HOME_TEAM_ID]
    for channel in (
        Channel("C0GENERAL", "general", members=home, topic="Everybody"),
        Channel(
            "C0ACME",
            "acme",
            members=["UADA", "UCARL", "UDEVI", "UBO", bot_user_id],
            topic="Updates about Acme",
        ),
        Channel(
            "C0PARTNERS",
            "partners",
            members=["UADA", "UDEVI", "UEVE"],
            topic="With Evecorp",
            shared=True,
        ),
        Channel("C0FINANCE", "finance", "private", ["UADA", "UBO"], topic="Numbers"),
    ):
        workspace.add_channel(channel)


def populate_second_workspace(
    workspace: SlackWorkspace, bot_name: str, *, is_other: bool
) -> None:
    """Add the accounts and channels of the second workspace.

    In one of the same organisation Ada has a second account.
    """
    _add_bot(workspace, bot_name)
    accounts = [replace(each, team_id=workspace.team_id) for each in SECOND_ACCOUNTS]
    if not is_other:
        accounts.append(
            replace(
                SEED_ACCOUNTS[0],
                id="UADAWEST",
                name="adawest",
                team_id=workspace.team_id,
                organisation_user_id=SEED_ACCOUNTS[0].id,
            )
        )
    for account in accounts:
        workspace.add_account(account)
    everybody = [account.id for account in accounts]
    name = workspace.domain.rpartition("-")[2]
    for channel in (
        Channel("C1GENERAL", "general", members=everybody, topic="Everybody"),
        Channel("C1WORK", name, members=[*everybody], topic="Updates about work"),
    ):
        workspace.add_channel(channel)


def _add_bot(workspace: SlackWorkspace, bot_name: str) -> None:
    workspace.add_account(
        SlackAccount(
            workspace.bot_user_id,
            bot_name.lower(),
            bot_name,
            "",
            workspace.team_id,
            color="#1f3a5f",
            is_bot=True,
        )
    )
