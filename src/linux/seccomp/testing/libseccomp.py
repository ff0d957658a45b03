"""What runc hands to libseccomp, for ../differential.test.ts.

Reads a JSON list of profiles and prints a JSON list of filters ({"filter": base64} or {"error": text}). The library
does the work; this script only follows the order of calls of a runtime: a rule with the default action is left out,
unknown names are ignored, an argument named twice makes alternatives.
"""
import base64
import json
import os
import signal
import sys
import tempfile

import seccomp

NATIVE = seccomp.Arch()


def signed(action):
    """The binding takes the unsigned 32 bits of an action as a C int."""
    return action - (1 << 32) if action >> 31 else action


def arch(name):
    return seccomp.Arch(name.removeprefix("SCMP_ARCH_").lower())


def build(profile):
    rules = seccomp.SyscallFilter(signed(profile["default"]))
    native, *others = profile["architectures"]
    if int(arch(native)) != int(NATIVE):
        rules.remove_arch(NATIVE)
        rules.add_arch(arch(native))
    for name in others:
        rules.add_arch(arch(name))
    if profile["tree"]:
        rules.set_attr(seccomp.Attr.CTL_OPTIMIZE, 2)
    for rule in profile["rules"]:
        if rule["action"] != profile["default"]:
            add(rules, rule)
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def add(rules, rule):
    args = [seccomp.Arg(a["index"], OPERATORS[a["op"]], int(a["value"]), int(a["two"])) for a in rule["args"]]
    indexes = [a["index"] for a in rule["args"]]
    repeated = len(set(indexes)) < len(indexes)
    for name in rule["names"]:
        if seccomp.resolve_syscall(NATIVE, name) == -1:
            continue
        for alternative in [[arg] for arg in args] if repeated else [args]:
            rules.add_rule(signed(rule["action"]), name, *alternative)


OPERATORS = {
    "SCMP_CMP_NE": seccomp.NE,
    "SCMP_CMP_LT": seccomp.LT,
    "SCMP_CMP_LE": seccomp.LE,
    "SCMP_CMP_EQ": seccomp.EQ,
    "SCMP_CMP_GE": seccomp.GE,
    "SCMP_CMP_GT": seccomp.GT,
    "SCMP_CMP_MASKED_EQ": seccomp.MASKED_EQ,
}


def answer(profile):
    """Asks in a child process: with many argument rules libseccomp 2.5 may crash, or never return."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        signal.alarm(2)
        with open(writer, "w") as out:
            json.dump(attempt(profile), out)
        os._exit(0)
    os.close(writer)
    with open(reader) as result:
        text = result.read()
    _, status = os.waitpid(child, 0)
    return json.loads(text) if status == 0 else {"error": f"died of signal {os.WTERMSIG(status)}"}


def attempt(profile):
    try:
        return {"filter": base64.b64encode(build(profile)).decode()}
    except (RuntimeError, ValueError, OSError, TypeError) as error:
        return {"error": f"{type(error).__name__}: {error}"}


json.dump([answer(profile) for profile in json.load(sys.stdin)], sys.stdout)
