"""Who and what is there when the playground starts."""

from bot.playground.world import Channel, Person, World

HOME, AWAY = "T0ACME0HQ", "T0EVECORP"
SEED = (
    Person("UADA", "ada", "Ada Lindqvist", "ada@acme.example.com", HOME, "Lead", "Europe/Berlin", "en-GB",
           "#1f6f5c", is_admin=True),
    Person("UCARL", "carl", "Carl Mendes", "carl@client.example.com", HOME, "Client", "America/New_York", "en-US",
           "#a8552d"),
    Person("UDEVI", "devi", "Devi Rao", "devi@acme.example.com", HOME, "Developer", "Asia/Kolkata", "en-IN",
           "#6b4fa0"),
    Person("UBO", "bo", "Bo Chen", "bo@acme.example.com", HOME, "Accountant", "Europe/London", "en-GB", "#2b65a8"),
    Person("ULENA", "lena", "Lena Vogt", "lena@acme.example.com", HOME, "Designer", "Europe/Berlin", "de-DE",
           "#3f7d8c"),
    Person("USAM", "sam", "Sam Okoye", "sam@freelance.example.com", HOME, "Guest", "Africa/Lagos", "en-GB",
           "#8a6d1f", guest=True),
    Person("UEVE", "eve", "Eve Martin", "eve@evecorp.example.net", AWAY, "Partner", "America/Los_Angeles", "en-US",
           "#a03a5b"),
)  # fmt: skip


def seed(world: World, bot_name: str) -> None:
    """Fill an empty workspace."""
    bot = world.bot_user_id
    world.add_person(Person(bot, bot_name.lower(), bot_name, "", HOME, color="#1f3a5f", is_bot=True))
    for person in SEED:
        world.add_person(person)
    home = [person.id for person in SEED if person.team_id == HOME]
    for channel in (
        Channel("C0GENERAL", "general", members=home, topic="Everybody"),
        Channel("C0ACME", "acme", members=["UADA", "UCARL", "UDEVI", "UBO", bot], topic="The Acme project"),
        Channel("C0PARTNERS", "partners", members=["UADA", "UDEVI", "UEVE"], topic="With Evecorp", shared=True),
        Channel("C0FINANCE", "finance", "private", ["UADA", "UBO"], topic="Numbers"),
    ):
        world.add_channel(channel)
