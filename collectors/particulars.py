"""What differs from one failure to the next though the cause is the same: ids, numbers, dates, places, data.

`PATTERNS` is an ordered table; the first that matches where a word begins wins. Some *keep* what they match, because
codes and names with digits tell causes apart (HTTP 404 and 500, ORA-00942, sha256, us-east-1). Quoted words stay too:
errors quote the names of keys, columns and modules, and a missing `user_id` is not a missing `order_id`. They go where
the words before them say that they are data. Every repetition is bounded or possessive: a text is read in linear time.
Changing the table changes groups: raise `fingerprints.VERSION` with it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

MESSAGE_CHARS = 1_000
"""What tells causes apart stands at the beginning; payloads quoted behind it do not."""
LOOKED_AT_CHARS = 4 * MESSAGE_CHARS
"""Read of a message, however long it is: particulars are longer than what stands for them."""
REMEMBERED = 512
"""Messages whose outcome is kept, 5 KB each at most: one failure is asked for several times, and most repeat."""


class Pattern(NamedTuple):
    """One kind of text: why it is one, how it looks, an example, and what stands for it.

    Without a placeholder it stays as it is. What `head` matches announces the rest, and stays before the placeholder.
    """

    name: str
    reason: str
    example: str
    expression: str
    placeholder: str = ""
    head: str = ""

    def replaced(self, text: str) -> str:
        if not self.placeholder:
            return text
        head = re.match(self.head, text)
        return (head.group() if head else "") + self.placeholder


_END = r"(?![A-Za-z0-9])"
_KEYS_OF_CAUSES = (
    r"(?i:__type|type|code|error[\w-]{0,20}|reason|message|msg|status[\w-]{0,10}|exception|cause|loc|field|detail)"
)
_QUOTED = r"(?:'[^'\n]{0,300}'|\"[^\"\n]{0,300}\"|`[^`\n]{0,300}`)"
_SIGN = r"(?:[A-Z][a-z][A-Z]|[a-z][A-Z]{2}|\d[A-Za-z_]|[A-Za-z]\d[A-Za-z_-])"
_WORDS = r"(?:[A-Z]?[a-z]{2,30}+|[A-Z]{2,7}+){1,6}+"
_PAIR = r"\\?[\"'][\w .$@-]{1,60}\\?[\"']\s?:\s?"
_ANNOUNCERS = (
    r"(?:(?i:user|username|customer|account|member|tenant|client|person|patient|driver|device|order|invoice|cart|item|"
    r"product|sku|coupon|session|token|entry|value|string|input|literal|text|word|email|phone|address|city|got|"
    r"received|parsing|parse|convert|time data|parsing time|id)(?: (?:named|with|id|name|sku|email))?:?|"
    r"base \d\d?:|(?:float|int|integer|uuid|date|numeric|boolean|json|timestamp)[:\"]?:) "
)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:[a-z]{3,6})?"
_CLOCK = r"\d\d?:\d\d(?::\d\d(?:[.,]\d{1,9})?)?"
_ZONE = r"(?: ?(?:Z|UTC|GMT|[A-Z]{3})?[-+]?(?:\d\d:?\d\d)?)"
_V6 = r"[0-9A-Fa-f]{1,4}"
_UNIT = r"(?: ?[kKMGT]i?[bB]|%|ns|us|ms|min|sec|s|m|h|d|[bB]|px|st|nd|rd|th)?"

ANNOUNCED = (
    Pattern("status", "an HTTP status is the cause; so are exit codes, errnos, SQLSTATEs and what drivers number",
            "HTTP 404",
            r"(?:HTTP(?:/\d(?:\.\d)?)?|(?i:status[ _-]?code|status|response code|error[ _-]?code|code|errno|"
            r"winerror|exit(?:ed with)?(?: code| status)?|exit[ _-]?code|signal|alert number|curl error|error|sqlstate|"
            r"hresult))"
            r"[\"'\])]?(?: was| is| of)?[ :=#]{0,3}[\[({\"']?(?:0x[0-9A-Fa-f]{4,8}|-?\d[0-9A-Z]{4}|-?\d{1,6}|"
            r"[A-Z0-9]{5})(?![A-Za-z0-9.,:/_-]?[A-Za-z0-9])(?: \([0-9A-Z]{5}\))?"),
    Pattern("module", "which module is missing is the cause", "Cannot find module 'lodash/fp'",
            r"(?:(?:Cannot find|Could not find|Can't resolve) (?:module|package)|"
            r"No module named) ['\"][^'\"/\n][^'\"\n]{0,200}['\"]"),
    Pattern("announced value", "the word before says that what is quoted is data", "user 'alice'",
            _ANNOUNCERS + _QUOTED, "<value>", _ANNOUNCERS),
    Pattern("validated value", "pydantic repeats the input it refuses", "input_value={'a': 'b'}, input_type=dict",
            r"input_value=[^\n]{1,400}?, input_type=\w{1,60}", "<value>", "input_value="),
    Pattern("assigned code", "an assigned code, type or reason is the cause", "code='EPIPE'",
            rf"{_KEYS_OF_CAUSES}=[\"'][\w.-]{{1,80}}[\"']"),
    Pattern("flag", "yes or no behind an equals sign", "vip=true", r"(?<==)(?:[Tt]rue|[Ff]alse)\b", "<value>"),
    Pattern("date", "RFC 822, 850 and 1123, JavaScript and ctime", "Mon, 23 Nov 2026 19:12:31 GMT",
            rf"{_DAY},? (?:\d\d?[- ]{_MONTH}[- ]\d{{2,4}}|{_MONTH} {{1,2}}\d\d?(?:,? \d{{4}}(?! ?:))?)"
            rf"(?: {_CLOCK}(?: \d{{4}}{_END})?{_ZONE}(?: \([\w ]{{2,40}}\))?)?{_END}", "<date>"),
    Pattern("date", "written out", "Jan 18, 2019", rf"{_MONTH}[a-z]{{0,6}} \d\d?,? \d{{4}}(?: {_CLOCK})?{_END}",
            "<date>"),
)
"""Begin with a plain word, so they are tried at every word."""

LONG = (
    Pattern("url", "hosts, stages and queries vary by record", "https://api.example.com/v1/orders/17?x=1",
            r"[A-Za-z][A-Za-z0-9+.-]{1,15}://(?:\[[0-9A-Fa-f:.%]{2,50}\])?[^\s\"'<>)\]}]{0,500}(?<![.,;:!?])", "<url>"),
    Pattern("arn", "account, region and name of one resource", "arn:aws:sqs:eu-west-1:123456789012:orders",
            r"arn:aws[a-z-]{0,12}:[^\s\"'<>,;)\]]{1,300}(?<![.:])", "<arn>"),
    Pattern("email", "who it was", "bob.smith+x@mail.example.com",
            r"[\w.!#$%&*+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}", "<email>"),
    Pattern("trace", "X-Ray and W3C trace headers", "1-62e900b2-710d76f009d6e7785905449a",
            r"(?:1-[0-9a-f]{8}-[0-9a-f]{24}|[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2})" + _END, "<id>"),
    Pattern("uuid", "request ids, keys", "8f507cfc-0000-4697-b07a-ac58fc914c95",
            r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}" + _END, "<id>"),
    Pattern("token", "a signed token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
            r"eyJ[\w-]{8,3000}+\.[\w-]{1,3000}+(?:\.[\w-]{1,1000}+)?", "<id>"),
    Pattern("base64", "encoded payloads: padded, or long with capitals, small letters and digits",
            "aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=",
            r"(?:[A-Za-z0-9+/]{12,3000}+={1,2}|(?=[^\d\s]{0,60}\d)(?=[^A-Z\s]{0,60}[A-Z])(?=[^a-z\s]{0,60}[a-z])"
            r"[A-Za-z0-9+/]{32,3000}+)" + _END, "<id>"),
    Pattern("date", "a moment, ISO or slashes or compressed, with or without time and zone", "2026-11-23T19:12:31.752Z",
            r"\d{4}[-/]?[01]\d[-/]?[0-3]\d(?:[T ]\d\d:?\d\d(?::?\d\d(?:[.,]\d{1,9})?)?"
            r"(?: ?(?:Z|UTC|GMT))?(?: ?[-+]?\d\d:?\d\d)?)" + _END
            + r"|\d{4}[-/][01]\d[-/][0-3]\d" + _END + r"|[0-3]?\d[/.][01]?\d[/.](?:19|20)\d\d" + _END, "<date>"),
    Pattern("date", "as Python prints it", "datetime.datetime(2025, 6, 24, 18, 33, 0, 447640)",
            r"datetime\.(?:datetime|date|time)\([\d, ]{1,60}(?:tzinfo=[\w.()]{1,60})?\)", "<date>"),
    Pattern("ip", "IPv4, with or without a port or a mask", "10.0.12.7:5432",
            r"(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5}|/\d{1,2})?(?![A-Za-z0-9]|\.\d)", "<ip>"),
    Pattern("ip", "IPv6, whole or shortened, with or without brackets, port, zone or mask", "2001:db8::ff00:42:8329",
            rf"(?=\[?[0-9A-Fa-f:.]{{0,40}}\d)(?:\[(?=[^\s\]]{{2,60}}\]:\d))?(?:(?:{_V6}:){{7}}{_V6}|"
            rf"(?:{_V6}(?::{_V6}){{0,6}})?::(?:{_V6}(?::{_V6}){{0,6}})?"
            r"(?::?(?:\d{1,3}\.){3}\d{1,3})?)(?:%\w{1,15})?(?:\]:\d{1,5}|/\d{1,3})?(?![\w(]|:[\w:]|\.\d)", "<ip>"),
    Pattern("mac", "a network card", "0a:1b:2c:3d:4e:5f", r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}" + _END, "<id>"),
    Pattern("time", "a time of day", "19:12:31.752", r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?"
            r"(?: ?[aApP][mM])?(?![\dA-Za-z:])", "<time>"),
    Pattern("host", "EC2-style names carry an address", "ip-10-0-0-1.ec2.internal",
            r"ip(?:-\d{1,3}){4}[\w.-]{0,100}(?<!\.)", "<host>"),
    Pattern("host", "names of hosts end in a domain", "orders.abc1.eu-west-1.rds.amazonaws.com:5432",
            r"(?:[A-Za-z0-9_-]{1,63}\.){1,8}(?:com|net|org|io|dev|app|cloud|aws|internal|local|edu|gov|info|"
            r"biz|co|uk|de|fr|" r"eu|jp|nl|ch|se|ca|au|br|us)(?::\d{1,5})?(?!\.?[\w(-])", "<host>"),
    Pattern("failure number", "vendors number their errors", "ORA-00942",
            r"(?:(?:ORA|TNS|PLS|DPY|DPI|JDBC|SQL|ERR|RMAN|CVE)[-_]?\d{3,6}[A-Z]?|(?:AADSTS|WRN|E|P|TS|CS|NU|"
            r"MSB)\d{4,6}|SQLSTATE\[[0-9A-Z]{5}\]|[1-5]xx|0x8[0-9A-Fa-f]{7}|\d\d?(?= [A-Z_]{5,20}:)|"
            r"[1-5]\d\d(?= ?:? ?(?:OK|Bad Request|Unauthorized|Forbidden|Not Found|Method Not Allowed|"
            r"Not Acceptable|Request Time|Conflict|Gone|Length Required|Precondition|Payload|Request Entity|URI Too|"
            r"Unsupported Media|Unprocessable|Locked|Too (?:Early|Many)|Internal Server|Not Implemented|Bad Gateway|"
            r"Service Unavailable|Gateway Time|(?:Client|Server) Error)))" + _END),
    Pattern("address", "where in memory it was", "0x7f3c2b1a",
            r"(?:0[xX][0-9a-fA-F]{1,32}|(?<=@)[0-9a-f]{5,16})" + _END, "<id>"),
    Pattern("path", "absolute paths differ by build, layer and temporary folder", "/tmp/build-7/orders/handler.py",
            r"(?<=')/[^'\n]{1,300}(?=')|(?<=\")/[^\"\n]{1,300}(?=\")|"
            r"(?<![<>/.\])])(?:~|\.\.?)?(?:(?:/[\w.@+~$%=-]{1,200}){2,30}/?|/[\w-]{1,100}\.\w{1,5}\b)(?<!\.)(?::\d{1,6}){0,2}",
            "<path>"),
    Pattern("path", "a Windows path", r"C:\build\7\Orders.cs",
            r"[A-Za-z]:\\[^\s\"'<>|:,;()\]]{1,300}(?<!\.)(?::\d{1,6})?", "<path>"),
    Pattern("path", "object keys and relative paths: two slashes, or one and a file name", "uploads/2026/invoice.pdf",
            r"[\w.@+~$%=-]{1,200}+/(?:[\w.@+~$%=-]{1,200}+/[\w.@+~$%=/-]{0,400}(?<!\.)|"
            r"[\w@+~$%=-]{1,200}+\.[a-z]\w{0,4}+" + _END + ")", "<path>"),
)  # fmt: skip
"""Long, and begin with something else than a plain word, or go on after it without a blank."""

DRAWN = (
    Pattern("hash", "hex: of seven with a digit, or of eight letters", "deadbeef",
            r"(?:[a-f]{8,128}+|[A-F]{8,128}+|(?=[a-f]{0,128}\d)(?=\d{0,128}[a-f])[0-9a-f]{7,128}+)" + _END, "<id>"),
    Pattern("temporary name", "as Python's tempfile draws them", "tmp3pzg2g_q", r"tmp[a-z0-9_]{8}" + _END, "<id>"),
    Pattern("stack suffix", "CloudFormation ends physical names with 12 or 13 drawn characters", "Orders-CKRSTXCDQNBT",
            r"(?<=-)[A-Z0-9]{12,13}" + _END, "<id>"),
    Pattern("scrambled", "drawn letters, small and capital, change more often than words do",
            "UNDteiLTWBJmNZSjRWAwLQhBgbf", rf"(?=[A-Za-z0-9]{{16,64}}+{_END}|[\w-]{{21}}(?![\w-]))"
            rf"(?=(?:(?:(?!{_SIGN})[\w-]){{0,60}}+{_SIGN}){{3}}+)[\w-]{{16,64}}+", "<id>"),
)  # fmt: skip
"""Drawn by lot: they look like words, or like names with digits, at first."""

SHORT = (
    Pattern("local", "the JVM numbers variables whose names were not compiled in", "<local4>", r"<local\d{1,4}>",
            "<id>"),
    Pattern("name with digits", "techniques, standards and regions name the cause", "sha256",
            r"(?i:utf-?(?:8|16|32)(?:-?[bl]e|mb[34])?|iso-?\d{4,5}(?:-\d{1,2})?|"
            r"(?:sha|aes|rsa|hs|rs|es)-?\d{1,4}|md5|crc32|base(?:16|32|58|64)(?:url)?|u?int(?:8|16|32|64|128)|float(?:16|32|64)|x86(?:[_-]64)?|"
            r"x64|amd64|arm64|aarch64|win32|psycopg2?|log4j2?|k8s|i18n|ipv[46]|x509|oauth2|http[123]|ec2|s3|h264|"
            r"(?:python|node|nodejs|java|dotnet|ruby|go|provided\.al)\d{1,4}(?:\.\d{1,2}|\.x)?|"
            r"(?:us|eu|ap|sa|ca|me|af|il|cn|mx)-(?:gov-)?(?:north|south|east|west|central|northeast|northwest|"
            r"southeast|southwest)-\d)" + _END),
    Pattern("name with digits", "a name that ends in one digit, or has a few inside, is a name", "address2",
            rf"(?:{_WORDS}\d|v\d{{1,3}}|(?<![-_#])(?:{_WORDS}|[A-Za-z])\d{{1,2}}{_WORDS}){_END}"),
    Pattern("duration", "how long it took", "1h30m", r"(?:\d{1,6}h(?:\d{1,6}m)?(?:[\d.]{1,12}s)?|\d{1,6}m[\d.]{1,12}m?s"
            r"|P(?=[\dT])[\dTYMWDHS.]{2,30})" + _END, "<id>"),
    Pattern("number", "counts, amounts, sizes, positions, line numbers", "-1,234.5e3",
            r"[-+]?\d{1,300}+(?:[.,_]\d{1,300}+){0,20}+(?:[eE][-+]?\d{1,4}+)?" + _UNIT + _END, "<id>"),
    Pattern("id", "letters and digits together: ULID, KSUID, ObjectId, digest, suffix of a stack's resource",
            "cus_9s6XKzkNRiz8i3", r"(?=[A-Za-z]{0,128}\d)[A-Za-z0-9]{2,4000}+", "<id>"),
    Pattern("pair that tells", "codes and words of an error that is JSON are the cause", '"code": "EPIPE"',
            rf"\\?[\"']{_KEYS_OF_CAUSES}\\?[\"']\s?:\s?(?:\\?[\"']|\d{{1,6}}(?![\d.]))?"),
    Pattern("pair", "values of a payload; its keys stay", '"name": "alice"',
            _PAIR + r"(?:\\?\"[^\"\\\n]{0,500}\\?\"|'[^'\n]{0,500}'|(?:true|false|null|None|True|False)\b)",
            "<value>", _PAIR),
    Pattern("assigned value", "quoted behind an equals sign", "b='1'",
            rf"(?<==){_QUOTED}", "<value>"),
    Pattern("column value", "Postgres quotes the row that is in the way", "Key (email)=(bob)",
            r"=\([^()\n]{1,200}(?=\))", "<value>", r"=\("),
    Pattern("refused value", "what is quoted and then refused is data", "'x' is not a valid Color", _QUOTED +
            r"(?=\.{0,3} (?:is not (?:a |an )?valid|is an? invalid|cannot be parsed|could not be parsed))",
            "<value>"),
)  # fmt: skip
"""What is left: words with digits, numbers, values."""

PATTERNS = (*ANNOUNCED, *LONG, *DRAWN, *SHORT)


def _alternatives(patterns: tuple[Pattern, ...]) -> str:
    return "(?:" + "|".join(f"(?P<p{PATTERNS.index(one)}>{one.expression})" for one in patterns) + ")"


_NO_PLAIN_WORD = r"(?![A-Za-z_]++(?:[\s,;!?)]|$))"
_ANY = re.compile(
    f"(?<![A-Za-z0-9])(?:{_alternatives(ANNOUNCED)}|{_NO_PLAIN_WORD}{_alternatives(LONG)}|{_alternatives(DRAWN)}"
    f"|{_NO_PLAIN_WORD}{_alternatives(SHORT)})",
    re.ASCII,
)
"""All patterns as one, so that a text is walked once. A plain word is passed over before most are tried."""
_LIST = re.compile(r"(['\"]?)(<\w+>)\1(?:[\s,;:/._+-]{1,3}\1\2\1)+")
_BLANKS = re.compile(r"\s+")
_RUBY_QUOTES = re.compile(r"`([^`'\s]{1,100})'")
"""Until Ruby 3.4; since then both are apostrophes, and nil has no class behind it."""
_FRAMES = re.compile(r"\n(?:Traceback \(most recent call last\)|\s+at |\s+File \"|Caused by: |goroutine \d)")


def _replaced(found: re.Match[str]) -> str:
    pattern = PATTERNS[int((found.lastgroup or "p0")[1:])]
    return pattern.replaced(found.group())


def normalised(message: str) -> str:
    """A message with its particulars replaced, lists of them told once, blanks collapsed, cut to `MESSAGE_CHARS`.
    A stack that stands in it is not part of it."""
    if len(message) > LOOKED_AT_CHARS:
        message = message[:LOOKED_AT_CHARS].rpartition(" ")[0] or message[:LOOKED_AT_CHARS]
    return _normalised(message)


@lru_cache(maxsize=REMEMBERED)
def _normalised(message: str) -> str:
    frames = _FRAMES.search(message)
    text = _BLANKS.sub(" ", message[: frames.start()] if frames else message).strip()
    if "`" in text:
        text = _RUBY_QUOTES.sub(r"'\1'", text).replace("nil:NilClass", "nil")
    return _LIST.sub(r"\1\2\1", _ANY.sub(_replaced, text))[:MESSAGE_CHARS]
