/** Terminals: podman gets them by way of conmon's console socket. */
import assert from "node:assert/strict";
import { IMAGE } from "../caller.ts";
import type { Check } from "../verdict.ts";

// The window has no size until podman has told conmon.
const TALK =
  'tty; until [ "$size" ]; do size=$(stty size 2>/dev/null); done; echo $size; echo ready; while read x; do echo got $x; [ $x = end ] && exit 9; done';

export const TERMINALS: readonly Check[] = [
  {
    name: "run -it: typing, window size, exit status",
    body: async (podman) => {
      const person = await podman.terminal(["run", "--rm", "-it", ...podman.flags(), IMAGE, "sh", "-c", TALK]);
      await person.says(/\/dev\/pts\/0\r\n24 80\r\nready\r\n/);
      person.type("something\r");
      await person.says(/something\r\ngot something\r\n/);
      person.type("end\r");
      assert.equal(await person.ended(), 9);
      assert.match(person.output(), /\[settings restored\]/);
    },
  },
  {
    name: "run -it: control-C, and a window that grows",
    body: async (podman) => {
      const script =
        "trap 'stty size' WINCH; trap 'echo interrupted; exit 3' INT; echo ready; while :; do sleep 0.1; done";
      const person = await podman.terminal(["run", "--rm", "-it", ...podman.flags(), IMAGE, "sh", "-c", script]);
      await person.says("ready");
      person.signal("SIGUSR1");
      await person.says("25 81\r\n");
      person.type("\u0003");
      await person.says("interrupted");
      assert.equal(await person.ended(), 3);
    },
  },
  {
    name: "exec -it: typing, window size, exit status",
    body: async (podman) => {
      const name = await podman.background();
      const person = await podman.terminal(["exec", "-it", name, "sh", "-c", TALK]);
      await person.says(/24 80\r\nready\r\n/);
      person.type("end\r");
      await person.says("got end");
      assert.equal(await person.ended(), 9);
      assert.match(person.output(), /\/dev\/pts\/0\r\n/);
    },
  },
  {
    name: "run -dt, attach",
    body: async (podman) => {
      const name = podman.name();
      await podman.ok(["run", "-dit", "--name", name, ...podman.flags(), IMAGE, "sh", "-c", TALK]);
      const person = await podman.terminal(["attach", name]);
      person.type("word\r");
      await person.says("got word");
      person.type("end\r");
      // attach itself says 0 when it sees the terminal's end before the container's.
      await person.ended();
      assert.equal(await podman.wait(name), 9);
    },
  },
  {
    name: "run -t --user: the terminal is the user's",
    body: async (podman) => {
      const outcome = await podman.run(
        ["-t", "--user", "1000:1000"],
        ["sh", "-c", "stat -c %u $(tty); echo x >$(tty)"],
      );
      assert.deepEqual(outcome, { code: 0, stdout: "1000\r\nx\r\n", stderr: "" });
    },
  },
];
