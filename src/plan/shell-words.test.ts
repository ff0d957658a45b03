/** How values read: a shell must understand what is meant for one. */
import { execFileSync } from "node:child_process";
import { test } from "tap";
import {
  capabilityNames,
  excerpt,
  inRoot,
  mountWords,
  namespaceOptions,
  octal,
  propagationWord,
  quote,
  quoteAll,
  show,
} from "./shell-words.ts";

const AWKWARD = [
  "",
  "plain",
  "/a b",
  "it's",
  '"',
  "$HOME",
  "`id`",
  "\\",
  "a\nb",
  "*",
  "-n",
  "grün",
  "a;b",
  "!x",
  "~",
  "#",
];

test("a shell reads quoted words as they are", async (t) => {
  for (const word of AWKWARD) {
    const read = execFileSync("sh", ["-c", `printf '%s|' ${quoteAll([word, "end"])}`], { encoding: "utf8" });
    t.equal(read, `${word}|end|`, JSON.stringify(word));
  }
});

test("a shell fills slots in", async (t) => {
  for (const word of AWKWARD) {
    const text = [word, { slot: "pid" }, word] as const;
    const read = execFileSync("sh", ["-c", `pid=47; printf %s ${quote(text)}`], { encoding: "utf8" });
    t.equal(read, `${word}47${word}`, JSON.stringify(word));
  }
});

test("people read slots as variables", async (t) => {
  t.equal(show("a b"), "a b");
  t.equal(show(["/proc/", { slot: "pid" }, "/x"]), "/proc/$pid/x");
  t.equal(inRoot("/a b"), `"$ROOT"'/a b'`);
});

test("long words are cut, and stay words", async (t) => {
  const cut = excerpt(`it's ${"x".repeat(500)}`);
  t.ok(cut.length < 100);
  t.match(cut, /^'.*…'$/);
  t.equal(excerpt("short"), "short");
});

test("modes", async (t) => {
  t.equal(octal(0o7), "0007");
  t.equal(octal(0o1777), "1777");
});

test("namespaces as options of unshare(1)", async (t) => {
  t.equal(namespaceOptions(["CLONE_NEWNS", "CLONE_NEWNET"]), " --mount --net");
  t.equal(namespaceOptions(["CLONE_NEWTIME"], "=/dev/fd/3"), " --time=/dev/fd/3");
  t.equal(namespaceOptions(["CLONE_PARENT"]), "");
});

test("capabilities", async (t) => {
  t.same(capabilityNames(0), []);
  t.same(capabilityNames(0x21n), ["chown", "kill"]);
  t.same(capabilityNames((1n << 64n) - 1n), ["all"]);
});

const MOUNTS = [
  [["MS_RDONLY", "MOUNT_ATTR_RDONLY"], [], ["ro"]],
  [["MS_SYNCHRONOUS", "MOUNT_ATTR_NOSUID"], ["MOUNT_ATTR_RDONLY"], ["sync", "nosuid", "rw"]],
  [["MOUNT_ATTR_NOATIME"], ["MOUNT_ATTR__ATIME"], ["noatime"]],
  [[], ["MOUNT_ATTR__ATIME"], ["relatime"]],
] as const;

test("flags and attributes as options of mount(8)", async (t) => {
  for (const [set, clear, words] of MOUNTS) t.same(mountWords(set, clear), words);
  t.equal(propagationWord(["MS_REC", "MS_SLAVE"]), "rslave");
  t.equal(propagationWord(["MS_SHARED"]), "shared");
  t.equal(propagationWord(["MS_SHARED"], true), "rshared");
});
