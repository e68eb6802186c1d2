"""The services of the believable day: who runs, on what, how often, how fast, and how they fail.

Init times follow what teams report per runtime: Node and Python p50 150-300 ms and p99 500-800 ms,
Go 100-200 and 300-500 ms, Java 1-3 s and 3-8 s (hundreds of ms with SnapStart), .NET 400-800 ms and 1-2 s."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from store.records import Status

_NORMAL = NormalDist()
_Z99 = _NORMAL.inv_cdf(0.99)
LATEST = "$LATEST"


@dataclass(frozen=True, slots=True)
class Spread:
    """A log-normal distribution, named by its median and its 99th percentile. Milliseconds."""

    p50: float
    p99: float

    def at(self, quantile: float) -> float:
        """The value at a quantile strictly between 0 and 1."""
        sigma = math.log(self.p99 / self.p50) / _Z99
        return self.p50 * math.exp(sigma * _NORMAL.inv_cdf(quantile))


@dataclass(frozen=True, slots=True)
class Frame:
    """One in-app line of a stack. `file` is relative to the code's root; `code` is shown where runtimes do."""

    function: str
    file: str
    line: int
    code: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail. `message` may hold `{n}`, another number each time.

    `share` is of all invocations, of cold ones for a failure at init. A crash ends the process."""

    status: Status
    error_type: str
    message: str
    share: float
    frames: tuple[Frame, ...] = ()
    at_init: bool = False


@dataclass(frozen=True, slots=True)
class Deploy:
    """A version going live, minutes before now. A bad one fails `share` of its invocations with `fault`."""

    minutes_ago: int
    version: str
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class FunctionProfile:
    """A function of the fleet. `deploys` are oldest first; the first one is live when the day begins.

    `old_style` is the share of environments that still write failures on lines of their own, `chatty` the mean
    number of application lines per invocation. `nightly` functions run in one short window instead of all day."""

    name: str
    runtime: str
    log_format: str
    memory_mb: int
    timeout_s: int
    per_day: int
    duration: Spread
    init: Spread
    logger: str
    faults: tuple[Fault, ...] = ()
    deploys: tuple[Deploy, ...] = (Deploy(1440, LATEST),)
    chatty: float = 0.8
    old_style: float = 0.0
    tracing: bool = False
    asynchronous: bool = False
    snap_start: bool = False
    debug_platform: bool = False
    metrics: bool = False
    extension: str = ""
    nightly: bool = False

    @property
    def log_group(self) -> str:
        return f"/aws/lambda/{self.name}"

    @property
    def family(self) -> str:
        """The runtime without its version: nodejs, python, java, dotnet, ruby, provided."""
        return self.runtime.rstrip("0123456789.x").removesuffix(".al")


NODE_INIT = Spread(220, 660)
PYTHON_INIT = Spread(235, 680)
GO_INIT = Spread(140, 410)
JAVA_INIT = Spread(1_900, 5_400)
SNAP_RESTORE = Spread(360, 980)
DOTNET_INIT = Spread(580, 1_520)
RUBY_INIT = Spread(290, 720)

BAD_VERSION = "31"
BAD_DEPLOY_MINUTES_AGO = 565
ROLLBACK_MINUTES_AGO = 520

_BAD_DEPLOY = Fault(
    Status.ERROR, "TypeError", "Cannot read properties of undefined (reading 'sku')", 0.4,
    (Frame("priceLine", "dist/pricing.js", 88), Frame("Array.map", "<anonymous>", 0),
     Frame("totalOf", "dist/checkout.js", 41), Frame("Runtime.handler", "dist/handler.js", 27)))

_CHECKOUT = FunctionProfile(
    "checkout-api", "nodejs22.x", "JSON", 512, 10, 3_400, Spread(88, 640), NODE_INIT, "structured",
    faults=(
        Fault(Status.ERROR, "PaymentDeclinedError", "card issuer answered 51 for order {n}", 0.003,
              (Frame("charge", "dist/payments.js", 63), Frame("Runtime.handler", "dist/handler.js", 31))),
        Fault(Status.TIMEOUT, "", "", 0.0006),
    ),
    deploys=(Deploy(1440, "30"), Deploy(BAD_DEPLOY_MINUTES_AGO, BAD_VERSION, _BAD_DEPLOY),
             Deploy(ROLLBACK_MINUTES_AGO, "32")),
    chatty=0.5, tracing=True)

_CART = FunctionProfile(
    "cart-api", "python3.12", "JSON", 256, 8, 2_100, Spread(34, 210), PYTHON_INIT, "powertools",
    faults=(
        Fault(Status.ERROR, "ProductNotFound", "no product {n} in the catalogue", 0.003,
              (Frame("handler", "cart/api.py", 52, "return router.resolve(event, context)"),
               Frame("add_item", "cart/items.py", 77, "product = catalogue.require(line.product_id)"))),
        Fault(Status.ERROR, "KeyError", "'quantity'", 0.002,
              (Frame("handler", "cart/api.py", 52, "return router.resolve(event, context)"),
               Frame("merge", "cart/items.py", 118, "have.quantity += line['quantity']"))),
    ),
    deploys=(Deploy(1440, "12"), Deploy(250, "13")), metrics=True, tracing=True)

_PRICING = FunctionProfile(
    "pricing", "provided.al2023", "Text", 128, 5, 1_500, Spread(6, 48), GO_INIT, "go",
    faults=(
        Fault(Status.ERROR, "errorString", "currency table: no rate for code {n}", 0.003),
        Fault(Status.CRASH, "boundsError", "runtime error: index out of range [3] with length 3", 0.001,
              (Frame("main.(*Table).bracket", "pricing/table.go", 112),
               Frame("main.handle", "pricing/main.go", 44))),
    ),
    chatty=0.3, old_style=0.5)

_SEARCH = FunctionProfile(
    "search-index", "java21", "Text", 1024, 20, 900, Spread(120, 1_400), JAVA_INIT, "log4j2",
    faults=(
        Fault(Status.ERROR, "java.lang.IllegalStateException", "shard {n} is read-only", 0.006,
              (Frame("shop.search.Shards.writable", "Shards.java", 141),
               Frame("shop.search.Indexer.put", "Indexer.java", 88),
               Frame("shop.search.Handler.handleRequest", "Handler.java", 35))),
        Fault(Status.TIMEOUT, "", "", 0.001),
    ),
    tracing=True)

_RECOMMENDATIONS = FunctionProfile(
    "recommendations", "java21", "Text", 2048, 15, 800, Spread(64, 420), SNAP_RESTORE, "log4j2",
    faults=(
        Fault(Status.ERROR, "java.lang.NullPointerException",
              'Cannot invoke "shop.recs.Profile.segments()" because "profile" is null', 0.004,
              (Frame("shop.recs.Ranker.rank", "Ranker.java", 59),
               Frame("shop.recs.Handler.handleRequest", "Handler.java", 28))),
    ),
    deploys=(Deploy(1440, "7"), Deploy(660, "8")), snap_start=True)

_INVOICES = FunctionProfile(
    "invoices", "dotnet8", "Text", 512, 30, 700, Spread(180, 1_900), DOTNET_INIT, "dotnet",
    faults=(
        Fault(Status.ERROR, "Shop.Invoices.TaxRuleMissingException", "no tax rule for region R{n}", 0.007,
              (Frame("Shop.Invoices.TaxRules.For(Region region)", "TaxRules.cs", 73),
               Frame("Shop.Invoices.Function.Handler(Invoice invoice)", "Function.cs", 39))),
    ),
    deploys=(Deploy(1440, LATEST), Deploy(830, LATEST)))

_THUMBNAILS = FunctionProfile(
    "thumbnails-large", "python3.12", "Text", 512, 60, 700, Spread(900, 7_500), PYTHON_INIT, "python",
    faults=(
        Fault(Status.OOM, "Runtime.OutOfMemory", "", 0.012),
        Fault(Status.ERROR, "UnidentifiedImageError", "cannot identify image file 'upload-{n}.heic'", 0.005,
              (Frame("handler", "thumbs/handler.py", 31, "image = Image.open(source)"),)),
    ),
    old_style=0.4, asynchronous=True)

_INVENTORY = FunctionProfile(
    "inventory-sync", "nodejs20.x", "Text", 256, 15, 900, Spread(420, 4_800), NODE_INIT, "pino",
    faults=(
        Fault(Status.TIMEOUT, "", "", 0.012),
        Fault(Status.ERROR, "FetchError",
              "request to http://stock.internal/v2/levels?page={n} failed, reason: read ECONNRESET", 0.006,
              (Frame("ClientRequest.<anonymous>", "node_modules/node-fetch/lib/index.js", 1501),
               Frame("pull", "src/levels.js", 34), Frame("Runtime.handler", "src/index.js", 19))),
    ),
    old_style=0.5, tracing=True)

_AUTHORIZER = FunctionProfile(
    "auth-authorizer", "nodejs22.x", "JSON", 256, 3, 1_400, Spread(9, 70), NODE_INIT, "console",
    faults=(
        Fault(Status.ERROR, "JsonWebTokenError", "invalid signature", 0.004,
              (Frame("verify", "node_modules/jsonwebtoken/verify.js", 171), Frame("claimsOf", "src/token.js", 22),
               Frame("Runtime.handler", "src/index.js", 11))),
    ),
    chatty=0.2, debug_platform=True)

_WEBHOOKS = FunctionProfile(
    "webhooks", "ruby3.3", "Text", 256, 10, 800, Spread(75, 900), RUBY_INIT, "ruby",
    faults=(
        Fault(Status.ERROR, "JSON::ParserError", "unexpected token at 'event={n}'", 0.008,
              (Frame("parse!", "lib/webhooks/body.rb", 18), Frame("handler", "handler.rb", 9))),
    ))

_REPORT = FunctionProfile(
    "report-nightly", "python3.13", "Text", 1024, 900, 60, Spread(95_000, 620_000), PYTHON_INIT, "python",
    faults=(
        Fault(Status.TIMEOUT, "", "", 0.08),
        Fault(Status.ERROR, "Runtime.ImportModuleError",
              "Unable to import module 'report.handler': No module named 'openpyxl'", 0.25, at_init=True),
    ),
    chatty=4, nightly=True)

_LEDGER = FunctionProfile(
    "ledger-writer", "python3.12", "Text", 256, 12, 1_300, Spread(52, 380), PYTHON_INIT, "python",
    faults=(
        Fault(Status.ERROR, "KeyError", "'sku'", 0.006,
              (Frame("handler", "ledger/writer.py", 22, "rows = [row_of(record) for record in event['Records']]"),
               Frame("row_of", "ledger/rows.py", 41, "return Row(order['id'], order['sku'], cents)"))),
        Fault(Status.ERROR, "InvalidOperation", "[<class 'decimal.ConversionSyntax'>]", 0.003,
              (Frame("handler", "ledger/writer.py", 22, "rows = [row_of(record) for record in event['Records']]"),
               Frame("cents_of", "ledger/money.py", 12, "return int(Decimal(text) * 100)"))),
    ),
    extension="AWSParametersAndSecretsLambdaExtension")

FLEET: tuple[FunctionProfile, ...] = (
    _CHECKOUT, _CART, _PRICING, _SEARCH, _RECOMMENDATIONS, _INVOICES, _THUMBNAILS, _INVENTORY, _AUTHORIZER,
    _WEBHOOKS, _REPORT, _LEDGER)
