/** process.capabilities: names to masks, and what is said about names that can't be granted. */
import { test } from "tap";
import { grantCapabilities } from "./capabilities.ts";

const ALL = (1n << 64n) - 1n;
const KILL = 1n << 5n;
const CHOWN = 1n;

test("each set is a mask", async (t) => {
  const { sets, warnings } = grantCapabilities(
    {
      bounding: ["CAP_CHOWN", "CAP_KILL"],
      permitted: ["CAP_CHOWN", "CAP_KILL"],
      effective: ["CAP_KILL"],
      inheritable: ["CAP_KILL"],
      ambient: ["CAP_KILL"],
    },
    "/process",
    ALL,
  );
  t.same(warnings, []);
  t.same(sets, {
    bounding: CHOWN | KILL,
    permitted: CHOWN | KILL,
    effective: KILL,
    inheritable: KILL,
    ambient: KILL,
  });
});

test("without capabilities there are none", async (t) => {
  const { sets, warnings } = grantCapabilities(undefined, "/process", ALL);
  t.same(warnings, []);
  t.same(new Set(Object.values(sets)), new Set([0n]));
});

test("the last capability is bit 40", async (t) => {
  const { sets } = grantCapabilities({ permitted: ["CAP_CHECKPOINT_RESTORE"] }, "", ALL);
  t.equal(sets.permitted, 1n << 40n);
});

const LEFT_OUT = [
  {
    name: "unknown names",
    given: { bounding: ["CAP_KILL", "CAP_MOON"] },
    available: ALL,
    says: '/process/capabilities/bounding/1: unknown capability "CAP_MOON" is left out',
  },
  {
    name: "what the runtime has not",
    given: { permitted: ["CAP_KILL"] },
    available: ALL & ~KILL,
    says: "/process/capabilities/permitted/0: CAP_KILL can't be granted: the runtime does not have it",
  },
  {
    name: "effective ones that are not permitted",
    given: { effective: ["CAP_KILL"] },
    available: ALL,
    says: "/process/capabilities/effective/0: CAP_KILL can't be granted: not in permitted",
  },
  {
    name: "ambient ones that are not inheritable",
    given: { permitted: ["CAP_KILL"], ambient: ["CAP_KILL"] },
    available: ALL,
    says: "/process/capabilities/ambient/0: CAP_KILL can't be granted: not in permitted and inheritable",
  },
] as const;

for (const { name, given, available, says } of LEFT_OUT) {
  test(`left out with a warning: ${name}`, async (t) => {
    const { warnings } = grantCapabilities(given, "/process", available);
    const from = says.slice(0, says.indexOf(": "));
    t.same(warnings, [{ op: "warn", from, message: says }]);
  });
}
