"""The sample data of the demo: two months in the life of an agency, by ordinary commands."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from bot.bootstrap import Application
from bot.playground.seed_data import APP_DESCRIPTION, REQUEST_NOTE
from bot.playground.server import Playground
from collab.access_requests import RequestAccess
from collab.billing.invoices import AddInvoices, NewInvoice
from collab.billing.payment_methods import SetPaymentMethod
from collab.billing.plans import ChangePlan
from collab.bus import Outcome
from collab.command import Command
from collab.events import InvitationSent
from collab.invitations.answers import AcceptInvitation
from collab.invitations.commands import InviteToResource
from collab.limits import RoleLimits
from collab.memberships.commands import RemoveMember
from collab.model import Account, Caller, Term, WorkspaceId
from collab.resources import CreateResource, DescribeResource
from collab.teams import ShareWithTeam

HISTORY_LENGTH = timedelta(days=60)
ANSWER_TIME = timedelta(minutes=25)  # between an invitation and its answer
DRAIN_SECONDS = 10.0
SAMPLE_PLANS: dict[str, RoleLimits] = {
    "starter": {"owner": 2, "admin": 3},
    "agency": {"owner": 5, "admin": 25, "accountant": 5},
}


class DemoHistory:
    """Plays what Acme's people did before the demo starts, day by day."""

    def __init__(
        self,
        app: Application,
        playground: Playground,
        workspace: WorkspaceId,
    ) -> None:
        self._app = app
        self._playground = playground
        self._workspace = workspace
        self._today = playground.clock.now() + HISTORY_LENGTH

    def play(self) -> None:
        """Play everything, and leave the clock at the present moment."""
        self._go_to(days_ago=58)
        self._create_website()
        self._go_to(days_ago=55)
        self._set_up_billing()
        self._go_to(days_ago=50)
        self._share_with_team()
        self._go_to(days_ago=41)
        self._invite("sam", "developer", "storefront")
        # Slack lets an app write to people of another company in a channel that both share.
        self._playground.get_user("ada").type_text("/invite @Collab", "partners")
        self._invite("eve", "developer", "blog", until=self._today + timedelta(days=45))
        self._add_invoice(days_ago=40)
        self._add_invoice(days_ago=10)
        self._go_to(days_ago=9)
        self._execute(RemoveMember(self._by("ada"), self._account("sam"), "storefront"))
        self._go_to(days_ago=1)
        self._execute(
            RequestAccess(self._by("lena"), "manager", "storefront", REQUEST_NOTE)
        )
        self._go_to(days_ago=0)

    def _create_website(self) -> None:
        self._create("project", "Website", "acme")
        self._create("app", "Storefront", "website")
        self._create("app", "Blog", "website")
        self._create("database", "Orders", "website")
        self._execute(DescribeResource(self._by("ada"), "storefront", APP_DESCRIPTION))

    def _set_up_billing(self) -> None:
        self._execute(ChangePlan(self._by("ada"), "acme", "agency"))
        self._create("payment", "Acme Card", "acme")
        for name in ("storefront", "blog", "orders"):
            self._execute(SetPaymentMethod(self._by("ada"), name, "acme-card"))
        self._invite("bo", "accountant", "acme")

    def _share_with_team(self) -> None:
        self._create("team", "Crew", None)
        self._invite("lena", "unlimited", "crew")
        for name in ("storefront", "blog"):
            self._execute(ShareWithTeam(self._by("ada"), name, "crew", "developer"))

    def _add_invoice(self, days_ago: int) -> None:
        self._go_to(days_ago)
        day = self._playground.clock.now().date()
        number = f"{day:%Y-%m}"
        content = build_invoice_pdf(number, day)
        invoice = NewInvoice(
            "acme-card",
            number,
            day,
            Decimal("119.00"),
            "EUR",
            self._app.files.save(content),
            len(content),
        )
        operator = Caller(self._workspace, None, "cli")
        self._execute(AddInvoices(operator, (invoice,)))

    def _create(self, kind: str, title: str, within: str | None) -> None:
        self._execute(CreateResource(self._by("ada"), kind, title, within))

    def _invite(
        self, name: str, role: str, what: str, until: datetime | None = None
    ) -> None:
        """Invite somebody as Ada, and accept as them."""
        term = Term(until=until)
        sent = self._execute(
            InviteToResource(self._by("ada"), self._account(name), role, what, term)
        ).get_event(InvitationSent)
        self._move_clock(self._now() + ANSWER_TIME)
        self._execute(AcceptInvitation(self._by(name), sent.invitation))

    def _execute(self, command: Command) -> Outcome[None]:
        return self._app.bus.execute(command, self._now())

    def _go_to(self, days_ago: int) -> None:
        """Move the clock to a moment of that day; what is due before is done."""
        moment = self._today - timedelta(days=days_ago)
        if days_ago:
            moment = datetime.combine(moment.date(), time(10, 12), moment.tzinfo)
        self._move_clock(moment)

    def _move_clock(self, moment: datetime) -> None:
        """Deliver what was caused so far, and move the clock on."""
        self._app.outbox_worker.drain(DRAIN_SECONDS)
        self._playground.travel_to(moment)

    def _now(self) -> datetime:
        return self._playground.clock.now()

    def _account(self, name: str) -> Account:
        account = self._playground.state.workspace.accounts[
            self._playground.get_user(name).id
        ]
        return Account(WorkspaceId(account.team_id), account.id)

    def _by(self, name: str) -> Caller:
        return Caller(self._workspace, self._account(name), "command")


def build_invoice_pdf(number: str, day: date) -> bytes:
    """Return a PDF file of one page with an invoice's number, day and amount."""
    lines = (f"Invoice {number}", f"{day:%d %B %Y}", "Hosting: EUR 119.00")
    text = " ".join(f"({line}) Tj 0 -28 Td" for line in lines)
    content = f"BT /F1 18 Tf 72 740 Td {text} ET"
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    pdf, offsets = "%PDF-1.4\n", []
    for index, body in enumerate(objects, 1):
        offsets.append(len(pdf))
        pdf += f"{index} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    pdf += (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}"
        f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(pdf)}\n%%EOF\n"
    )
    return pdf.encode("ascii")
