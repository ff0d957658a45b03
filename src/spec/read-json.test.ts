import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { type ErrorCode, TsociError } from "../base/errors.ts";
import { MAX_BYTES, parseJson, readText } from "./read-json.ts";

/** What a call throws must be a TsociError of one line. */
function failure(call: () => unknown): { code: ErrorCode; message: string } {
  try {
    call();
  } catch (error) {
    if (error instanceof TsociError && !error.message.includes("\n"))
      return { code: error.code, message: error.message };
    throw error;
  }
  return { code: "plan", message: "nothing was thrown" };
}

t.test("files that can't be read", async (t) => {
  const directory = t.testdir({ "config.json": "{}", folder: {} });
  t.equal(readText(join(directory, "config.json")), "{}");
  const missing = { code: "file", message: "JSON specification file config.json not found" };
  t.same(
    failure(() => readText(join(directory, "folder/config.json"))),
    missing,
  );
  const file = join(directory, "process.json");
  t.same(
    failure(() => readText(file)),
    { code: "file", message: `can't read ${file}: no such file or directory` },
  );
  t.match(
    failure(() => readText(join(directory, "folder"))),
    { code: "file", message: /folder: is a directory$/ },
  );
  t.match(
    failure(() => readText(join(directory, "config.json/x"))),
    { code: "file", message: /: not a directory$/ },
  );
  t.match(
    failure(() => readText(`${directory}/${"x".repeat(300)}`)),
    { code: "file", message: /: file name too long$/ },
  );
});

t.test("what is no regular file is not opened", async (t) => {
  const file = join(t.testdir(), "config.json");
  execFileSync("mkfifo", [file]);
  t.same(
    failure(() => readText(file)),
    { code: "file", message: `can't read ${file}: config.json is a FIFO, not a regular file` },
  );
  t.match(
    failure(() => readText("/dev/zero")),
    { message: /zero is a character device, not a regular file$/ },
  );
});

t.test("a file of the greatest size, and one byte more", async (t) => {
  const file = join(t.testdir(), "config.json");
  writeFileSync(file, Buffer.alloc(MAX_BYTES, " "));
  t.equal(readText(file).length, MAX_BYTES);
  writeFileSync(file, Buffer.alloc(MAX_BYTES + 1, " "));
  t.same(
    failure(() => readText(file)),
    { code: "file", message: "config.json is larger than 16 MiB" },
  );
  t.match(
    failure(() => readText("/dev/zero", "streams")),
    { code: "file", message: "zero is larger than 16 MiB" },
  );
});

t.test("bytes that are not UTF-8", async (t) => {
  const file = join(t.testdir(), "config.json");
  const write = (...bytes: number[]) => writeFileSync(file, Buffer.from([0x22, 0x0a, ...bytes, 0x22]));
  for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf5, 0x80, 0x80, 0x80]]) {
    write(...bytes);
    t.same(
      failure(() => readText(file)),
      { code: "json", message: "not UTF-8 (config.json:2:1)" },
      String(bytes),
    );
  }
  write(0xc3, 0xa9, 0xef, 0xbf, 0xbd);
  t.equal(readText(file), '"\né\ufffd"');
  writeFileSync(file, "\ufeff{}");
  const message = "a byte order mark is not allowed in JSON (config.json:1:1)";
  t.same(
    failure(() => readText(file)),
    { code: "json", message },
  );
});

t.test("text that is not JSON", async (t) => {
  const fails = (text: string) => failure(() => parseJson(text, "config.json"));
  t.same(fails(""), { code: "json", message: "config.json is empty" });
  t.same(fails(" \n"), { code: "json", message: "config.json is empty" });
  const message = 'expected "," or "}", found the end of the file (config.json:2:8)';
  t.same(fails('{\n  "a":1'), { code: "json", message });
  t.same(parseJson('{"a":1,"a":2}', "config.json"), { a: 2 });
  t.equal(fails("[".repeat(100_000)).code, "json");
});
