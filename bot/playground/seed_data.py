"""The accounts and channels that the playground starts with."""

from bot.playground.workspace import Channel, SlackAccount, SlackWorkspace

HOME_TEAM_ID, PARTNER_TEAM_ID = "T0ACME0HQ", "T0EVECORP"
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


def populate_workspace(workspace: SlackWorkspace, bot_name: str) -> None:
    """Add the seed accounts and channels to an empty workspace."""
    bot_user_id = workspace.bot_user_id
    workspace.other_teams[PARTNER_TEAM_ID] = "Evecorp"
    workspace.add_account(
        SlackAccount(
            bot_user_id,
            bot_name.lower(),
            bot_name,
            "",
            HOME_TEAM_ID,
            color="#1f3a5f",
            is_bot=True,
        )
    )
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
