"""Every line of the day is one that Lambda, a runtime or a logger writes."""

import json
import re
from collections import Counter

from demo.fleet import FLEET
from demo.history import environment_events
from demo.history_plan import SPLIT
from tests.demo.test_history_plan import SEED, day

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
MS = r"\d+\.\d\d ms"
PLATFORM = {
    "INIT_START": (r"INIT_START Runtime Version: \S+\t"
                   r"Runtime Version ARN: arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}\n"),
    "RESTORE_START": r"RESTORE_START Runtime Version: \S+\tRuntime Version ARN: \S+\n",
    "RESTORE_REPORT": rf"RESTORE_REPORT Restore Duration: {MS}\n",
    "INIT_REPORT": (rf"INIT_REPORT Init Duration: {MS}"
                    r"(\tPhase: (init|invoke)\tStatus: error\tError Type: Runtime\.\w+)?\n"),
    "EXTENSION": r"EXTENSION\tName: \w+\tState: Ready\tEvents: \[INVOKE,SHUTDOWN\]\n",
    "START": rf"START RequestId: {UUID} Version: (\$LATEST|\d+)\n",
    "END": rf"END RequestId: {UUID}\n",
    "REPORT": (rf"REPORT RequestId: {UUID}\tDuration: {MS}\tBilled Duration: \d+ ms\tMemory Size: \d+ MB\t"
               rf"Max Memory Used: \d+ MB(\tInit Duration: {MS})?"
               rf"(\tRestore Duration: {MS}\tBilled Restore Duration: \d+ ms)?"
               r"(\tStatus: (timeout|error)(\tError Type: Runtime\.\w+)?)?\t?\n"
               r"(XRAY TraceId: 1-[0-9a-f]{8}-[0-9a-f]{24}\tSegmentId: [0-9a-f]{16}\tSampled: true\t\n)?"),
    "RequestId:": (rf"RequestId: {UUID} Error: Runtime exited with error: "
                   r"(signal: killed|exit status \d)\nRuntime\.ExitError\n"),
}
SAID = {
    "old timeout": rf"{TIME} {UUID} Task timed out after \d+\.00 seconds\n\n",
    "python line": rf"\[(INFO|WARNING|ERROR)\]\t{TIME}\t{UUID}\t.+\n",
    "python uncaught": r"\[ERROR\] [\w.]+: .+[\n\r]Traceback \(most recent call last\):([\n\r]\u00a0+.+)*\n?",
    "node uncaught": rf"{TIME}\t{UUID}\tERROR\tInvoke Error \t\{{.+\}}\n",
    "java uncaught": r"[^\n\r]+: [\w.]+[\n\r][\w.]+: [^\n\r]+([\n\r]\tat [^\n\r]+)+\n+",
    "log4j2": rf"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d {UUID} (INFO |WARN |ERROR) \w+:\d+ - .+\n",
    "dotnet": rf"{TIME}\t{UUID}\t(info|warn|fail)\t.+(\n   at .+ in .+:line \d+)*\n",
    "go": r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d (\{.+\}|calling the handler .+)\n",
    "ruby": rf"[IWE], \[\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{6}} #8\]  ?(INFO|WARN|ERROR) {UUID} -- : .+\n",
    "ruby uncaught": r'Error raised from handler method\n|\{\n  "errorMessage": (.|\n)+\n\}\n',
    "one line of a split stack": (r"(\[ERROR\] .+|Traceback \(most recent call last\):|\u00a0+.+|"
                                  r".+: [\w.]+|[\w.]+: .+|\tat .+)\n"),
}
PLATFORM_KINDS = {"initStart", "initRuntimeDone", "initReport", "start", "runtimeDone", "report"}


def lines():
    for environment in day():
        for _, _, _, message in environment_events(environment, SEED):
            yield environment, message


def kind_of(environment, message):
    """The name of the pattern a text line matches; None when it is none of them."""
    word = message.split()[0]
    if word in PLATFORM:
        return word if re.fullmatch(PLATFORM[word], message) else None
    if message.startswith('{"'):
        return "json" if isinstance(json.loads(message), dict) else None
    names = [name for name, pattern in SAID.items() if re.fullmatch(pattern, message)]
    if environment.framing != SPLIT and names == ["one line of a split stack"]:
        return None
    return names[0] if names else None


def test_every_line_of_a_text_function_is_of_a_known_kind_and_every_kind_occurs():
    found: Counter[str] = Counter()
    for environment, message in lines():
        if environment.profile.log_format == "Text":
            kind = kind_of(environment, message)
            assert kind, (environment.profile.name, message)
            found[kind] += 1
    assert set(found) == {*PLATFORM, *SAID, "json"}


def test_every_line_of_a_json_function_is_an_object_with_the_keys_of_its_writer():
    kinds: Counter[str] = Counter()
    for environment, message in lines():
        if environment.profile.log_format == "JSON":
            body = json.loads(message)
            if "record" in body:
                assert set(body) == {"time", "type", "record"}
                kinds[body["type"].removeprefix("platform.")] += 1
            else:
                assert "_aws" in body or ({"timestamp"} < set(body) and {"level", "log_level"} & set(body))
    assert set(kinds) == PLATFORM_KINDS


def test_only_functions_at_debug_level_write_the_lines_that_need_it():
    for environment, message in lines():
        if '"type":"platform.init' in message and '"platform.initStart"' not in message:
            assert environment.profile.debug_platform
        if '"type":"platform.runtimeDone"' in message and '"status":"success"' in message:
            body = json.loads(message)["record"]
            failed = {call.request_id for call in environment.calls if call.status.failed}
            assert environment.profile.debug_platform or body["requestId"] in failed


def test_embedded_metrics_come_from_one_function_once_an_invocation():
    found = Counter(environment.profile.name for environment, message in lines() if '"_aws"' in message)
    assert list(found) == ["cart-api"]
    assert found["cart-api"] == sum(len(one.calls) for one in day() if one.profile.name == "cart-api")


def test_structured_error_lines_carry_a_stack_with_frames_of_the_application():
    of_bad_version = [message for _, message in lines() if '"functionVersion":"31"' in message]
    structured = [json.loads(message) for message in of_bad_version if '"error":{' in message]
    assert len(structured) >= 30
    assert all("/var/task/dist/" in body["error"]["stack"] for body in structured)
    assert "TypeError" in {body["error"]["name"] for body in structured}


def test_traced_functions_write_their_trace_id_and_the_others_none():
    traced = {profile.name for profile in FLEET if profile.tracing}
    seen = {environment.profile.name for environment, message in lines() if "XRAY TraceId: " in message
            or "X-Amzn-Trace-Id" in message}
    assert seen == traced
