"""Only the function's own frames count, in every runtime, whatever compilers, proxies and upgrades do to them."""

import pytest

from collectors.frames import FRAME_SHAPES, MAX_FRAMES, own_frames

PYTHON = '''Traceback (most recent call last):
  File "/var/runtime/bootstrap.py", line 63, in handle_event_request
  File "/opt/python/lib/python3.12/site-packages/aws_lambda_powertools/logging/logger.py", line 9, in decorate
  File "/var/task/app.py", line 22, in handler
    return [charge(order) for order in orders]
           ^^^^^^^^^^^^^
  File "/var/task/app.py", line 22, in <listcomp>
  File "/var/task/orders/pay.py", line 3, in charge
  File "/var/task/requests/sessions.py", line 589, in request
  File "/var/lang/lib/python3.12/asyncio/runners.py", line 118, in run
  File "<frozen importlib._bootstrap>", line 1, in _find
KeyError: 'sku\''''

NODE = r"""TypeError: x
    at charge (/var/task/webpack:/orders/src/pay.ts:10:5)
    at Object.charge [as handler] (webpack://orders/./src/pay.ts:3:4)
    at eval (eval at load (/var/task/rules.js:1:1), <anonymous>:1:1)
    at Array.map (<anonymous>)
    at async Promise.all (index 0)
    at new Order (file:///var/task/dist/chunk-7F3A9C.mjs:1:2345)
    at async Runtime.handleOnceNonStreaming (file:///var/runtime/index.mjs:1173:29)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
    at Module._compile (internal/modules/cjs/loader.js:1085:14)
    at emitErrorNT (events.js:1:1)
    at __webpack_require__ (webpack/bootstrap:19:1)
    at x (/opt/nodejs/node_modules/a/b.js:1:1)
    at file:///var/task/index.mjs:1:1 {"""

JAVA = """java.lang.RuntimeException: outer
\tat com.acme.Pay.lambda$charge$3(Pay.java:12) ~[app.jar:1.0]
\tat com.acme.Pay$$Lambda$14/0x0000000800c03000.apply(Unknown Source)
\tat com.acme.Pay$$Lambda/0x0000000800c03000.apply(Unknown Source)
\tat com.acme.PayService$$EnhancerBySpringCGLIB$$7df96bd3.charge(<generated>)
\tat com.acme.PayService$$SpringCGLIB$$0.charge(<generated>)
\tat com.acme.PayService$$FastClassBySpringCGLIB$$a1.invoke(<generated>)
\tat app//com.acme.Handler.handleRequest(Handler.java:30)
\tat java.base/java.util.ArrayList.forEach(ArrayList.java:1511)
\tat java.base@21.0.1/java.lang.Thread.run(Thread.java:1583)
\tat jdk.proxy2/jdk.proxy2.$Proxy33.run(Unknown Source)
\tat com.sun.proxy.$Proxy12.run(Unknown Source)
\tat org.springframework.aop.Chain.proceed(Chain.java:1)
\tat com.acme.MainKt$main$1.invokeSuspend(Main.kt:9)
\tat lambdainternal.EventHandlerLoader.call(E.java:9)
\tSuppressed: java.io.IOException: close
\t\tat com.acme.Res.close(Res.java:1)
Caused by: java.net.SocketTimeoutException: Read timed out
\tat com.acme.Http.get(Http.java:12)
\t... 12 more"""

DOTNET = """System.InvalidOperationException: outer
 ---> System.IO.IOException: full
   at Acme.Store.<Save>d__5.MoveNext() in /src/Store.cs:line 12
   --- End of inner exception stack trace ---
   at Acme.Store.Save(Order o) in /src/Store.cs:line 12
   at Acme.Pay.<>c__DisplayClass5_0.<Charge>b__1(Order o)
   at Acme.Pay.<Refund>g__Local|5_0(Int32 x)
   at Acme.Repo`1.Get[T](Int32 id)
   at System.Linq.Enumerable.ToList()
   at lambda_method12(Closure , Stream )
--- End of stack trace from previous location ---
   at Amazon.Lambda.RuntimeSupport.HandlerWrapper.X()"""

GO = """panic: runtime error: index out of range [5] with length 3

goroutine 18 [running]:
panic({0x7c5e20?, 0xc0000b2018?})
\t/usr/local/go/src/runtime/panic.go:770 +0x132
main.(*Svc).Charge(0xc000, {0x1, 0x2})
\t/src/pay.go:9 +0x1d
main.handler.func1.2()
\t/src/main.go:12 +0x1d
github.com/jackc/pgx/v5.(*Conn).Query(...)
\t/go/pkg/mod/github.com/jackc/pgx/v5@v5.1.0/conn.go:1 +0x1
github.com/aws/aws-lambda-go/lambda.callHandlerFunc(0x1)
\tgithub.com/aws/aws-lambda-go@v1.47.0/lambda/invoke_loop.go:1 +0x1
created by main.main in goroutine 1
\t/src/main.go:1 +0x1

goroutine 1 [select]:
main.other()
\t/src/other.go:1 +0x1"""

RUBY = """/var/task/pay.rb:3:in 'Pay#charge'
/var/task/pay.rb:9:in `block (2 levels) in charge'
/var/task/app.rb:4:in `rescue in handler'
/var/task/vendor/bundle/ruby/3.3.0/gems/x/lib/x.rb:1:in `x'
/var/runtime/lib/runtime.rb:1:in `run'"""

RUST = """thread 'main' panicked at src/main.rs:12:5:
index out of bounds
stack backtrace:
   0: rust_begin_unwind
             at /rustc/9fc6b4/library/std/src/panicking.rs:645:5
   1: core::panicking::panic_fmt
   2: orders::pay::charge::h1a2b3c4d5e6f7a8b
             at ./src/pay.rs:9:3
   3: tokio::runtime::park::h1a2b3c4d5e6f7a8b
   4: orders::handler::{{closure}}::h1a2b3c4d5e6f7a8b"""

PHP = """#0 /var/task/src/Pay.php(12): Acme\\Pay->charge(Object)
#1 /var/task/vendor/bref/bref/src/Loop.php(1): Bref\\Loop->run()
#2 {main}"""

GROUP = '''  + Exception Group Traceback (most recent call last):
  |   File "/var/task/app.py", line 9, in handler
  | ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)
  +-+---------------- 1 ----------------
    |   File "/var/task/app.py", line 4, in reserve
    | ValueError: bad'''

STACKS = [
    ("python", PYTHON, ("app.py:handler", "orders/pay.py:charge")),
    ("python with the runtime's blanks", PYTHON.replace("  ", "\xa0\xa0"), ("app.py:handler", "orders/pay.py:charge")),
    ("python exception group", GROUP, ("app.py:handler", "app.py:reserve")),
    ("node", NODE, ("src/pay.ts:charge", "rules.js:eval", "dist/chunk-#.mjs:Order", "index.mjs:")),
    ("java", JAVA, (":com.acme.Pay.lambda$charge$#", ":com.acme.Handler.handleRequest",
                    ":com.acme.MainKt$main$#.invokeSuspend", ":com.acme.Http.get")),
    (".net", DOTNET, (":Acme.Store.Save", ":Acme.Pay.Charge", ":Acme.Pay.Refund.Local", ":Acme.Repo.Get")),
    ("go", GO, ("pay.go:main.(*Svc).Charge", "main.go:main.handler.func#")),
    ("ruby", RUBY, ("pay.rb:charge", "app.rb:handler")),
    ("rust", RUST, ("src/main.rs:", ":orders::pay::charge", "src/pay.rs:", ":orders::handler")),
    ("php", PHP, ("src/Pay.php:Acme\\Pay->charge",)),
    ("none", None, ()),
    ("words", "no frames here", ()),
]  # fmt: skip


@pytest.mark.parametrize(("stack", "frames"), [pytest.param(s, f, id=name) for name, s, f in STACKS])
def test_only_the_functions_own_frames_count(stack, frames):
    assert own_frames(stack) == tuple(sorted(frames))


SAME_PLACE = [
    ("node's receivers", "    at Runtime.handler (/var/task/a.js:1:1)", "    at exports.handler (/var/task/a.js:2:9)"),
    ("node's async", "    at handler (/var/task/a.js:1:1)", "    at async handler (file:///var/task/a.js:1:1)"),
    ("a bundle's hash", "    at f (/var/task/app.5f3a2b1c.js:1:1)", "    at f (/var/task/app.90a1bb2c.js:1:1)"),
    ("java's lambda numbers", "\tat a.B.lambda$c$1(B.java:1)", "\tat a.B.lambda$c$12(B.java:8)"),
    ("clojure's", "\tat a.core$fn__123.invoke(core.clj:1)", "\tat a.core$fn__4567.invoke(core.clj:1)"),
    (".net's state machines", "   at A.B.<C>d__5.MoveNext()", "   at A.B.<C>d__12.MoveNext() in /src/B.cs:line 3"),
    (".net's closures", "   at A.B.<>c.<C>b__3_0(O o)", "   at A.B.<>c__DisplayClass4_0.<C>b__1(O o)"),
    ("ruby's classes since 3.4", "/var/task/a.rb:1:in `f'", "/var/task/a.rb:7:in 'A::B#f'"),
    ("rust's build hashes", "   2: a::b::h1a2b3c4d5e6f7a8b", "  12: a::b::h9a2b3c4d5e6f7a8c"),
    ("mutual recursion", '  File "/var/task/a.py", line 1, in f\n  File "/var/task/a.py", line 1, in g',
     '  File "/var/task/a.py", line 1, in g\n  File "/var/task/a.py", line 1, in f'),
    ("a minifier's names in a bundle", "    at e.charge (/var/task/index.js:1:2345)",
     "    at t.charge (/var/task/index.js:1:789)"),
    ("container images", '  File "/var/task/a/b.py", line 1, in f', '  File "/usr/src/app/a/b.py", line 2, in f'),
]


@pytest.mark.parametrize(("one", "other"), [pytest.param(a, b, id=name) for name, a, b in SAME_PLACE])
def test_what_moves_without_a_change_of_the_code_does_not_count(one, other):
    assert own_frames(one) == own_frames(other) != ()


@pytest.mark.parametrize("depth", [2, 3, 50, 51, 400])
def test_the_depth_of_a_recursion_does_not_count(depth):
    lines = ['  File "/var/task/a.py", line 1, in handler', *['  File "/var/task/a.py", line 2, in even',
             '  File "/var/task/a.py", line 3, in odd'] * depth][: 2 * depth]  # fmt: skip
    assert own_frames("\n".join(lines)) == ("a.py:even", "a.py:handler", "a.py:odd")


def test_of_a_deep_stack_the_frames_next_to_the_failure_count():
    python = [f'  File "/var/task/a.py", line 1, in f{n}x' for n in range(100)]
    node = [f"    at f{n}x (/var/task/a.js:1:1)" for n in range(100)]
    assert own_frames("\n".join(python)) == tuple(f"a.py:f{n}x" for n in range(100 - MAX_FRAMES, 100))
    assert set(own_frames("\n".join(node))) == {f"a.js:f{n}x" for n in range(MAX_FRAMES)}


def test_a_shape_has_a_reason_and_an_example():
    lines = "\n".join(stack for _, stack, _ in STACKS if stack).split("\n")
    for shape in FRAME_SHAPES:
        assert len(shape.reason) > 5
        assert any(shape.mark in line and shape.pattern.match(line) for line in lines), f"no example of {shape.name}"


def test_own_packages_may_be_called_much_like_libraries():
    stack = "\tat net.acme.Pay.charge(Pay.java:1)\n   2: lambda_orders::pay::charge\n   at Systems.Pay.Charge()"
    assert own_frames(stack) == (":Systems.Pay.Charge", ":lambda_orders::pay::charge", ":net.acme.Pay.charge")


KNOWN_WRONG = [
    ("names a minifier gave are taken for the function's own", "    at t (/var/task/index.js:1:9)", ("index.js:t",)),
    ("an own layer for python is taken for a library", '  File "/opt/python/shop/pay.py", line 1, in f', ()),
    ("a library in its own folder counts", '  File "/var/task/rarelib/x.py", line 1, in f', ("rarelib/x.py:f",)),
    ("a java library that is not in the list counts", "\tat org.acmelib.X.y(X.java:1)", (":org.acmelib.X.y",)),
]


@pytest.mark.parametrize(("stack", "got"), [pytest.param(s, got, id=why) for why, s, got in KNOWN_WRONG])
def test_known_wrong_frames_are_still_as_described(stack, got):
    assert own_frames(stack) == got
